# SPDX-License-Identifier: GPL-2.0-or-later
"""How many points, and how many in which stratum: functions of stratum sizes and expected accuracies.

Sources: Olofsson et al. 2014 (https://doi.org/10.1016/j.rse.2014.02.015), equation 13; Cochran 1977, "Sampling
techniques", equations 4.4, 5.25 and 5.26.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .design import Allocation, ExpectedAccuracy, Method, SampleDesign

Integers = NDArray[np.int64]
Reals = NDArray[np.float64]


def deviations(expected: ExpectedAccuracy, strata: Integers) -> Reals:
    """Return the standard deviation of right and wrong in each stratum, sqrt(U (1 - U)), shape (strata,)."""
    accuracies = np.array([expected.of(int(stratum)) for stratum in strata])
    return np.asarray(np.sqrt(accuracies * (1 - accuracies)))


def shares(allocation: Allocation, sizes: Integers, spread: Reals) -> Reals:
    """Return each stratum's share of the points before any minimum, shape (strata,), sum 1.

    Args:
        allocation: equal shares, shares like the sizes, or Neyman's: like size times standard deviation, which gives
            the overall accuracy its smallest standard error (Cochran 1977, equation 5.26).
        sizes: pixels of each stratum.
        spread: standard deviation in each stratum.
    """
    weights = {
        Allocation.EQUAL: np.ones(len(sizes)),
        Allocation.PROPORTIONAL: sizes.astype(np.float64),
        Allocation.NEYMAN: sizes * spread,
    }[allocation]
    return np.asarray(weights / weights.sum())


def sample_size(sizes: Integers, spread: Reals, parts: Reals, target: float) -> int:
    """Return how many points give the overall accuracy a standard error.

    Cochran 1977, equation 5.25; with Neyman's shares it is equation 13 of Olofsson et al. 2014.

    Args:
        sizes: pixels of each stratum.
        spread: standard deviation in each stratum.
        parts: share of the points in each stratum, sum 1.
        target: the standard error, 0-1.
    """
    weights = sizes / sizes.sum()
    whole = float((weights**2 * spread**2 / parts).sum())
    return math.ceil(whole / (target**2 + float((weights * spread**2).sum()) / float(sizes.sum())))


def stratum_sample_sizes(sizes: Integers, spread: Reals, target: float) -> Integers:
    """Return how many points give each stratum's user's accuracy a standard error (Cochran 1977, equation 4.4)."""
    return np.ceil(spread**2 / (target**2 + spread**2 / sizes)).astype(np.int64)


def expected_error(sizes: Integers, spread: Reals, points: Integers) -> float:
    """Return the standard error that the overall accuracy will have if the map is as expected.

    Args:
        sizes: pixels of each stratum.
        spread: standard deviation in each stratum.
        points: of each stratum; infinite where a stratum has none.
    """
    if (points == 0).any():
        return math.inf
    weights = sizes / sizes.sum()
    return math.sqrt(float((weights**2 * spread**2 * (1 / points - 1 / sizes)).sum()))


def apportion(total: int, parts: Reals, least: Integers, most: Integers) -> Integers:
    """Share out points so that they come as near to the shares as minima and maxima allow.

    Args:
        total: points to share out; between the sums of `least` and `most`.
        parts: shares, shape (strata,).
        least: fewest points of each stratum.
        most: its pixels, of which no more can be drawn.

    Returns:
        Whole numbers, shape (strata,), whose sum is `total`.
    """
    low, high = 0.0, float(total)
    while np.clip(parts * high, least, most).sum() < total and high < 1e18:
        high *= 2
    # What the minima take is missing from the rest, so that all shares grow and shrink together until it fits.
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (low, middle) if np.clip(parts * middle, least, most).sum() > total else (middle, high)
    wanted = np.clip(parts * low, least, most)
    points = np.floor(wanted + 1e-9).astype(np.int64)
    for index in np.argsort(points - wanted, kind="stable"):
        if points.sum() < total and points[index] < most[index]:
            points[index] += 1
    return _topped_up(points, total, most)


def _topped_up(points: Integers, total: int, most: Integers) -> Integers:
    """Put points that no share asks for where there is most room left."""
    while points.sum() < total:
        points[np.argmax(most - points)] += 1
    return points


def plan_points(design: SampleDesign, strata: Integers, sizes: Integers) -> Integers:
    """Return how many points to draw in each stratum.

    Args:
        design: not a systematic one, which has no such plan.
        strata: value of each stratum, shape (strata,).
        sizes: pixels of each stratum, 1 or more.

    Raises:
        InputError: if there are fewer pixels than points, or too few points for the minimum in every stratum.
    """
    spread = deviations(design.expected, strata)
    parts = shares(design.allocation, sizes, spread)
    least = np.minimum(design.least if design.method is Method.STRATIFIED else 1, sizes)
    if design.class_target_error is not None:
        least = np.maximum(least, stratum_sample_sizes(sizes, spread, design.class_target_error))
    if design.target_error is not None:
        total = min(sample_size(sizes, spread, parts, design.target_error), int(sizes.sum()))
    else:
        total = design.count
        _check_total(design, least, sizes)
    return apportion(max(total, int(least.sum())), parts, least, sizes)


def _check_total(design: SampleDesign, least: Integers, sizes: Integers) -> None:
    pixels, needed = int(sizes.sum()), int(least.sum())
    if design.count > pixels:
        raise InputError(
            f"{design.count:,} points were asked for, but the map has only {pixels:,} pixels with data. Ask for fewer."
        )
    if design.count < needed and design.class_target_error is None:
        raise InputError(
            f"{design.count:,} points are too few for at least {design.least} in each of {len(sizes)} strata. Ask for "
            f"{needed:,} or more, or for fewer in each stratum."
        )
