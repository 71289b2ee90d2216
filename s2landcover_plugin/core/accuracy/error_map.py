# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a map is wrong: a picture for the report."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..class_raster import ClassArray
from ..raster import Grid, Window
from .class_matching import Translation
from .figures import FloatArray

_LONGEST = 400
"""Cells along the picture's longer side."""

_SAMPLED = 8
"""Pixels along the side of a cell that are looked at, or a few more."""


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
    """Adds up wrong pixels, window by window, in cells of equal size.

    Where cells are large, a regular sample of their pixels stands for them: enough for a picture.
    """

    def __init__(self, grid: Grid) -> None:
        least = max(1, -(-max(grid.width, grid.height) // _LONGEST))
        self._stride = max(1, least // _SAMPLED)
        self._each = -(-least // self._stride)
        shape = (-(-grid.height // self.step), -(-grid.width // self.step))
        self._wrong, self._compared = (np.zeros(shape, dtype=np.int64) for _ in range(2))

    @property
    def step(self) -> int:
        """Pixels along the side of a cell."""
        return self._stride * self._each

    def add(self, window: Window, mapped: ClassArray, actual: ClassArray, translation: Translation) -> None:
        """Add the pixels of a window: class values by either numbering, 0 = no data, shape (rows, cols)."""
        rows, cols = (-start % self._stride for start in (window.row, window.col))
        mapped, actual = (values[rows :: self._stride, cols :: self._stride] for values in (mapped, actual))
        if not mapped.size:
            return
        right, compared = agreement(mapped, translation.apply(actual))
        first = ((window.row + rows) // self._stride, (window.col + cols) // self._stride)
        for sums, flags in ((self._wrong, compared & ~right), (self._compared, compared)):
            self._add(sums, flags, first)

    def _add(self, sums: NDArray[np.int64], flags: NDArray[np.bool_], first: tuple[int, int]) -> None:
        """Add sampled pixels; `first` is the place of the upper left one among all of them."""
        added = flags.astype(np.int64)
        for axis, start in enumerate(first):
            added = np.add.reduceat(added, _starts(start, flags.shape[axis], self._each), axis)
        place = tuple(
            slice(start // self._each, start // self._each + length) for start, length in zip(first, added.shape)
        )
        sums[place] += added

    def result(self) -> ErrorMap:
        """Return what was found."""
        shares = np.full(self._wrong.shape, np.nan)
        np.divide(self._wrong, self._compared, out=shares, where=self._compared > 0)
        return ErrorMap(shares, self.step)


def _starts(start: int, length: int, step: int) -> NDArray[np.intp]:
    """Return where the cells begin in a stretch of pixels; the first one may have begun before."""
    first = -start % step
    return np.unique(np.concatenate([[0], np.arange(first, length, step)])).astype(np.intp)


def agreement(mapped: ClassArray, actual: ClassArray) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which pixels agree, and which have a class on both sides; 0 = no data."""
    compared = (mapped != 0) & (actual != 0)
    return (mapped == actual) & compared, compared
