# SPDX-License-Identifier: GPL-2.0-or-later
"""Class rasters read from top to bottom, a few whole rows at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .class_raster import ClassArray, class_values
from .progress import Progress
from .raster import RasterReader, Window

BLOCK_ROWS = 256
"""Rows that are read at a time: those of a block of most tiled GeoTIFFs."""

_KEPT_ROWS = 1024


def read_classes(raster: RasterReader, row: int, rows: int) -> ClassArray:
    """Return rows of a class raster as uint8, 0 where there is no data, shape (rows, cols).

    Raises:
        RasterError: if they cannot be read.
        InputError: if they hold anything but class values.
    """
    array, valid = raster.read_masked(Window(0, row, raster.grid.width, rows))
    return class_values(array[0], valid[0], raster.path)


def class_rows(raster: RasterReader, progress: Progress, rows: int = BLOCK_ROWS) -> Iterator[tuple[int, ClassArray]]:
    """Yield a class raster from top to bottom: the number of the first row, and `rows` of them, or what is left."""
    height = raster.grid.height
    for row in range(0, height, rows):
        progress.check()
        yield row, read_classes(raster, row, min(rows, height - row))
        forget_sometimes(raster, row, rows)
        progress.fraction(min(1.0, (row + rows) / height))


def forget_sometimes(raster: RasterReader, row: int, rows: int) -> None:
    """Empty GDAL's cache, which would grow to the whole raster, if one of the last `rows` rows from `row` on is due."""
    if row % _KEPT_ROWS + rows >= _KEPT_ROWS:
        raster.forget()


def count_values(raster: RasterReader, progress: Progress) -> NDArray[np.int64]:
    """Return pixels by class value, 0 being nodata, shape (256,)."""
    counts = np.zeros(256, np.int64)
    for _, values in class_rows(raster, progress):
        counts += np.bincount(values.ravel(), minlength=256)
    return counts
