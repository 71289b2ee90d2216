# SPDX-License-Identifier: GPL-2.0-or-later
"""Probabilities of overlapping windows, added up row by row until nothing more can be added."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..radiometry import FloatArray


class RowBlend:
    """Holds the rows that present and later windows add to: as many as a window has, whatever the raster's height."""

    def __init__(self, classes: int, rows: int, width: int) -> None:
        self._sums: FloatArray = np.zeros((classes, rows, width), np.float32)

    def add(self, cols: slice, probabilities: FloatArray, weights: FloatArray) -> None:
        """Add a window's share.

        Args:
            cols: the raster's columns that it covers.
            probabilities: shape (classes, rows, cols); overwritten.
            weights: shape (rows, cols).
        """
        rows = weights.shape[0]
        # One class after the other stays in the processor's cache.
        for plane, total in zip(probabilities, self._sums[:, :rows, cols]):
            plane *= weights
            total += plane

    def finish(self, rows: int) -> tuple[NDArray[np.uint8], FloatArray]:
        """Return the first rows, which nothing more is added to, and move the others up.

        Returns:
            Position of the likeliest class and its probability (0-1), each of shape (rows, width). Where nothing was
            added, both are 0.
        """
        result = likeliest(self._sums[:, :rows])
        kept = self._sums.shape[1] - rows
        self._sums[:, :kept] = self._sums[:, rows:]
        self._sums[:, kept:] = 0
        return result


def likeliest(probabilities: FloatArray) -> tuple[NDArray[np.uint8], FloatArray]:
    """Return position and value of the largest of shape (classes, rows, cols) over the classes; ties to the first."""
    best = probabilities[0].copy()
    index = np.zeros(best.shape, np.uint8)
    for number, plane in enumerate(probabilities[1:], start=1):
        np.copyto(index, np.uint8(number), where=plane > best)
        np.maximum(best, plane, out=best)
    return index, best
