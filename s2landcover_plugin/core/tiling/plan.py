# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the tiles of a dataset lie on a scene."""

from __future__ import annotations

from ..raster import Grid, Window
from .request import EdgeMode


def plan_tiles(grid: Grid, size: int, overlap: int, edges: EdgeMode = EdgeMode.SHIFT) -> tuple[Window, ...]:
    """Cover a scene with square tiles, row by row.

    Neighbours share `overlap` pixels. Where the last tile of a row or column would reach beyond the scene, it is moved
    inwards, so that it shares more, or reaches beyond it, or is left out. A scene narrower than a tile is exceeded,
    unless tiles are left out.

    Args:
        grid: the scene's.
        size: height and width of a tile, pixels.
        overlap: less than `size`, pixels.
        edges: what becomes of the last tiles.
    """
    rows, cols = (axis_starts(length, size, overlap, edges) for length in (grid.height, grid.width))
    return tuple(Window(col, row, size, size) for row in rows for col in cols)


def axis_starts(length: int, size: int, overlap: int, edges: EdgeMode = EdgeMode.SHIFT) -> tuple[int, ...]:
    """Return the first pixel of each tile along an axis of `length` pixels."""
    if edges is EdgeMode.DROP:
        return tuple(range(0, length - size + 1, size - overlap))
    if length <= size:
        return (0,)
    if edges is EdgeMode.PAD:
        # A tile that starts later than this shows nothing but what the one before it shows.
        return tuple(range(0, length - overlap, size - overlap))
    starts = list(range(0, length - size + 1, size - overlap))
    if starts[-1] + size < length:
        starts.append(length - size)
    return tuple(starts)


def inside(window: Window, grid: Grid) -> Window:
    """Return the part of a window that lies on a grid; the window starts on the grid."""
    width, height = min(window.width, grid.width - window.col), min(window.height, grid.height - window.row)
    return Window(window.col, window.row, width, height)
