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
"""Counts or area proportions, shape (..., classes, classes), rows = map, columns = reference; figures of a stack of
tables come out as a stack."""


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
        map_pixels: pixels (or sample points) that the map gives the class.
        reference_pixels: those that the reference gives the class (support).
        correct_pixels: those that both give the class.
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
        pixels: number of pixels (or sample points) compared.
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


def overall_accuracy(counts: Table) -> FloatArray:
    """Return the share of pixels on the diagonal, 0-1; NaN without pixels."""
    return _ratio(_agreed(counts).sum(axis=-1), _total(counts))


def precision(counts: Table) -> FloatArray:
    """Return user's accuracy by class, 0-1, shape (..., classes); NaN for a class that the map never shows."""
    return _ratio(_agreed(counts), _rows(counts))


def recall(counts: Table) -> FloatArray:
    """Return producer's accuracy by class, 0-1, shape (..., classes); NaN for one that the reference never shows."""
    return _ratio(_agreed(counts), _columns(counts))


def f1_score(counts: Table) -> FloatArray:
    """Return F1 by class, 0-1, shape (..., classes); NaN for a class that neither shows."""
    return _ratio(2 * _agreed(counts), _columns(counts) + _rows(counts))


def intersection_over_union(counts: Table) -> FloatArray:
    """Return the Jaccard index by class, 0-1, shape (..., classes); NaN for a class that neither shows."""
    both = _agreed(counts)
    return _ratio(both, _columns(counts) + _rows(counts) - both)


def kappa(counts: Table) -> FloatArray:
    """Return Cohen's kappa (Cohen 1960, https://doi.org/10.1177/001316446002000104).

    Agreement beyond what the two class distributions would give by chance, -1 to 1; NaN when chance alone explains
    everything (one class in both) or without pixels.
    """
    by_chance = _by_chance(_shares(counts))
    return _ratio(overall_accuracy(counts) - by_chance, 1.0 - by_chance)


def matthews(counts: Table) -> FloatArray:
    """Return Matthews' correlation coefficient for any number of classes, -1 to 1.

    Gorodkin 2004, https://doi.org/10.1016/j.compbiolchem.2004.09.006; with two classes that of Matthews 1975,
    https://doi.org/10.1016/0005-2795(75)90109-9. NaN if the map or the reference shows one class only.
    """
    shares = _shares(counts)
    rows, columns = _rows(shares), _columns(shares)
    spread = (1.0 - (rows * rows).sum(axis=-1)) * (1.0 - (columns * columns).sum(axis=-1))
    return _ratio(_agreed(shares).sum(axis=-1) - _by_chance(shares), np.sqrt(np.maximum(spread, 0.0)))


def micro_iou(counts: Table) -> FloatArray:
    """Return the intersection over union of all classes' pixels pooled, 0-1; NaN without pixels."""
    agreed = _agreed(counts).sum(axis=-1)
    return _ratio(agreed, 2 * _total(counts) - agreed)


def quantity_disagreement(counts: Table) -> FloatArray:
    """Return the share of pixels that differ because the class totals do, 0-1; NaN without pixels.

    Pontius and Millones 2011, https://doi.org/10.1080/01431161.2011.552923, equations 2 and 3.
    """
    return _ratio(np.abs(_columns(counts) - _rows(counts)).sum(axis=-1) / 2, _total(counts))


def allocation_disagreement(counts: Table) -> FloatArray:
    """Return the share of pixels that differ although the class totals agree, 0-1; NaN without pixels.

    Pontius and Millones 2011, equations 4 and 5: of each class the smaller of commission and omission, summed.
    """
    agreed = _agreed(counts)
    smaller = np.minimum(_columns(counts) - agreed, _rows(counts) - agreed)
    return _ratio(smaller.sum(axis=-1), _total(counts))


def exchange(counts: Table) -> FloatArray:
    """Return the share of pixels in pairs that swapped their classes, 0-1; NaN without pixels.

    Pontius and Santacruz 2014, https://doi.org/10.1080/2150704X.2014.969814. What is left of the allocation
    disagreement is shift.
    """
    swapped = np.minimum(counts, np.swapaxes(counts, -1, -2))
    return _ratio(_total(swapped) - _agreed(counts).sum(axis=-1), _total(counts))


def macro_mean(figures: FloatArray, counts: Table) -> FloatArray:
    """Return the plain mean of a figure over the classes present in the reference.

    Args:
        figures: one number a class, shape (..., classes). An undefined one is left out.
        counts: shape (..., classes, classes).
    """
    chosen = (_columns(counts) > 0) & ~np.isnan(figures)
    return _ratio(np.where(chosen, figures, 0.0).sum(axis=-1), chosen.sum(axis=-1))


def weighted_mean(figures: FloatArray, counts: Table) -> FloatArray:
    """Return the mean of a figure weighted by the classes' pixels in the reference; see `macro_mean`."""
    weights = np.where(np.isnan(figures), 0, _columns(counts))
    return _ratio((np.nan_to_num(figures) * weights).sum(axis=-1), weights.sum(axis=-1))


def class_figures(matrix: ConfusionMatrix, table: Table | None = None) -> tuple[ClassFigures, ...]:
    """Return the figures of each class, in the order of the legend.

    Args:
        matrix: what was counted.
        table: estimated shares of the area to compute the figures from, in place of the counts.
    """
    counts = matrix.counts if table is None else table
    whole = zip(matrix.map_pixels.tolist(), matrix.reference_pixels.tolist(), np.diag(matrix.counts).tolist())
    shares = zip(*class_values(counts).values())
    return tuple(ClassFigures(*numbers, *map(_defined, values)) for numbers, values in zip(whole, shares))


def headline_figures(matrix: ConfusionMatrix, table: Table | None = None) -> HeadlineFigures:
    """Return the figures over all classes; see `class_figures`."""
    values = headline_values(matrix.counts if table is None else table)
    return HeadlineFigures(pixels=matrix.pixels, **{name: _defined(value) for name, value in values.items()})


def headline_values(counts: Table) -> dict[str, FloatArray]:
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


def class_values(counts: Table) -> dict[str, FloatArray]:
    """Return the figures of `ClassFigures` by name, but for the numbers of pixels; shape (..., classes) each."""
    return {
        "precision": precision(counts),
        "recall": recall(counts),
        "f1": f1_score(counts),
        "iou": intersection_over_union(counts),
    }


def _agreed(counts: Table) -> NDArray[Any]:
    return np.asarray(np.diagonal(counts, axis1=-2, axis2=-1))


def _rows(counts: Table) -> NDArray[Any]:
    return np.asarray(counts.sum(axis=-1))


def _columns(counts: Table) -> NDArray[Any]:
    return np.asarray(counts.sum(axis=-2))


def _total(counts: Table) -> NDArray[Any]:
    return np.asarray(counts.sum(axis=(-2, -1)))


def _shares(counts: Table) -> FloatArray:
    return _ratio(counts, _total(counts)[..., np.newaxis, np.newaxis])


def _by_chance(shares: FloatArray) -> FloatArray:
    return np.asarray((_rows(shares) * _columns(shares)).sum(axis=-1))


def _ratio(part: NDArray[Any] | float, whole: NDArray[Any] | float) -> FloatArray:
    """Divide; zero denominators give NaN without a warning. Single numbers come out as such."""
    part, whole = np.broadcast_arrays(np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64))
    result = np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole != 0)
    scalar_or_array: FloatArray = result[()]
    return scalar_or_array


def _defined(value: FloatArray) -> float | None:
    return None if np.isnan(value) else float(value)
