# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.accuracy.class_matching import same_values
from s2landcover_plugin.core.accuracy.error_map import ErrorMap, ErrorShares
from s2landcover_plugin.core.raster import Grid, Window


def added(mapped: np.ndarray, actual: np.ndarray, step: tuple[int, int]) -> ErrorMap:
    height, width = mapped.shape
    shares = ErrorShares(Grid(width, height, (0.0, 10.0, 0.0, 0.0, 0.0, -10.0)))
    for row in range(0, height, step[0]):
        for col in range(0, width, step[1]):
            window = Window(col, row, min(step[1], width - col), min(step[0], height - row))
            parts = (values[window.rows, window.cols] for values in (mapped, actual))
            shares.add(window, *parts, same_values())
    return shares.result()


@pytest.fixture
def pair():
    random = np.random.default_rng(1)
    mapped, actual = (random.integers(0, 4, (610, 1000), np.uint8) for _ in range(2))
    mapped[:6, :6] = 0
    return mapped, actual


@pytest.mark.parametrize("step", [(1000, 1000), (7, 16), (512, 33)])
def test_shares_of_cells_do_not_depend_on_the_windows(pair, step):
    found = added(*pair, step)
    mapped, actual = (values[21:24, 33:36] for values in pair)
    compared = (mapped > 0) & (actual > 0)
    assert (found.step, found.shares.shape) == (3, (204, 334))
    assert np.isnan(found.shares[0, 0])
    assert found.shares[7, 11] == (compared & (mapped != actual)).sum() / compared.sum()


@pytest.mark.parametrize("step", [(20, 9000), (7, 2048)])
def test_large_cells_are_sampled_evenly(step):
    mapped = np.ones((20, 9000), np.uint8)
    actual = mapped.copy()
    actual[:, 4600:] = 2
    found = added(mapped, actual, step)
    assert found.step == 24
    np.testing.assert_array_equal(found.shares[:, : 4600 // 24], 0)
    np.testing.assert_array_equal(found.shares[:, 4600 // 24 + 1 :], 1)
    assert found.shares[0, 4600 // 24] == pytest.approx(8 / 24, abs=1 / 12)


def test_small_maps_are_shown_pixel_by_pixel():
    mapped, actual = np.array([[1, 2, 0], [3, 1, 1]], np.uint8), np.array([[2, 2, 1], [3, 1, 1]], np.uint8)
    np.testing.assert_array_equal(added(mapped, actual, (2, 3)).shares, [[1, 0, np.nan], [0, 0, 0]])
