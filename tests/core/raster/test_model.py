# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import pytest

from s2landcover_plugin.core.errors import GridError
from s2landcover_plugin.core.raster import Grid, RasterSpec, Window

GRID = Grid(6, 4, (100.0, 20.0, 0.0, 500.0, 0.0, -20.0))


def test_bounds_and_pixel_size_of_a_north_up_grid():
    assert GRID.bounds == (100.0, 420.0, 220.0, 500.0)
    assert GRID.pixel_size == (20.0, 20.0)
    assert GRID.is_north_up


def test_a_rotated_grid_keeps_its_pixel_size():
    rotated = Grid(6, 4, (0.0, 3.0, 4.0, 0.0, 4.0, -3.0))
    assert rotated.pixel_size == (5.0, 5.0)
    assert not rotated.is_north_up


def test_refining_keeps_the_extent():
    fine = GRID.refined(2)
    assert (fine.width, fine.height) == (12, 8)
    assert fine.bounds == GRID.bounds


def test_cropping_moves_the_corner():
    assert GRID.crop(Window(2, 1, 3, 2)).bounds == (140.0, 440.0, 200.0, 480.0)


@pytest.mark.parametrize(
    ("shift", "expected"),
    [(0.0, True), (0.1, True), (0.3, False)],
)
def test_grids_match_within_a_hundredth_of_a_pixel(shift, expected):
    other = Grid(6, 4, (100.0 + shift, 20.0, 0.0, 500.0, 0.0, -20.0))
    assert GRID.matches(other) is expected


def test_grids_of_another_size_do_not_match():
    assert not GRID.matches(Grid(6, 5, GRID.transform))


@pytest.mark.parametrize("size", [(0, 3), (3, 0), (-1, 3)])
def test_empty_grids_and_windows_are_refused(size):
    with pytest.raises(GridError):
        Grid(*size, GRID.transform)
    with pytest.raises(GridError):
        Window(0, 0, *size)


def test_windows_scale_with_their_grid():
    assert Window(1, 2, 3, 4).scaled(2) == Window(2, 4, 6, 8)
    assert Window(2, 4, 6, 8).coarsened(2) == Window(1, 2, 3, 4)


def test_small_rasters_are_not_padded_to_whole_blocks():
    options = RasterSpec(Grid(20, 300, GRID.transform), "uint16", ("a",)).creation_options()
    assert (options["BLOCKXSIZE"], options["BLOCKYSIZE"]) == ("32", "256")
    assert options["PREDICTOR"] == "2"
    assert RasterSpec(GRID, "float32", ("a",)).creation_options()["PREDICTOR"] == "3"
    plain = RasterSpec(GRID, "uint8", ("a",), compress="NONE").creation_options()
    assert options["NUM_THREADS"] == "ALL_CPUS" and not {"PREDICTOR", "NUM_THREADS"} & set(plain)


def test_a_window_grows_as_far_as_the_grid_reaches():
    grid = Grid(7, 20, (0.0, 1.0, 0.0, 0.0, 0.0, -1.0))
    assert grid.around(Window(2, 3, 4, 5), 3) == Window(0, 0, 7, 11)
    assert grid.around(Window(2, 3, 4, 5), 0) == Window(2, 3, 4, 5)
