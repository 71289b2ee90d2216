# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import pytest

from s2landcover_plugin.core.raster import Grid, Window
from s2landcover_plugin.core.tiling.plan import axis_starts, inside, plan_tiles
from s2landcover_plugin.core.tiling.request import EdgeMode


@pytest.mark.parametrize(
    ("length", "size", "overlap", "starts"),
    [
        (100, 50, 0, (0, 50)),
        (101, 50, 0, (0, 50, 51)),
        (100, 50, 20, (0, 30, 50)),
        (50, 50, 49, (0,)),
        (30, 50, 10, (0,)),
        (1, 1, 0, (0,)),
        (5, 3, 2, (0, 1, 2)),
    ],
)
def test_starts_along_an_axis(length, size, overlap, starts):
    assert axis_starts(length, size, overlap) == starts


@pytest.mark.parametrize("edges", [EdgeMode.SHIFT, EdgeMode.PAD])
@pytest.mark.parametrize("length", range(1, 40))
@pytest.mark.parametrize(("size", "overlap"), [(7, 0), (7, 3), (8, 7), (13, 1)])
def test_every_pixel_is_covered_and_no_shifted_tile_reaches_beyond_a_scene_large_enough(length, size, overlap, edges):
    starts = axis_starts(length, size, overlap, edges)
    covered = {pixel for start in starts for pixel in range(start, start + size)}
    assert covered >= set(range(length))
    assert len(set(starts)) == len(starts)
    assert all(later - earlier <= size - overlap for earlier, later in zip(starts, starts[1:]))
    assert length < size or edges is EdgeMode.PAD or starts[-1] + size == length


def test_tiles_run_row_by_row():
    grid = Grid(25, 11, (0.0, 1.0, 0.0, 0.0, 0.0, -1.0))
    places = plan_tiles(grid, 10, 0)
    assert [(window.row, window.col) for window in places] == [(0, 0), (0, 10), (0, 15), (1, 0), (1, 10), (1, 15)]
    padded = plan_tiles(grid, 10, 0, EdgeMode.PAD)
    assert [(window.row, window.col) for window in padded] == [(0, 0), (0, 10), (0, 20), (10, 0), (10, 10), (10, 20)]


@pytest.mark.parametrize(
    ("length", "size", "overlap", "starts"),
    [
        (100, 50, 0, (0, 50)),
        (101, 50, 0, (0, 50, 100)),
        (100, 50, 20, (0, 30, 60)),
        (80, 50, 20, (0, 30)),
        (7, 9, 3, (0,)),
    ],
)
def test_padded_starts_show_something_new_each(length, size, overlap, starts):
    assert axis_starts(length, size, overlap, EdgeMode.PAD) == starts


def test_what_lies_inside_a_small_scene():
    grid = Grid(7, 20, (0.0, 1.0, 0.0, 0.0, 0.0, -1.0))
    assert inside(Window(0, 10, 10, 10), grid) == Window(0, 10, 7, 10)


@pytest.mark.parametrize(
    ("length", "size", "overlap", "starts"),
    [(100, 50, 0, (0, 50)), (149, 50, 0, (0, 50)), (100, 50, 20, (0, 30)), (50, 50, 0, (0,)), (49, 50, 0, ())],
)
def test_dropped_tiles_leave_what_is_inside(length, size, overlap, starts):
    assert axis_starts(length, size, overlap, EdgeMode.DROP) == starts
