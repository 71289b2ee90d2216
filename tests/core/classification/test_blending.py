# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.classification.blending import WindowBlend
from s2landcover_plugin.core.classification.windows import AxisPlan, plan_axis

PLANS = [(50, 20, 6, 1), (50, 20, 15, 1), (37, 16, 4, 4), (10, 16, 4, 4), (33, 16, 0, 1)]


def blended(image: np.ndarray, rows: AxisPlan, cols: AxisPlan, skipped: tuple[int, int] | None = None) -> np.ndarray:
    """Cut an image (classes, rows, cols) into windows and put them together again."""
    blend, result = WindowBlend(len(image), rows, cols), np.full(image.shape, np.nan, np.float32)
    for row in range(len(rows.starts)):
        for col in range(len(cols.starts)):
            if (row, col) == skipped:
                blend.skip(row, col)
                continue
            finished = blend.add(row, col, image[:, rows.pixels(row), cols.pixels(col)].copy())
            top, left = rows.starts[row], cols.starts[col]
            result[:, top : top + finished.shape[1], left : left + finished.shape[2]] = finished
    return result


@pytest.mark.parametrize("down", PLANS)
@pytest.mark.parametrize("across", PLANS)
@pytest.mark.parametrize("is_fixed", [False, True])
def test_windows_that_agree_give_what_they_were_cut_from(down, across, is_fixed):
    rows, cols = (plan_axis(*plan, is_fixed=is_fixed) for plan in (down, across))
    image = np.random.default_rng(0).random((3, rows.length, cols.length), dtype=np.float32)
    np.testing.assert_allclose(blended(image, rows, cols), image, atol=1e-6)


def test_windows_that_differ_are_mixed_by_their_weights():
    cols = plan_axis(8, 6, 4)
    rows = plan_axis(1, 1, 0)
    blend = WindowBlend(1, rows, cols)
    first = blend.add(0, 0, np.zeros((1, 1, 6), np.float32))
    second = blend.add(0, 1, np.ones((1, 1, 6), np.float32))
    assert first.shape == (1, 1, 2)
    expected = [*cols.weights[1][:4], 1, 1]
    np.testing.assert_allclose(second[0, 0], expected, atol=1e-6)


def test_a_window_that_is_left_out_leaves_nothing_behind():
    rows = cols = plan_axis(50, 20, 6)
    image = np.ones((2, 50, 50), np.float32)
    result = blended(image, rows, cols, skipped=(1, 1))
    outside = np.ones((50, 50), bool)
    outside[rows.pixels(1), cols.pixels(1)] = False
    np.testing.assert_allclose(result[:, outside], 1, atol=1e-6)
    shared = result[:, rows.starts[2] : rows.pixels(1).stop, cols.pixels(1)]  # in the windows below it
    assert np.nanmin(shared) >= 0
    assert np.nanmax(shared) <= 1
