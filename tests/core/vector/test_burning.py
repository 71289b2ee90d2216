# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.raster import Window
from s2landcover_plugin.core.vector import PolygonBurner


def outline(*corners):
    """Return the edges of a ring in pixels."""
    ends = np.array(corners, float)
    return np.hstack([ends, np.roll(ends, -1, axis=0)])


SQUARE = outline((1, 1), (5, 1), (5, 4), (1, 4))


def test_pixels_whose_centre_lies_inside_are_burnt():
    codes = PolygonBurner([outline((0.4, 0), (2.6, 0), (2.6, 1.4), (0.4, 1.4))], [7]).burn(Window(0, 0, 4, 2))
    assert codes.tolist() == [[7, 7, 7, 0], [0, 0, 0, 0]]
    codes = PolygonBurner([outline((0.6, 0), (2.4, 0), (2.4, 1.6), (0.6, 1.6))], [7]).burn(Window(0, 0, 4, 2))
    assert codes.tolist() == [[0, 7, 0, 0], [0, 7, 0, 0]]


def test_holes_stay_and_the_direction_of_a_ring_does_not_matter():
    hole = outline((2, 2), (2, 3), (4, 3), (4, 2))
    for ring in (SQUARE, SQUARE[:, [2, 3, 0, 1]]):
        codes = PolygonBurner([np.concatenate([ring, hole])], [3]).burn(Window(0, 0, 6, 5))
        assert codes[2].tolist() == [0, 3, 0, 0, 3, 0]
        assert np.count_nonzero(codes) == 10


def test_the_last_of_several_stays():
    shifted = SQUARE + np.array([2, 0, 2, 0])
    assert PolygonBurner([SQUARE, shifted], [1, 2]).burn(Window(0, 1, 8, 1)).tolist() == [[0, 1, 1, 2, 2, 2, 2, 0]]
    assert PolygonBurner([shifted, SQUARE], [2, 1]).burn(Window(0, 1, 8, 1)).tolist() == [[0, 1, 1, 1, 1, 2, 2, 0]]
    assert PolygonBurner([SQUARE, shifted], [1, 0]).burn(Window(0, 1, 8, 1)).tolist() == [[0, 1, 1, 0, 0, 0, 0, 0]]


def test_neighbours_share_no_pixel_and_leave_none_out():
    middle = [(5.0, 0.0), (4.3, 3.1), (6.7, 7.7), (5.5, 10.0)]
    left = outline((0, 0), *middle, (0, 10))
    right = outline((10, 0), *middle, (10, 10))
    one = PolygonBurner([left], [1]).burn(Window(0, 0, 10, 10), 4)
    other = PolygonBurner([right], [1]).burn(Window(0, 0, 10, 10), 4)
    assert (one + other == 1).all()


@pytest.mark.parametrize("factor", [1, 3])
def test_windows_see_what_the_whole_sees(factor):
    rng = np.random.default_rng(0)
    outlines = [outline(*(rng.random((7, 2)) * 50 - 5)) for _ in range(30)]
    burner = PolygonBurner(outlines, rng.integers(1, 9, 30))
    whole = burner.burn(Window(0, 0, 40, 40), factor)
    parts = [
        np.hstack([burner.burn(Window(col, row, 13 if col < 26 else 14, 20), factor) for col in (0, 13, 26)])
        for row in (0, 20)
    ]
    np.testing.assert_array_equal(np.vstack(parts), whole)
    assert len(np.unique(whole)) > 5


def test_nothing_to_burn_is_no_data():
    assert not PolygonBurner([], []).burn(Window(0, 0, 3, 3)).any()
    assert not PolygonBurner([SQUARE], [1]).burn(Window(0, 50, 3, 3)).any()


def test_any_number_of_polygons_is_told_apart():
    squares = [
        outline((col, row), (col + 1, row), (col + 1, row + 1), (col, row + 1)) for row, col in np.ndindex(20, 20)
    ]
    burner = PolygonBurner(squares, [1] * 400)
    assert burner.polygons_in(Window(0, 0, 20, 20)).tolist() == np.arange(400).reshape(20, 20).tolist()
    assert burner.polygons_in(Window(18, 19, 3, 2)).tolist() == [[398, 399, -1], [-1, -1, -1]]
