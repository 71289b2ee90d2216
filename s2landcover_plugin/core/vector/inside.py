# SPDX-License-Identifier: GPL-2.0-or-later
"""Which pixels lie in polygons: those whose centre does, as GDAL burns them by default."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..errors import GridError
from ..raster import Grid, Window
from .burning import PolygonBurner

Polygon = Sequence[Sequence[tuple[float, float]]]
"""Rings of corners (x, y): the outline first, then holes; the first corner may be repeated at the end."""


class PolygonMask:
    """Polygons over a grid.

    Args:
        grid: where the pixels lie.
        polygons: in the grid's CRS; where several overlap, they count as one.

    Raises:
        GridError: if no polygon lies on the grid.
    """

    def __init__(self, grid: Grid, polygons: Sequence[Polygon]) -> None:
        outlines = [pixel_edges(grid, polygon) for polygon in polygons]
        corners = np.concatenate([edges[:, :2] for edges in outlines] or [np.empty((0, 2))])
        self._window = _covering(grid, corners)
        self._burner = PolygonBurner(outlines, [1] * len(outlines))

    @property
    def window(self) -> Window:
        """The smallest part of the grid that holds them."""
        return self._window

    def inside(self, window: Window) -> NDArray[np.bool_]:
        """Return whether pixels lie in a polygon, shape (rows, cols)."""
        return self._burner.burn(window) > 0


def pixel_edges(grid: Grid, polygon: Polygon) -> NDArray[np.float64]:
    """Return edges as column, row, column, row of their ends, in pixels of the grid; shape (edges, 4)."""
    found = []
    for ring in polygon:
        ends = _to_pixels(grid, np.asarray(ring, np.float64).reshape(-1, 2))
        found.append(np.hstack([ends, np.roll(ends, -1, axis=0)]))
    return np.concatenate(found) if found else np.empty((0, 4))


def _to_pixels(grid: Grid, points: NDArray[np.float64]) -> NDArray[np.float64]:
    x0, a, b, y0, d, e = grid.transform
    relative = points - (x0, y0)
    inverse: NDArray[np.float64] = np.array([[e, -b], [-d, a]]) / (a * e - b * d)
    pixels: NDArray[np.float64] = relative @ inverse.T
    return pixels


def _covering(grid: Grid, corners: NDArray[np.float64]) -> Window:
    if len(corners):
        left, top = np.maximum(np.floor(corners.min(axis=0)), 0).astype(int)
        right, bottom = np.minimum(np.ceil(corners.max(axis=0)), (grid.width, grid.height)).astype(int)
        if left < right and top < bottom:
            return Window(int(left), int(top), int(right - left), int(bottom - top))
    raise GridError("No part of the area lies on the image; check both layers' coordinate reference systems.")
