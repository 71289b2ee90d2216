# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a map is wrong: a picture for the report."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..class_raster import ClassArray
from ..raster import Grid, Window
from .figures import FloatArray

_LONGEST = 400
"""Cells along the picture's longer side."""


@dataclass(frozen=True, eq=False)
class ErrorMap:
    """How many of the compared pixels are wrong, cell by cell.

    Attributes:
        shares: of wrong pixels, 0-1, NaN where none was compared, shape (rows, cols).
        step: pixels along the side of a cell.
    """

    shares: FloatArray
    step: int


@dataclass(frozen=True, eq=False)
class ErrorPoints:
    """Which points are wrong.

    Attributes:
        places: from the map's upper left corner, as shares of its longer side; shape (points, 2), x and y.
        right: whether map and label agree, shape (points,).
        aspect: the map's height by its width.
    """

    places: FloatArray
    right: NDArray[np.bool_]
    aspect: float


class ErrorShares:
    """Adds up wrong pixels, window by window, in cells of equal size."""

    def __init__(self, grid: Grid) -> None:
        self._step = max(1, -(-max(grid.width, grid.height) // _LONGEST))
        shape = (-(-grid.height // self._step), -(-grid.width // self._step))
        self._wrong, self._compared = (np.zeros(shape, dtype=np.int64) for _ in range(2))

    def add(self, window: Window, wrong: NDArray[np.bool_], compared: NDArray[np.bool_]) -> None:
        """Add the pixels of a window, shape (rows, cols)."""
        for sums, flags in ((self._wrong, wrong), (self._compared, compared)):
            rows, cols = (
                slice(start // self._step, (start + length - 1) // self._step + 1)
                for start, length in ((window.row, window.height), (window.col, window.width))
            )
            sums[rows, cols] += self._summed(flags, window)

    def _summed(self, flags: NDArray[np.bool_], window: Window) -> NDArray[np.int64]:
        # Rows first, whose sums fit 16 bits: quick, and it leaves little for the columns.
        down = np.add.reduceat(flags.view(np.uint8), _starts(window.row, window.height, self._step), 0, np.uint16)
        return np.add.reduceat(down, _starts(window.col, window.width, self._step), 1, np.int64)

    def result(self) -> ErrorMap:
        """Return what was found."""
        shares = np.full(self._wrong.shape, np.nan)
        np.divide(self._wrong, self._compared, out=shares, where=self._compared > 0)
        return ErrorMap(shares, self._step)


def _starts(start: int, length: int, step: int) -> NDArray[np.intp]:
    """Return where the cells begin in a stretch of pixels; the first one may have begun before."""
    first = -start % step
    return np.unique(np.concatenate([[0], np.arange(first, length, step)])).astype(np.intp)


def agreement(mapped: ClassArray, actual: ClassArray) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which pixels agree, and which have a class on both sides; 0 = no data."""
    compared = (mapped != 0) & (actual != 0)
    return (mapped == actual) & compared, compared
