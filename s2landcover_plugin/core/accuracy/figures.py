# SPDX-License-Identifier: GPL-2.0-or-later
"""Agreement between a map and a reference: counts first, every figure a pure function of the counts.

Counts are a square array: **row = class on the map, column = class in the reference**, as in Olofsson et al. (2014,
https://doi.org/10.1016/j.rse.2014.02.015). A figure whose denominator is zero is undefined: NaN in an array, None in a
dataclass, never zero. `docs/accuracy.md` says what each figure means.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..legend import Legend

Counts = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ConfusionMatrix:
    """How often each class of the map met each class of the reference.

    Attributes:
        legend: the classes, in the order of the rows and columns.
        counts: pixels, int64, shape (classes, classes); rows are the map, columns the reference. Read-only.
    """

    legend: Legend
    counts: Counts

    def __post_init__(self) -> None:
        counts = np.array(self.counts, dtype=np.int64)
        if counts.shape != (len(self.legend), len(self.legend)):
            raise InputError(f"A confusion matrix of {len(self.legend)} classes cannot have the shape {counts.shape}.")
        if (counts < 0).any():
            raise InputError("A confusion matrix cannot hold negative counts.")
        counts.flags.writeable = False
        object.__setattr__(self, "counts", counts)

    @property
    def pixels(self) -> int:
        """Number of pixels compared."""
        return int(self.counts.sum())

    @property
    def map_pixels(self) -> Counts:
        """Pixels of each class on the map, shape (classes,)."""
        return np.asarray(self.counts.sum(axis=1))

    @property
    def reference_pixels(self) -> Counts:
        """Pixels of each class in the reference (the support), shape (classes,)."""
        return np.asarray(self.counts.sum(axis=0))


@dataclass(frozen=True)
class ClassFigures:
    """Agreement in one class; figures are 0-1, None where undefined.

    Attributes:
        map_pixels: pixels that the map gives the class.
        reference_pixels: pixels that the reference gives the class (support).
        correct_pixels: pixels that both give the class.
        precision: user's accuracy: of the pixels mapped as this class, the share that are it. 1 - commission error.
        recall: producer's accuracy: of the pixels that are this class, the share mapped as it. 1 - omission error.
        f1: harmonic mean of the two (the Dice coefficient).
        iou: intersection over union (the Jaccard index).
    """

    map_pixels: int
    reference_pixels: int
    correct_pixels: int
    precision: float | None
    recall: float | None
    f1: float | None
    iou: float | None


@dataclass(frozen=True)
class HeadlineFigures:
    """Agreement over all classes; None where undefined.

    Attributes:
        pixels: number of pixels compared.
        overall_accuracy: share of pixels on which map and reference agree, 0-1.
        kappa: Cohen's kappa, -1 to 1.
        macro_f1: mean F1 over the classes present in the reference, 0-1.
        weighted_f1: mean F1 weighted by the classes' pixels in the reference, 0-1.
        mean_iou: mean intersection over union over the classes present in the reference, 0-1.
        macro_precision: mean user's accuracy over the classes present in the reference for which it is defined.
        macro_recall: mean producer's accuracy over the classes present in the reference (balanced accuracy), 0-1.
    """

    pixels: int
    overall_accuracy: float | None
    kappa: float | None
    macro_f1: float | None
    weighted_f1: float | None
    mean_iou: float | None
    macro_precision: float | None
    macro_recall: float | None


def overall_accuracy(counts: Counts) -> float:
    """Return the share of pixels on the diagonal, 0-1; NaN without pixels."""
    return float(_ratio(np.trace(counts), counts.sum()))


def precision(counts: Counts) -> FloatArray:
    """Return user's accuracy by class, 0-1, shape (classes,); NaN for a class that the map never shows."""
    return _ratio(np.diag(counts), counts.sum(axis=1))


def recall(counts: Counts) -> FloatArray:
    """Return producer's accuracy by class, 0-1, shape (classes,); NaN for a class that the reference never shows."""
    return _ratio(np.diag(counts), counts.sum(axis=0))


def f1_score(counts: Counts) -> FloatArray:
    """Return F1 by class, 0-1, shape (classes,); NaN for a class that neither shows."""
    return _ratio(2 * np.diag(counts), counts.sum(axis=0) + counts.sum(axis=1))


def intersection_over_union(counts: Counts) -> FloatArray:
    """Return the Jaccard index by class, 0-1, shape (classes,); NaN for a class that neither shows."""
    both = np.diag(counts)
    return _ratio(both, counts.sum(axis=0) + counts.sum(axis=1) - both)


def kappa(counts: Counts) -> float:
    """Return Cohen's kappa (Cohen 1960, https://doi.org/10.1177/001316446002000104).

    Agreement beyond what the two class distributions would give by chance, -1 to 1; NaN when chance alone explains
    everything (one class in both) or without pixels.
    """
    total = counts.sum()
    rows, columns = _ratio(counts.sum(axis=1), total), _ratio(counts.sum(axis=0), total)
    by_chance = float(rows @ columns)
    return float(_ratio(overall_accuracy(counts) - by_chance, 1.0 - by_chance))


def macro_mean(figures: FloatArray, counts: Counts) -> float:
    """Return the plain mean of a figure over the classes present in the reference.

    Args:
        figures: one number a class, shape (classes,). An undefined one is left out.
        counts: shape (classes, classes).
    """
    chosen = (counts.sum(axis=0) > 0) & ~np.isnan(figures)
    return float(_ratio(figures[chosen].sum(), chosen.sum()))


def weighted_mean(figures: FloatArray, counts: Counts) -> float:
    """Return the mean of a figure weighted by the classes' pixels in the reference; see `macro_mean`."""
    weights = np.where(np.isnan(figures), 0, counts.sum(axis=0))
    return float(_ratio((np.nan_to_num(figures) * weights).sum(), weights.sum()))


def class_figures(matrix: ConfusionMatrix) -> tuple[ClassFigures, ...]:
    """Return the figures of each class, in the order of the legend."""
    counts = matrix.counts
    whole = zip(matrix.map_pixels.tolist(), matrix.reference_pixels.tolist(), np.diag(counts).tolist())
    shares = zip(precision(counts), recall(counts), f1_score(counts), intersection_over_union(counts))
    return tuple(ClassFigures(*numbers, *map(_defined, values)) for numbers, values in zip(whole, shares))


def headline_figures(matrix: ConfusionMatrix) -> HeadlineFigures:
    """Return the figures over all classes."""
    counts = matrix.counts
    return HeadlineFigures(
        pixels=matrix.pixels,
        overall_accuracy=_defined(overall_accuracy(counts)),
        kappa=_defined(kappa(counts)),
        macro_f1=_defined(macro_mean(f1_score(counts), counts)),
        weighted_f1=_defined(weighted_mean(f1_score(counts), counts)),
        mean_iou=_defined(macro_mean(intersection_over_union(counts), counts)),
        macro_precision=_defined(macro_mean(precision(counts), counts)),
        macro_recall=_defined(macro_mean(recall(counts), counts)),
    )


def _ratio(part: FloatArray | Counts | float, whole: FloatArray | Counts | float) -> FloatArray:
    """Divide; zero denominators give NaN without a warning."""
    part, whole = np.broadcast_arrays(np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64))
    return np.asarray(np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole != 0))


def _defined(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
