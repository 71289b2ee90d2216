# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.accuracy.error_map import ErrorShares
from s2landcover_plugin.core.raster import Grid, Window


@pytest.mark.parametrize("step", [(1000, 1000), (7, 16), (512, 33)])
def test_shares_of_cells_do_not_depend_on_the_windows(step):
    grid = Grid(1000, 610, (0.0, 10.0, 0.0, 0.0, 0.0, -10.0))
    random = np.random.default_rng(1)
    compared = random.random((610, 1000)) < 0.7
    compared[:6, :6] = False
    wrong = compared & (random.random((610, 1000)) < 0.3)
    shares = ErrorShares(grid)
    for row in range(0, 610, step[0]):
        for col in range(0, 1000, step[1]):
            window = Window(col, row, min(step[1], 1000 - col), min(step[0], 610 - row))
            shares.add(window, wrong[window.rows, window.cols], compared[window.rows, window.cols])
    found = shares.result()
    assert (found.step, found.shares.shape) == (3, (204, 334))
    assert np.isnan(found.shares[0, 0])
    assert found.shares[7, 11] == wrong[21:24, 33:36].sum() / compared[21:24, 33:36].sum()
    assert (
        found.shares[203, 333] == wrong[609:, 999:].sum() / max(1, compared[609:, 999:].sum()) or not compared[609, 999]
    )


def test_small_maps_are_shown_pixel_by_pixel():
    shares = ErrorShares(Grid(3, 2, (0.0, 10.0, 0.0, 0.0, 0.0, -10.0)))
    shares.add(Window(0, 0, 3, 2), np.array([[1, 0, 0], [0, 0, 0]], bool), np.array([[1, 1, 0], [1, 1, 1]], bool))
    np.testing.assert_array_equal(shares.result().shares, [[1, 0, np.nan], [0, 0, 0]])
