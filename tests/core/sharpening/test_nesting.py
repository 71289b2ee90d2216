# SPDX-License-Identifier: GPL-2.0-or-later
from dataclasses import replace

import pytest

from s2landcover_plugin.core.errors import GridError
from s2landcover_plugin.core.sharpening.nesting import align, nest
from tests.scenes import utm_grid

FINE, COARSE = utm_grid(24, 24), utm_grid(12, 12, 20)
SHIFTED = replace(COARSE, transform=(600003.0, 20, 0, 5000000.0, 0, -20))


def test_whole_multiples_nest():
    nesting = nest({"B02": FINE, "B05": COARSE, "B01": utm_grid(4, 4, 60)}, "B02")
    assert (nesting.grid, dict(nesting.factors), dict(nesting.moved)) == (FINE, {"B02": 1, "B05": 2, "B01": 6}, {})


def test_what_does_not_nest_is_refused_or_moved():
    grids = {"B02": FINE, "B05": SHIFTED}
    with pytest.raises(GridError, match=r"Band B05 \(12 x 12 pixels of 20 from 600003, 5000000\) does not nest"):
        nest(grids, "B02")
    nesting = align(grids, "B02")
    assert (nesting.grid, dict(nesting.factors), dict(nesting.moved)) == (FINE, {"B02": 1, "B05": 2}, {"B05": COARSE})


def test_grids_that_nest_stay_where_they_are():
    assert align({"B02": FINE, "B05": COARSE}, "B02") == nest({"B02": FINE, "B05": COARSE}, "B02")


def test_the_common_grid_ends_with_the_last_whole_coarse_pixel():
    nesting = align({"B02": utm_grid(25, 23), "B05": SHIFTED}, "B02")
    assert (nesting.grid.width, nesting.grid.height) == (24, 22)
    assert (nesting.moved["B05"].width, nesting.moved["B05"].height) == (12, 11)
    with pytest.raises(GridError, match="does not hold a single pixel of the coarsest band, 2 times as large"):
        align({"B02": utm_grid(1, 1), "B05": SHIFTED}, "B02")
