# SPDX-License-Identifier: GPL-2.0-or-later
"""Agreement between a map and a reference: counts first, every figure a pure function of the counts.

Counts are a square array: **row = class on the map, column = class in the reference**, as in Olofsson et al. (2014,
https://doi.org/10.1016/j.rse.2014.02.015). A figure whose denominator is zero is undefined: NaN in an array, None in a
dataclass, never zero. `docs/accuracy.md` says what each figure means.

Estimated area proportions (`core.accuracy.estimation`) can stand in for counts: no figure depends on their sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Union

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..legend import Legend

Counts = NDArray[np.int64]
FloatArray = NDArray[np.float64]
Table = Union[Counts, FloatArray]
"""Counts or area proportions, shape (classes, classes), rows = map, columns = reference."""


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
        weighted_iou: mean intersection over union weighted by the classes' pixels in the reference, 0-1.
        micro_iou: intersection over union of all classes' pixels pooled, 0-1. Pooled precision, recall and F1 all equal
            the overall accuracy.
        composite: mean of the overall accuracy and the mean intersection over union, 0-1.
        matthews: Matthews' correlation coefficient for several classes, -1 to 1.
        quantity_disagreement: share of pixels on which the two differ because their class totals do, 0-1.
        allocation_disagreement: the rest of what they differ in, which is classes in the wrong place, 0-1.
        exchange: part of the allocation disagreement in which two classes swap places, 0-1.
        shift: the rest of the allocation disagreement, 0-1.
    """

    pixels: int
    overall_accuracy: float | None
    kappa: float | None
    macro_f1: float | None
    weighted_f1: float | None
    mean_iou: float | None
    macro_precision: float | None
    macro_recall: float | None
    weighted_iou: float | None
    micro_iou: float | None
    composite: float | None
    matthews: float | None
    quantity_disagreement: float | None
    allocation_disagreement: float | None
    exchange: float | None
    shift: float | None


def overall_accuracy(counts: Table) -> float:
    """Return the share of pixels on the diagonal, 0-1; NaN without pixels."""
    return float(_ratio(np.trace(counts), counts.sum()))


def precision(counts: Table) -> FloatArray:
    """Return user's accuracy by class, 0-1, shape (classes,); NaN for a class that the map never shows."""
    return _ratio(np.diag(counts), counts.sum(axis=1))


def recall(counts: Table) -> FloatArray:
    """Return producer's accuracy by class, 0-1, shape (classes,); NaN for a class that the reference never shows."""
    return _ratio(np.diag(counts), counts.sum(axis=0))


def f1_score(counts: Table) -> FloatArray:
    """Return F1 by class, 0-1, shape (classes,); NaN for a class that neither shows."""
    return _ratio(2 * np.diag(counts), counts.sum(axis=0) + counts.sum(axis=1))


def intersection_over_union(counts: Table) -> FloatArray:
    """Return the Jaccard index by class, 0-1, shape (classes,); NaN for a class that neither shows."""
    both = np.diag(counts)
    return _ratio(both, counts.sum(axis=0) + counts.sum(axis=1) - both)


def kappa(counts: Table) -> float:
    """Return Cohen's kappa (Cohen 1960, https://doi.org/10.1177/001316446002000104).

    Agreement beyond what the two class distributions would give by chance, -1 to 1; NaN when chance alone explains
    everything (one class in both) or without pixels.
    """
    total = counts.sum()
    rows, columns = _ratio(counts.sum(axis=1), total), _ratio(counts.sum(axis=0), total)
    by_chance = float(rows @ columns)
    return float(_ratio(overall_accuracy(counts) - by_chance, 1.0 - by_chance))


