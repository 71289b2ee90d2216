# SPDX-License-Identifier: GPL-2.0-or-later
"""The rows of a raster as the windows need them: every row is read once, and only those of one strip are kept."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from ..pipeline import read_ahead
from ..radiometry import BoolArray
from ..raster import Array, Window
from ..scene import Scene
from .windows import AxisPlan

_READ_ROWS = 256  # as high as the blocks of most tiled files: none is decompressed twice
_READ_PIXELS = 4_000_000  # a wide raster is read in thinner parts, for memory and for an answer to the user's cancel
_CACHE_BYTES = 64_000_000  # what GDAL may keep of the input


@dataclass(frozen=True)
class Strip:
    """Rows of the raster that a row of windows covers, in the raster's full width. Overwritten by the next strip.

    Attributes:
        stored: stored numbers, shape (bands, rows, width).
        valid: where all bands have data, shape (rows, width).
    """

    stored: Array
    valid: BoolArray


def strips(scene: Scene, rows: AxisPlan) -> Generator[Strip, None, None]:
    """Yield the rows of each row of windows, while a thread reads the next ones."""
    width = scene.grid.width
    stored = np.empty((len(scene.numbers), rows.size, width), scene.dtype)
    valid = np.empty((rows.size, width), np.bool_)
    top = end = 0  # rows of the raster that the buffers hold
    with contextlib.closing(read_ahead(_parts(scene, rows), lambda: None)) as parts:
        for index in range(len(rows.starts)):
            span = rows.pixels(index)
            shift, kept = span.start - top, max(end - span.start, 0)
            for plane in (*stored, valid):
                plane[:kept] = plane[shift : shift + kept]
            top = span.start
            while end < span.stop:
                part, numbers, mask = next(parts)
                place = slice(part.row - top, part.row - top + part.height)
                stored[:, place], valid[place] = numbers, mask
                end = part.row + part.height
            height = span.stop - span.start
            yield Strip(stored[:, :height], valid[:height])


def _parts(scene: Scene, rows: AxisPlan) -> Generator[tuple[Window, Array, BoolArray], None, None]:
    """Read the raster from top to bottom; no part reaches from one strip into the next."""
    width = scene.grid.width
    most = max(min(_READ_ROWS, _READ_PIXELS // width), 1)
    kept = width * scene.dtype.itemsize * len(scene.raster.bands)  # bytes a row, in GDAL's cache
    row = cached = 0
    for index in range(len(rows.starts)):
        stop = rows.pixels(index).stop
        while row < stop:
            height = min(most - row % most, stop - row)
            part = Window(0, row, width, height)
            yield (part, *scene.read(part))
            row += height
            cached += kept * height
            if cached > _CACHE_BYTES and row % _READ_ROWS == 0:
                scene.raster.forget()
                cached = 0
