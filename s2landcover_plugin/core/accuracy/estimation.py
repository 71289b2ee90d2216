# SPDX-License-Identifier: GPL-2.0-or-later
"""Accuracy and area from a probability sample: design-based estimators, their standard errors and intervals.

All of them are ratios of stratified totals (Stehman 2014, https://doi.org/10.1080/01431161.2014.930207, equations 2,
25, 27 and 28). Where the strata are the classes of the map they become the estimators of Olofsson et al. (2014,
https://doi.org/10.1016/j.rse.2014.02.015, equations 1 to 11); with one stratum those of a simple random sample. A
systematic sample is treated as a simple random one, which overstates its standard errors as a rule (Cochran 1977,
chapter 8).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .figures import Counts, FloatArray
from .sample import LabelledSample

Z95 = 1.96
"""Standard errors on either side of an estimate in a 95 % confidence interval, as Olofsson et al. (2014) write it."""


@dataclass(frozen=True)
class Estimate:
    """An estimated quantity.

    Attributes:
        value: the estimate; None where the sample has nothing to divide by.
        standard_error: in the same unit; None where it cannot be estimated.
    """

    value: float | None
    standard_error: float | None

    @property
    def half_width(self) -> float | None:
        """Half the width of the 95 % confidence interval."""
        return None if self.standard_error is None else Z95 * self.standard_error

    def interval(self, least: float = 0.0, greatest: float = math.inf) -> tuple[float, float] | None:
        """Return the 95 % confidence interval, cut to what the quantity can be; None without a standard error.

        Args:
            least: smallest value possible.
            greatest: largest value possible; 1 for a share.
        """
        if self.value is None or self.half_width is None:
            return None
        return max(least, self.value - self.half_width), min(greatest, self.value + self.half_width)

    def times(self, factor: float) -> Estimate:
        """Return the estimate in another unit, such as a share in hectares."""
        value, error = self.value, self.standard_error
        return Estimate(None if value is None else value * factor, None if error is None else error * factor)


@dataclass(frozen=True, eq=False)
class SampleEstimates:
    """What a sample says about a map.

    Attributes:
        classes: class values, in the order of everything below.
        units: sample units counted.
        pixels: pixels of the population that the estimates are about.
        proportions: estimated shares of the area by map class and reference class, float64, shape (classes, classes);
            rows are the map, columns the reference, the sum is 1.
        overall: overall accuracy, 0-1.
        users: user's accuracy of each class, 0-1.
        producers: producer's accuracy of each class, 0-1.
        unions: intersection over union of each class, 0-1.
        shares: share of the area that each class really has, 0-1.
        unsampled: strata without a unit; the estimates leave them out.
        single: strata with one unit of several pixels; standard errors that need them are None.
        without_error: map classes none of whose units was wrong; their standard error of zero says little.
    """

    classes: tuple[int, ...]
    units: int
    pixels: int
    proportions: FloatArray
    overall: Estimate
    users: tuple[Estimate, ...]
    producers: tuple[Estimate, ...]
    unions: tuple[Estimate, ...]
    shares: tuple[Estimate, ...]
    unsampled: tuple[int, ...]
    single: tuple[int, ...]
    without_error: tuple[int, ...]

    def areas(self, pixel_area: float) -> tuple[Estimate, ...]:
        """Return the area of each class in the unit of `pixel_area`, the area of one pixel."""
        return tuple(share.times(self.pixels * pixel_area) for share in self.shares)


def estimate(sample: LabelledSample, finite: bool = True) -> SampleEstimates:
    """Estimate accuracy and area.

    Args:
        sample: the labelled units. Strata without any are left out of the population.
        finite: whether standard errors take into account that the strata are finite (Stehman 2014); Olofsson et al.
            (2014) leave that out, which makes no difference for samples that are small beside the map.
    """
    drawn = sample.units > 0
    strata = _Strata(sample.counts[drawn], sample.sizes[drawn], sample.strata_are_classes, finite)
    counts, units = strata.counts, strata.units
    right = np.diagonal(counts, axis1=1, axis2=2)
    mapped, actual = counts.sum(axis=2), counts.sum(axis=1)
    classes = range(len(sample.classes))
    return SampleEstimates(
        classes=sample.classes,
        units=int(units.sum()),
        pixels=int(strata.sizes.sum()),
        proportions=np.tensordot(strata.sizes / strata.sizes.sum() / units, counts, axes=1),
        overall=strata.ratio(right.sum(axis=1), units),
        users=tuple(strata.ratio(right[:, i], mapped[:, i], of_map=True) for i in classes),
        producers=tuple(strata.ratio(right[:, i], actual[:, i]) for i in classes),
        unions=tuple(strata.ratio(right[:, i], (mapped + actual - right)[:, i]) for i in classes),
        shares=tuple(strata.ratio(actual[:, i], units) for i in classes),
        unsampled=_named(sample.strata, ~drawn),
        single=_named(sample.strata, (sample.units == 1) & (sample.sizes > 1)),
        without_error=_named(sample.classes, (mapped.sum(axis=0) > 0) & (right.sum(axis=0) == mapped.sum(axis=0))),
    )


@dataclass(frozen=True, eq=False)
class _Strata:
    """The strata that have sample units; counts as in `LabelledSample`."""

    counts: Counts
    sizes: Counts
    are_classes: bool
    finite: bool

    @property
    def units(self) -> Counts:
        return np.asarray(self.counts.sum(axis=(1, 2)))

    def ratio(self, hits: Counts, base: Counts, of_map: bool = False) -> Estimate:
        """Estimate a ratio of two totals (Stehman 2014, equation 27).

        Args:
            hits: units of each stratum that count in the numerator, shape (strata,); all of them count in `base` too.
            base: units of each stratum that count in the denominator.
            of_map: whether `base` is the units of a map class.
        """
        expansion = self.sizes / self.units
        whole = float((expansion * base).sum())
        if whole == 0:
            return Estimate(None, None)
        value = float((expansion * hits).sum()) / whole
        # Strata that are other classes of the map have no pixel of this one, whether or not the sample shows it.
        relevant = base > 0 if of_map and self.are_classes else np.ones(len(base), dtype=bool)
        variances = self._variances(hits, base, value)[relevant]
        if np.isnan(variances).any():
            return Estimate(value, None)
        return Estimate(value, math.sqrt(float(variances.sum())) / whole)

    def _variances(self, hits: Counts, base: Counts, ratio: float) -> FloatArray:
        """Return each stratum's part of the variance of the residuals' total (Stehman 2014, equations 25 and 28).

        A residual is the unit's numerator less `ratio` times its denominator; both are 0 or 1. NaN where a stratum has
        one unit of several pixels.
        """
        units, sizes = self.units.astype(np.float64), self.sizes.astype(np.float64)
        squares = hits * (1 - ratio) ** 2 + (base - hits) * ratio**2
        total = hits - ratio * base
        spread = np.full(units.shape, np.nan)
        np.divide(squares - total**2 / units, units - 1, out=spread, where=units > 1)
        spread[sizes == 1] = 0.0
        correction = 1 - units / sizes if self.finite else np.ones(units.shape)
        return np.asarray(sizes**2 * correction * np.maximum(spread, 0.0) / units)


def sampling_notes(
    estimates: SampleEstimates, sample: LabelledSample, class_names: Mapping[int, str], stratum_names: Mapping[int, str]
) -> tuple[str, ...]:
    """Return what a reader of the estimates should know, in sentences.

    Args:
        estimates: of the sample.
        sample: the sample.
        class_names: names of classes by value.
        stratum_names: names of strata by value.
    """
    notes = []
    if estimates.unsampled:
        share = 1 - estimates.pixels / float(sample.sizes.sum())
        notes.append(
            f"No unit was labelled in {_listed(estimates.unsampled, stratum_names)} ({share:.1%} of the area). The "
            "estimates are about the rest; label units there to include it."
        )
    if estimates.single:
        notes.append(
            f"Only one unit was labelled in {_listed(estimates.single, stratum_names)}, which tells nothing about the "
            "spread there. Figures that need it have no standard error; label at least two units in each stratum."
        )
    if estimates.without_error:
        notes.append(
            f"Every unit mapped as {_listed(estimates.without_error, class_names)} was right. A standard error of zero "
            "is what the formula then gives, and not a proof that the class has no errors."
        )
    matrix = sample.matrix
    never_mapped = [value for value, units in zip(sample.classes, matrix.sum(axis=1)) if not units]
    never_found = [value for value, units in zip(sample.classes, matrix.sum(axis=0)) if not units]
    if never_mapped:
        notes.append(f"In the reference but never on the map: {_listed(never_mapped, class_names)}.")
    if never_found:
        notes.append(f"On the map but never in the reference: {_listed(never_found, class_names)}.")
    return tuple(notes)


def _named(values: Sequence[int], chosen: NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(value for value, taken in zip(values, chosen) if taken)


def _listed(values: Sequence[int], names: Mapping[int, str]) -> str:
    return ", ".join(names.get(value, str(value)) for value in values)