def matthews(counts: Table) -> float:
    """Return Matthews' correlation coefficient for any number of classes, -1 to 1.

    Gorodkin 2004, https://doi.org/10.1016/j.compbiolchem.2004.09.006; with two classes that of Matthews 1975,
    https://doi.org/10.1016/0005-2795(75)90109-9. NaN if the map or the reference shows one class only.
    """
    shares = _ratio(counts, counts.sum())
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    spread = (1.0 - float(rows @ rows)) * (1.0 - float(columns @ columns))
    return float(_ratio(float(np.trace(shares)) - float(rows @ columns), np.sqrt(max(spread, 0.0))))


def micro_iou(counts: Table) -> float:
    """Return the intersection over union of all classes' pixels pooled, 0-1; NaN without pixels."""
    agreed = np.trace(counts)
    return float(_ratio(agreed, 2 * counts.sum() - agreed))


def quantity_disagreement(counts: Table) -> float:
    """Return the share of pixels that differ because the class totals do, 0-1; NaN without pixels.

    Pontius and Millones 2011, https://doi.org/10.1080/01431161.2011.552923, equations 2 and 3.
    """
    return float(_ratio(np.abs(counts.sum(axis=0) - counts.sum(axis=1)).sum() / 2, counts.sum()))


def allocation_disagreement(counts: Table) -> float:
    """Return the share of pixels that differ although the class totals agree, 0-1; NaN without pixels.

    Pontius and Millones 2011, equations 4 and 5: of each class the smaller of commission and omission, summed.
    """
    agreed = np.diag(counts)
    smaller = np.minimum(counts.sum(axis=0) - agreed, counts.sum(axis=1) - agreed)
    return float(_ratio(smaller.sum(), counts.sum()))


def exchange(counts: Table) -> float:
    """Return the share of pixels in pairs that swapped their classes, 0-1; NaN without pixels.

    Pontius and Santacruz 2014, https://doi.org/10.1080/2150704X.2014.969814. What is left of the allocation
    disagreement is shift.
    """
    swapped = np.minimum(counts, counts.T)
    return float(_ratio(swapped.sum() - np.trace(counts), counts.sum()))


def macro_mean(figures: FloatArray, counts: Table) -> float:
    """Return the plain mean of a figure over the classes present in the reference.

    Args:
        figures: one number a class, shape (classes,). An undefined one is left out.
        counts: shape (classes, classes).
    """
    chosen = (counts.sum(axis=0) > 0) & ~np.isnan(figures)
    return float(_ratio(figures[chosen].sum(), chosen.sum()))


def weighted_mean(figures: FloatArray, counts: Table) -> float:
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
    return HeadlineFigures(
        pixels=matrix.pixels, **{name: _defined(value) for name, value in headline_values(matrix.counts).items()}
    )


def headline_values(counts: Table) -> dict[str, float]:
    """Return the figures of `HeadlineFigures` by name, but for the number of pixels; NaN where undefined."""
    f1, iou = f1_score(counts), intersection_over_union(counts)
    overall, mean_iou = overall_accuracy(counts), macro_mean(iou, counts)
    allocation, swapped = allocation_disagreement(counts), exchange(counts)
    return {
        "overall_accuracy": overall,
        "kappa": kappa(counts),
        "macro_f1": macro_mean(f1, counts),
        "weighted_f1": weighted_mean(f1, counts),
        "mean_iou": mean_iou,
        "macro_precision": macro_mean(precision(counts), counts),
        "macro_recall": macro_mean(recall(counts), counts),
        "weighted_iou": weighted_mean(iou, counts),
        "micro_iou": micro_iou(counts),
        "composite": (overall + mean_iou) / 2,
        "matthews": matthews(counts),
        "quantity_disagreement": quantity_disagreement(counts),
        "allocation_disagreement": allocation,
        "exchange": swapped,
        "shift": allocation - swapped,
    }


def _ratio(part: NDArray[Any] | float, whole: NDArray[Any] | float) -> FloatArray:
    """Divide; zero denominators give NaN without a warning."""
    part, whole = np.broadcast_arrays(np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64))
    return np.asarray(np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole != 0))


def _defined(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
