# SPDX-License-Identifier: GPL-2.0-or-later
"""Probabilities of overlapping windows, added up until nothing more can be added.

Only what windows share is kept: the columns that the next window adds to, and the rows that the next row of windows
does. The inside of a window, where its weight is one, goes through untouched.
"""

from __future__ import annotations

import numpy as np

from ..radiometry import FloatArray
from .windows import AxisPlan


class WindowBlend:
    """Adds up windows that come row by row, each row from left to right.

    Args:
        classes: how many.
        rows: the windows down the raster.
        cols: the windows across it.
    """

    def __init__(self, classes: int, rows: AxisPlan, cols: AxisPlan) -> None:
        self._rows, self._cols = rows, cols
        shared = max(_length(rows, index) - rows.final(index) for index in range(len(rows.starts)))
        self._below: FloatArray = np.zeros((classes, shared, cols.length), np.float32)
        self._beside: FloatArray | None = None

    def add(self, row: int, col: int, probabilities: FloatArray) -> FloatArray:
        """Add a window.

        Args:
            row: its number, from the top.
            col: its number, from the left.
            probabilities: shape (classes, rows, cols), of the raster's pixels that it holds; overwritten.

        Returns:
            What is finished, from the window's upper left corner on: shape (classes, rows, cols), a view of the
            argument.
        """
        _weigh(probabilities, self._rows.weights[row], 1)
        _weigh(probabilities, self._cols.weights[col], 2)
        height, width = self._rows.final(row), self._cols.final(col)
        if self._beside is not None and col:
            probabilities[:, :, : self._beside.shape[2]] += self._beside
        self._beside = probabilities[:, :, width:].copy()
        place = slice(self._cols.starts[col], self._cols.starts[col] + width)
        if row:
            shared = self._rows.pixels(row - 1).stop - self._rows.starts[row]
            probabilities[:, :shared, :width] += self._below[:, :shared, place]
        self._below[:, : probabilities.shape[1] - height, place] = probabilities[:, height:, :width]
        return probabilities[:, :height, :width]

    def skip(self, row: int, col: int) -> None:
        """Leave a window out: it adds nothing, and nobody needs what others add to it."""
        self._beside = None
        place = slice(self._cols.starts[col], self._cols.starts[col] + self._cols.final(col))
        self._below[:, : _length(self._rows, row) - self._rows.final(row), place] = 0


def _length(plan: AxisPlan, index: int) -> int:
    pixels = plan.pixels(index)
    return int(pixels.stop - pixels.start)


def _weigh(probabilities: FloatArray, weights: FloatArray, axis: int) -> None:
    """Multiply by weights along an axis, where they are not one."""
    length = probabilities.shape[axis]
    partial = np.flatnonzero(weights[:length] != 1)
    if not partial.size:
        return
    full = np.flatnonzero(weights[:length] == 1)
    edges = [slice(0, length)] if not full.size else [slice(0, full[0]), slice(full[-1] + 1, length)]
    for edge in edges:
        part = probabilities[:, edge] if axis == 1 else probabilities[:, :, edge]
        part *= weights[edge, np.newaxis] if axis == 1 else weights[edge]
