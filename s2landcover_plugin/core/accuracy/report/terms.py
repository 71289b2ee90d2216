# SPDX-License-Identifier: GPL-2.0-or-later
"""The report's explanations."""

from __future__ import annotations

from ...pages.text import UNDEFINED
from ..result import Kind

TERMS = (
    ("Overall accuracy", "Share of what was compared on which map and reference agree."),
    (
        "User’s accuracy",
        "Precision. Of what the map gives a class, the share that the reference gives it too. "
        "What is missing to 100 % is commission: the class is mapped where it is not.",
    ),
    (
        "Producer’s accuracy",
        "Recall. Of what the reference gives a class, the share that the map gives it too. "
        "What is missing to 100 % is omission: the class is there and not mapped.",
    ),
    ("F1", "Harmonic mean of user’s and producer’s accuracy; the same number as the Dice coefficient."),
    ("IoU", "Intersection over union: where both give the class, out of where either gives it (Jaccard)."),
    (
        "Macro, weighted, micro",
        "Means over the classes present in the reference: plain, so that a rare class counts as much as a common one; "
        "weighted by how common they are; and all classes pooled.",
    ),
    ("Composite", "Mean of the overall accuracy and the mean intersection over union."),
    (
        "Quantity and allocation disagreement",
        "What is missing to an overall accuracy of 100 %, in two parts: the classes’ totals differ, and classes are in "
        "the wrong place. The latter is exchange where two classes swap, and shift elsewhere.",
    ),
    (
        "Kappa",
        "Cohen’s kappa: agreement beyond what two maps with these class shares would reach by chance, 1 at best. "
        "Given for comparison with older work; it is a poor measure of a map’s accuracy (Foody 2020).",
    ),
    ("Matthews", "Correlation of map and reference, 1 at best; like kappa, and symmetric."),
    (UNDEFINED, "Undefined: there is nothing to divide by. It is not zero, and averages leave it out."),
)

_ONLY_AS_RIGHT = (
    "The figures say how far map and reference agree, and they are the map’s accuracy only as far as the reference is "
    "right, in place and in date."
)
_NO_SAMPLE = (
    "This is no estimate from a sample: no standard error belongs to it, and the number of pixels does not make it "
    "more certain, since neighbouring pixels repeat each other. The pixel counts per class are not estimates of area "
    "either, as they carry the map’s errors."
)
_BLOCKS = (
    "The intervals say how much the figures would vary if the ground had been made up of other blocks like these. They "
    "are no confidence intervals of the map’s accuracy, and blocks smaller than the patches in which errors come make "
    "them too narrow."
)
_ADVICE = (
    "For a statement about the map as a whole, with confidence intervals, label a probability sample of points and use "
    "the estimators that belong to its design (Olofsson et al. 2014)."
)
_CAVEATS = {
    Kind.PIXELS: (
        "Every pixel that has a class in both rasters was compared. " + _ONLY_AS_RIGHT,
        _NO_SAMPLE + " If the reference covers only a part of the map, nothing follows for the rest.",
        _ADVICE,
    ),
    Kind.POLYGONS: (
        "Every pixel whose centre lies in a polygon was compared; where polygons overlap, the later one counts. "
        + _ONLY_AS_RIGHT,
        _NO_SAMPLE + " Polygons that somebody chose show clear cases more often than chance would, and the pixels in "
        "one repeat each other: nothing follows for the rest of the map.",
        _ADVICE,
    ),
    Kind.SAMPLE: (
        "Accuracies and areas are estimates from a probability sample for all pixels of the map. " + _ONLY_AS_RIGHT,
        "The 95 % confidence intervals cover the chance of the draw, and neither wrong labels nor points that could "
        "not be labelled. With few points in a class, its interval is rough. Figures without an interval are computed "
        "from the same estimated area proportions.",
        "Areas are estimates of what is really there, and not counts of mapped pixels, which carry the map’s errors.",
    ),
    Kind.POINTS: (
        "Every labelled point on the map was compared, and each counts the same. " + _ONLY_AS_RIGHT,
        "The points are not known to have been drawn at random. The figures describe these points; nothing follows for "
        "the map as a whole, and no confidence interval or area can be given.",
        _ADVICE,
    ),
}


def caveats(kind: Kind, has_blocks: bool) -> tuple[str, ...]:
    """Return what figures of a kind are, and what they are not; `has_blocks` if there are intervals from blocks."""
    return (*_CAVEATS[kind][:2], *([_BLOCKS] if has_blocks else []), *_CAVEATS[kind][2:])
