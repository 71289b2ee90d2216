# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.classification.windows import balanced_size, choose_overlap, choose_size, plan_axis
from s2landcover_plugin.core.errors import InputError

PLANS = [(1, 8, 2, 1, 0), (7, 8, 2, 4, 1), (8, 8, 2, 4, 1), (9, 8, 4, 4, 1), (100, 16, 6, 1, 3), (101, 32, 16, 8, 5)]


@pytest.mark.parametrize(("length", "size", "overlap", "multiple", "context"), PLANS)
def test_windows_cover_the_axis_in_step_and_their_weights_add_up_to_one(length, size, overlap, multiple, context):
    plan = plan_axis(length, size, overlap, multiple, context)
    total = np.zeros(plan.starts[-1] + plan.padded(len(plan.starts) - 1))
    for index, start in enumerate(plan.starts):
        assert start % multiple == plan.padded(index) % multiple == 0
        total[start : start + plan.padded(index)] += plan.weights[index][: plan.padded(index)]
    assert length <= len(total) < length + multiple
    np.testing.assert_allclose(total, 1, atol=1e-6)


@pytest.mark.parametrize(("length", "size", "overlap", "multiple", "context"), PLANS)
def test_every_pixel_is_finished_once(length, size, overlap, multiple, context):
    plan = plan_axis(length, size, overlap, multiple, context)
    finished = [pixel for i, start in enumerate(plan.starts) for pixel in range(start, start + plan.final(i))]
    assert finished == list(range(length))
    assert all(plan.pixels(i).stop >= start + plan.final(i) for i, start in enumerate(plan.starts))


def test_neighbours_share_at_least_the_overlap():
    plan = plan_axis(101, 32, 10, 8)
    assert plan.overlap == 16  # the step is a multiple of 8
    assert plan.starts == (0, 16, 32, 48, 64, 80)
    assert [plan.padded(index) for index in range(6)] == [32, 32, 32, 32, 32, 24]


@pytest.mark.parametrize("overlap", [10, 11, 20])
def test_pixels_that_see_too_little_do_not_count(overlap):
    context, plan = 5, plan_axis(100, 40, overlap, 1, 5)
    inner = plan.weights[1]
    assert inner[:context].max() < 1e-5
    assert inner[-context:].max() < 1e-5
    assert plan.weights[0][0] == pytest.approx(1)  # the raster's own border
    assert plan.weights[-1][plan.padded(len(plan.starts) - 1) - 1] == pytest.approx(1)


def test_weights_rise_from_the_edge_inwards():
    ramp = plan_axis(100, 40, 16).weights[1][:16]
    assert np.all(np.diff(ramp) > 0)


def test_a_fixed_size_is_kept():
    assert plan_axis(5, 16, 4, is_fixed=True).size == 16
    plan = plan_axis(20, 16, 4, 8, is_fixed=True)
    assert (plan.size, plan.starts) == (16, (0, 8))
    assert plan.padded(1) == 16


@pytest.mark.parametrize("overlap", [-2, 16, 40])
def test_an_overlap_without_room_for_a_step_is_refused(overlap):
    with pytest.raises(InputError, match="smaller overlap"):
        plan_axis(100, 16, overlap)


def test_the_overlap_is_the_context_within_reason():
    assert choose_overlap(context=10, size=512, multiple=8) == 16
    assert choose_overlap(context=500, size=512, multiple=32) == 256


def test_an_overlap_below_twice_the_context_is_blended_in_its_middle_eighth():
    inner = plan_axis(200, 80, 32, 1, 30).weights[1]
    np.testing.assert_allclose(inner[:32], [*[0] * 14, *inner[14:18], *[1] * 14], atol=1e-5)
    np.testing.assert_allclose(inner[14:18], np.sin(np.pi / 8 * (np.arange(4) + 0.5)) ** 2, atol=1e-5)


def test_a_slightly_larger_raster_is_cut_into_equal_windows():
    assert balanced_size(1100, 1024, 64, 8) == 584
    assert balanced_size(900, 1024, 64, 8) == 904


def test_the_window_shrinks_with_the_memory_and_the_width():
    assert choose_size(1000, 100, 800, 10**10, 8) == 2048
    assert choose_size(10_000, 100, 800, 10**9, 8) == 648
    assert choose_size(10**6, 100, 800, 10**9, 8) == 256
    linear, square = 10_000 * 100, 800
    assert square * 648**2 + linear * 648 <= 10**9 < square * 656**2 + linear * 656
