# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.classification.fill import fill_gaps


def test_valid_pixels_stay_and_gaps_take_what_is_near():
    values = np.zeros((1, 9, 12), np.float32)
    values[:, :, :6], values[:, :, 6:] = 1, 5
    valid = np.ones((9, 12), bool)
    valid[2:4, 0:2] = valid[7:, 10:] = False
    damaged = np.where(valid, values, np.nan)
    np.testing.assert_array_equal(fill_gaps(damaged, valid), values)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (7, 5), (16, 16), (33, 2)])
def test_one_valid_pixel_fills_everything(shape):
    valid = np.zeros(shape, bool)
    valid[-1, -1] = True
    values = np.full((2, *shape), np.nan, np.float32)
    values[:, -1, -1] = 3, 4
    filled = fill_gaps(values, valid)
    assert filled.dtype == np.float32
    np.testing.assert_array_equal(filled, np.broadcast_to(np.float32([3, 4])[:, None, None], (2, *shape)))


def test_nothing_to_fill_is_no_copy_and_nothing_valid_is_zero():
    values = np.ones((1, 3, 3), np.float32)
    assert fill_gaps(values, np.ones((3, 3), bool)) is values
    assert not fill_gaps(values, np.zeros((3, 3), bool)).any()


@pytest.mark.parametrize("origin", [(5, 3), (8, 8), (2, 7)])
def test_a_window_fills_a_gap_as_the_whole_does(origin):
    values = np.random.default_rng(0).random((2, 40, 40), np.float32)
    valid = np.ones((40, 40), bool)
    valid[14:20, 10:27] = False
    row, col = origin
    part = fill_gaps(values[:, row : row + 28, col : col + 28], valid[row : row + 28, col : col + 28], origin)
    np.testing.assert_allclose(part, fill_gaps(values, valid)[:, row : row + 28, col : col + 28], rtol=1e-6)
