# SPDX-License-Identifier: GPL-2.0-or-later
"""Polygons onto a grid: a pixel belongs to the polygon that its centre lies in, whatever the backend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..raster import Window

_NO_EDGES = np.empty((0, 4))


class PolygonBurner:
    """Polygons with a number each, to be burnt into windows of a grid.

    Args:
        outlines: edges of each polygon as column, row, column, row of their ends, in pixels of the grid; shape
            (edges, 4). Outlines and holes alike: what lies within an odd number of rings is inside.
        codes: one a polygon, 0-255.
    """

    def __init__(self, outlines: Sequence[NDArray[np.float64]], codes: Sequence[int]) -> None:
        edges = np.concatenate([_NO_EDGES, *outlines])
        owners = np.repeat(np.arange(len(outlines), dtype=np.int64), [len(outline) for outline in outlines])
        slanting = edges[:, 1] != edges[:, 3]
        edges, self._owners = edges[slanting], owners[slanting]
        upward = edges[:, 1] > edges[:, 3]
        edges[upward] = edges[upward][:, [2, 3, 0, 1]]
        self._edges = edges
        self._codes = np.asarray(codes, np.uint8)
        self._left, self._right = _reach(self._edges, self._owners, len(outlines))
        self._rows: tuple[int, int] | None = None

    def burn(self, window: Window, factor: int = 1) -> NDArray[np.uint8]:
        """Burn the polygons of a window; of those that overlap, the last one stays.

        Args:
            window: pixels of the grid.
            factor: parts that each side of a pixel is divided into.

        Returns:
            The codes, 0 where no polygon lies, shape (window.height * factor, window.width * factor).
        """
        place = window.scaled(factor)
        codes = np.zeros(place.height * place.width, np.uint8)
        self._fill(codes, self._codes, window, factor)
        return codes.reshape(place.height, place.width)

    def polygons_in(self, window: Window) -> NDArray[np.int32]:
        """Return which polygon each pixel of a window lies in, the last one of several: its index, -1 for none.

        Shape (window.height, window.width).
        """
        found = np.full(window.height * window.width, -1, np.int32)
        self._fill(found, np.arange(len(self._codes), dtype=np.int32), window, 1)
        return found.reshape(window.height, window.width)

    def _fill(self, pixels: NDArray[Any], numbers: NDArray[Any], window: Window, factor: int) -> None:
        """Write each polygon's number into its pixels, which are in reading order."""
        edges, owners = self._near(window)
        begins, ends, polygons = _spans(edges * factor, owners, window.scaled(factor))
        # One slice after the other: later polygons cover earlier ones, and a slice is filled as fast as memory allows.
        for begin, end, number in zip(begins.tolist(), ends.tolist(), numbers[polygons].tolist()):
            pixels[begin:end] = number

    def _near(self, window: Window) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return the edges in the rows of a window whose polygons reach its columns."""
        rows = (window.row, window.height)
        if self._rows != rows:  # windows beside one another ask for the same
            near = (self._edges[:, 3] > window.row) & (self._edges[:, 1] < window.row + window.height)
            self._found = self._edges[near], self._owners[near]
            self._rows = rows
        edges, owners = self._found
        reaching = (self._left[owners] < window.col + window.width) & (self._right[owners] > window.col)
        return edges[reaching], owners[reaching]


def _reach(
    edges: NDArray[np.float64], owners: NDArray[np.int64], polygons: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the least and the greatest column of each polygon."""
    left, right = np.full(polygons, np.inf), np.full(polygons, -np.inf)
    for cols in (edges[:, 0], edges[:, 2]):
        np.minimum.at(left, owners, cols)
        np.maximum.at(right, owners, cols)
    return left, right


def _spans(
    edges: NDArray[np.float64], owners: NDArray[np.int64], window: Window
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return runs of pixels inside polygons, polygon by polygon.

    Returns:
        The first pixel of each run, counted row by row in the window, the one behind its last, and whose it is.
    """
    first = np.maximum(np.ceil(edges[:, 1] - 0.5), window.row).astype(np.int64)
    stop = np.minimum(np.ceil(edges[:, 3] - 0.5), window.row + window.height).astype(np.int64)
    each = np.maximum(stop - first, 0)
    index = np.repeat(np.arange(len(edges), dtype=np.int64), each)
    rows = first[index] + _counted(each)
    x0, y0, x1, y1 = edges[index].T
    crossings = x0 + (rows + 0.5 - y0) * ((x1 - x0) / (y1 - y0))
    order = np.lexsort((crossings, rows, owners[index]))
    cols = np.clip(np.ceil(crossings[order] - 0.5) - window.col, 0, window.width).astype(np.int64)
    row_starts = (rows[order][0::2] - window.row) * window.width
    begins, ends = row_starts + cols[0::2], row_starts + cols[1::2]
    filled = ends > begins
    return begins[filled], ends[filled], owners[index][order][0::2][filled]


def _counted(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return 0, 1, 2 … for each length, one after the other."""
    ends = np.cumsum(lengths, dtype=np.int64)
    return np.arange(ends[-1] if len(ends) else 0, dtype=np.int64) - np.repeat(ends - lengths, lengths)
