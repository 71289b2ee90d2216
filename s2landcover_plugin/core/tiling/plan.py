# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the tiles of a dataset lie on a scene."""

from __future__ import annotations

from dataclasses import dataclass

from ..raster import Grid, Window


@dataclass(frozen=True)
class TilePlace:
    """A tile's place in the plan and on the scene.

    Attributes:
        plan_row: which row of tiles it is in, from 0.
        plan_col: which column of tiles it is in, from 0.
        window: its pixels, always a full tile; reaches beyond a scene that is smaller than a tile.
    """

    plan_row: int
    plan_col: int
    window: Window


def plan_tiles(grid: Grid, size: int, overlap: int) -> tuple[TilePlace, ...]:
    """Cover a scene with square tiles, row by row.

    Neighbours share `overlap` pixels. The last tile of a row or column is moved inwards where it would reach beyond the
    scene, so it shares more; only a scene narrower than a tile is exceeded.

    Args:
        grid: the scene's.
        size: height and width of a tile, pixels.
        overlap: less than `size`, pixels.
    """
    rows, cols = axis_starts(grid.height, size, overlap), axis_starts(grid.width, size, overlap)
    return tuple(
        TilePlace(i, j, Window(col, row, size, size)) for i, row in enumerate(rows) for j, col in enumerate(cols)
    )


def axis_starts(length: int, size: int, overlap: int) -> tuple[int, ...]:
    """Return the first pixel of each tile along an axis of `length` pixels."""
    if length <= size:
        return (0,)
    starts = list(range(0, length - size + 1, size - overlap))
    if starts[-1] + size < length:
        starts.append(length - size)
    return tuple(starts)


def inside(window: Window, grid: Grid) -> Window:
    """Return the part of a window that lies on a grid; the window starts on the grid."""
    width, height = min(window.width, grid.width - window.col), min(window.height, grid.height - window.row)
    return Window(window.col, window.row, width, height)
