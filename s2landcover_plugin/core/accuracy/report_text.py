# SPDX-License-Identifier: GPL-2.0-or-later
"""The accuracy report's explanations."""

from __future__ import annotations

from ..pages.text import UNDEFINED

TERMS = (
    ("Overall accuracy", "Share of the compared pixels on which map and reference agree."),
    (
        "User’s accuracy",
        "Precision. Of the pixels that the map gives a class, the share that the reference gives it too. "
        "What is missing to 100 % is commission: the class is mapped where it is not.",
    ),
    (
        "Producer’s accuracy",
        "Recall. Of the pixels that the reference gives a class, the share that the map gives it too. "
        "What is missing to 100 % is omission: the class is there and not mapped.",
    ),
    ("F1", "Harmonic mean of user’s and producer’s accuracy; the same number as the Dice coefficient."),
    ("IoU", "Intersection over union: pixels that both give the class, out of pixels that either gives it (Jaccard)."),
    (
        "Macro F1, mean IoU",
        "Plain means over the classes present in the reference, so that a rare class counts as much as a common one.",
    ),
    (
        "Kappa",
        "Cohen’s kappa: agreement beyond what two maps with these class shares would reach by chance, 1 at best. "
        "Given for comparison with older work; it is a poor measure of a map’s accuracy (Foody 2020).",
    ),
    (UNDEFINED, "Undefined: there is no pixel to divide by. It is not zero, and averages leave it out."),
)

CAVEATS = (
    "Every pixel that has a class in both rasters was compared. The figures say how far the two rasters agree, and "
    "they are the map’s accuracy only as far as the reference is right, in place and in date.",
    "This is a wall-to-wall comparison and not an estimate from a sample: no standard error or confidence interval "
    "belongs to it, and the number of pixels does not make it more certain, since neighbouring pixels repeat each "
    "other. If the reference covers only a part of the map, nothing follows for the rest. The pixel counts per class "
    "are not estimates of area either, as they carry the map’s errors.",
    "For a statement about the map as a whole, with intervals, label a probability sample of points and use the "
    "estimators that belong to its design (Olofsson et al. 2014).",
)

SOURCES = (
    (
        "Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and Psychological Measurement "
        "20, 37–46.",
        "https://doi.org/10.1177/001316446002000104",
    ),
    (
        "Foody, G. M. (2020). Explaining the unsuitability of the kappa coefficient in the assessment and comparison "
        "of the accuracy of thematic maps obtained by image classification. Remote Sensing of Environment 239, 111630.",
        "https://doi.org/10.1016/j.rse.2019.111630",
    ),
    (
        "Olofsson, P., Foody, G. M., Herold, M., Stehman, S. V., Woodcock, C. E., Wulder, M. A. (2014). Good practices "
        "for estimating area and assessing accuracy of land change. Remote Sensing of Environment 148, 42–57.",
        "https://doi.org/10.1016/j.rse.2014.02.015",
    ),
)
