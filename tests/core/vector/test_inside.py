# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.errors import GridError
from s2landcover_plugin.core.raster import Grid, Window
from s2landcover_plugin.core.vector.inside import PolygonMask
from tests.scenes import utm_grid

GRID = utm_grid(12, 10)
TURNED = Grid(12, 10, (600000.0, 8.0, 6.0, 5000000.0, 6.0, -8.0), GRID.crs)


def polygon(grid: Grid, *rings):
    """Rings given in pixels (column, row), as polygons in the grid's CRS."""
    return [[grid.xy(col, row) for col, row in ring] for ring in rings]


def by_hand(corners, width=12, height=10):
    """Even-odd rule, pixel by pixel (Shimrat 1962, https://doi.org/10.1145/368637.368653)."""
    result = np.zeros((height, width), bool)
    for row, col in np.ndindex(height, width):
        x, y = col + 0.5, row + 0.5
        for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1]):
            if (y0 > y) != (y1 > y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
                result[row, col] ^= True
    return result


@pytest.mark.parametrize("grid", [GRID, TURNED])
def test_pixels_whose_centre_lies_inside_count(grid):
    corners = [(1.2, 0.7), (10.9, 3.1), (8.2, 9.4), (5.0, 4.0), (0.4, 8.8)]
    mask = PolygonMask(grid, [polygon(grid, corners)])
    np.testing.assert_array_equal(mask.inside(grid.window()), by_hand(corners))
    np.testing.assert_array_equal(mask.inside(Window(3, 2, 5, 4)), by_hand(corners)[2:6, 3:8])
    assert mask.window == Window(0, 0, 11, 10)


def test_a_hole_is_outside_and_overlapping_polygons_count_as_one():
    outline, hole = [(1, 1), (9, 1), (9, 9), (1, 9)], [(3, 3), (6, 3), (6, 6), (3, 6), (3, 3)]
    mask = PolygonMask(GRID, [polygon(GRID, outline, hole), polygon(GRID, [(8, 0), (11, 0), (11, 4), (8, 4)])])
    expected = np.zeros((10, 12), bool)
    expected[1:9, 1:9] = True
    expected[3:6, 3:6] = False
    expected[0:4, 8:11] = True
    np.testing.assert_array_equal(mask.inside(GRID.window()), expected)


def test_polygons_reach_beyond_the_grid():
    mask = PolygonMask(GRID, [polygon(GRID, [(-50, -50), (4, -50), (4, 50), (-50, 50)])])
    assert mask.window == Window(0, 0, 4, 10)
    assert mask.inside(GRID.window()).sum() == 40


@pytest.mark.parametrize("polygons", [[], [polygon(GRID, [(50, 50), (60, 50), (60, 60)])]])
def test_an_area_beside_the_grid_says_what_to_check(polygons):
    with pytest.raises(GridError, match="No part of the area lies on the image"):
        PolygonMask(GRID, polygons)
