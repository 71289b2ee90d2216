# SPDX-License-Identifier: GPL-2.0-or-later
"""The rows of a scene as the windows need them: every row is read once, and only those of one strip are kept."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from ..pipeline import read_ahead
from ..radiometry import BoolArray
from ..raster import Array, Window
from ..scene import Scene
from .limits import Wanted
from .windows import AxisPlan

_BLOCK_ROWS = 256  # as high as the blocks of most tiled files: none is forgotten half read
_READ_ROWS = (256, 128, 64)  # that are read at a time; fewer of a wide raster, for memory and the answer to a cancel
_READ_PIXELS = 1_000_000
_AHEAD_BYTES = 80_000_000  # that are read before they are wanted: strips are wanted all at once
_CACHE_BYTES = 32_000_000  # what GDAL may keep of the input


@dataclass(frozen=True)
class Strip:
    """Rows of a part of a scene that a row of windows covers, in the part's full width. Overwritten by the next strip.

    Attributes:
        stored: stored numbers, shape (bands, rows, width).
        valid: where all bands have data, shape (rows, width).
        wanted: which pixels get a class: valid ones, shape (rows, width).
    """

    stored: Array
    valid: BoolArray
    wanted: BoolArray


def strips(scene: Scene, wanted: Wanted, area: Window, rows: AxisPlan) -> Generator[Strip, None, None]:
    """Yield the rows of each row of windows, while a thread reads the next ones.

    Args:
        scene: the scene.
        wanted: which of its pixels get a class.
        area: the part of the scene that windows cover.
        rows: the windows down that part.
    """
    stored = np.empty((len(scene.numbers), rows.size, area.width), scene.dtype)
    valid, selected = (np.empty((rows.size, area.width), np.bool_) for _ in range(2))
    top = end = 0  # rows of the part that the buffers hold
    ahead = max(_AHEAD_BYTES // (scene.pixel_bytes * area.width * _rows_at_a_time(area.width)), 1)
    with contextlib.closing(read_ahead(_parts(scene, wanted, area, rows), lambda: None, ahead)) as parts:
        for index in range(len(rows.starts)):
            span = rows.pixels(index)
            shift, kept = span.start - top, max(end - span.start, 0)
            for plane in (*stored, valid, selected):
                plane[:kept] = plane[shift : shift + kept]
            top = span.start
            while end < span.stop:
                part = next(parts)
                place = slice(end - top, end - top + part.valid.shape[0])
                stored[:, place], valid[place], selected[place] = part.stored, part.valid, part.wanted
                end = top + place.stop
            height = span.stop - span.start
            yield Strip(stored[:, :height], valid[:height], selected[:height])


def _parts(scene: Scene, wanted: Wanted, area: Window, rows: AxisPlan) -> Generator[Strip, None, None]:
    """Read from top to bottom; no part reaches from one strip into the next."""
    most = _rows_at_a_time(area.width)
    kept = scene.grid.width * scene.dtype.itemsize * len(scene.raster.bands)  # bytes a row, in GDAL's cache
    row, cached = area.row, 0
    for index in range(len(rows.starts)):
        stop = area.row + rows.pixels(index).stop
        while row < stop:
            height = min(most - row % most, stop - row)
            part = Window(area.col, row, area.width, height)
            stored, valid = scene.read(part)
            yield Strip(stored, valid, wanted.select(part, valid))
            row += height
            cached += kept * height
            if cached > _CACHE_BYTES and row % _BLOCK_ROWS == 0:
                scene.raster.forget()
                cached = 0


def _rows_at_a_time(width: int) -> int:
    return next((rows for rows in _READ_ROWS if rows * width <= _READ_PIXELS), _READ_ROWS[-1])
