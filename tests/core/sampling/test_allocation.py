# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import math

import numpy as np
import pytest

from s2landcover_plugin.core.errors import InputError
from s2landcover_plugin.core.sampling.allocation import (
    apportion,
    deviations,
    expected_error,
    plan_points,
    sample_size,
    shares,
    stratum_sample_sizes,
)
from s2landcover_plugin.core.sampling.design import Allocation, ExpectedAccuracy, Method, SampleDesign

# Olofsson et al. (2014, https://doi.org/10.1016/j.rse.2014.02.015), table 5 and section 5.1.1: deforestation, forest
# gain, stable forest, stable non-forest.
STRATA = np.array([1, 2, 3, 4])
SIZES = np.array([200_000, 150_000, 3_200_000, 6_450_000])
EXPECTED = ExpectedAccuracy(0.95, {1: 0.70, 2: 0.60, 3: 0.90})
SPREAD = deviations(EXPECTED, STRATA)


def test_the_sample_size_of_olofsson_2014():
    np.testing.assert_array_equal(SPREAD.round(2), [0.46, 0.49, 0.30, 0.22])
    assert sample_size(SIZES, SPREAD, shares(Allocation.NEYMAN, SIZES, SPREAD), 0.01) == 641


def test_the_allocations_of_olofsson_2014():
    design = {"count": 641, "expected": EXPECTED, "least": 2}
    equal = plan_points(SampleDesign(allocation=Allocation.EQUAL, **design), STRATA, SIZES)
    assert sorted(equal.tolist()) == [160, 160, 160, 161]
    proportional = plan_points(SampleDesign(**design), STRATA, SIZES)
    np.testing.assert_array_equal(proportional, [13, 10, 205, 413])


def test_a_minimum_leaves_the_rest_in_proportion():
    points = plan_points(SampleDesign(count=640, least=75), STRATA, SIZES)
    assert points.sum() == 640
    assert points[:2].tolist() == [75, 75]
    np.testing.assert_allclose(points[2] / points[3], 3.2 / 6.45, rtol=0.01)


def test_neyman_beats_every_other_allocation():
    design = SampleDesign(count=641, allocation=Allocation.NEYMAN, expected=EXPECTED, least=2)
    best = plan_points(design, STRATA, SIZES)
    weights = SIZES / SIZES.sum() * SPREAD
    np.testing.assert_allclose(best, 641 * weights / weights.sum(), atol=1)
    error = expected_error(SIZES, SPREAD, best)
    for allocation in (Allocation.EQUAL, Allocation.PROPORTIONAL):
        other = plan_points(SampleDesign(count=641, allocation=allocation, least=2), STRATA, SIZES)
        assert error < expected_error(SIZES, SPREAD, other)


@pytest.mark.parametrize("allocation", Allocation)
@pytest.mark.parametrize("sizes", [SIZES, np.array([40, 90, 300, 1_000])])
def test_a_target_error_is_met_but_not_by_far(allocation, sizes):
    design = SampleDesign(allocation=allocation, target_error=0.02, expected=EXPECTED, least=2)
    points = plan_points(design, STRATA, sizes)
    assert expected_error(sizes, SPREAD, points) <= 0.02 * 1.01
    fewer = SampleDesign(count=int(points.sum() * 0.9), allocation=allocation, expected=EXPECTED, least=2)
    assert expected_error(sizes, SPREAD, plan_points(fewer, STRATA, sizes)) > 0.02


def test_a_target_for_each_class_is_met_in_each():
    sizes = np.array([60, 150_000, 3_200_000, 6_450_000])
    points = plan_points(SampleDesign(count=100, class_target_error=0.05, expected=EXPECTED), STRATA, sizes)
    errors = SPREAD * np.sqrt(1 / points - 1 / sizes)
    assert (errors <= 0.05).all()
    np.testing.assert_array_equal(points, np.maximum(stratum_sample_sizes(sizes, SPREAD, 0.05), 25))


def test_strata_smaller_than_their_share_are_taken_whole():
    points = plan_points(SampleDesign(count=100, allocation=Allocation.EQUAL), STRATA[:3], np.array([1, 9, 500]))
    assert points.tolist() == [1, 9, 90]


def test_every_pixel_can_be_taken():
    sizes = np.array([3, 5, 8])
    assert plan_points(SampleDesign(count=16, least=2), STRATA[:3], sizes).tolist() == [3, 5, 8]


def test_nothing_is_lost_in_rounding():
    random = np.random.default_rng(0)
    for _ in range(200):
        most = random.integers(1, 500, 6)
        least = np.minimum(random.integers(0, 20, 6), most)
        total = int(random.integers(least.sum(), most.sum() + 1))
        parts = random.random(6)
        points = apportion(total, parts / parts.sum(), least, most)
        assert points.sum() == total
        assert (points >= least).all()
        assert (points <= most).all()


def test_a_design_without_strata_needs_no_minimum():
    design = SampleDesign(Method.RANDOM, count=3)
    assert plan_points(design, np.array([1]), np.array([40])).tolist() == [3]


@pytest.mark.parametrize(
    ("design", "message"),
    [
        (SampleDesign(count=31, least=2), "only 30 pixels with data"),
        (SampleDesign(count=19, least=10), "too few for at least 10 in each of 2 strata. Ask for 20 or more"),
    ],
)
def test_more_than_there_is_and_less_than_needed_are_refused(design, message):
    with pytest.raises(InputError, match=message):
        plan_points(design, STRATA[:2], np.array([10, 20]))


def test_a_stratum_without_points_leaves_the_error_open():
    assert math.isinf(expected_error(SIZES, SPREAD, np.array([0, 5, 5, 5])))
