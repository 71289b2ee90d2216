# SPDX-License-Identifier: GPL-2.0-or-later
"""What a map shows at points, and how many pixels each of its classes has, in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..class_raster import ClassScan, class_windows
from ..legend import NODATA
from ..progress import Progress
from ..raster import Grid, RasterReader
from .calibration import ConfidenceReader, PercentArray
from .class_matching import VALUES

OUTSIDE = -1
"""What the map shows at points that are not on it."""

Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class MapAtPoints:
    """A map, seen from points.

    Attributes:
        mapped: class value at each point, 0 where the map has no data, `OUTSIDE` beside it; shape (points,).
        pixels: pixels of each class on the whole map, by class value.
        note: what a user should know about the map; empty if nothing.
    """

    mapped: NDArray[np.int64]
    pixels: dict[int, int]
    note: str


def read_at(raster: RasterReader, places: Places, progress: Progress) -> MapAtPoints:
    """Read a class raster once.

    Args:
        raster: the map.
        places: columns and rows on its grid, as `places_on` returns them.
        progress: hears how far it is.

    Raises:
        RasterError: if it cannot be read.
        InputError: if it is no class raster.
        Cancelled: if the user asks to stop.
    """
    scan = ClassScan(raster)
    counts = np.zeros(VALUES, dtype=np.int64)
    mapped = np.full(len(places), OUTSIDE, dtype=np.int64)
    windows = tuple(class_windows(raster.grid))
    for done, window in enumerate(windows, start=1):
        progress.check()
        values = scan.read(window)
        counts += np.bincount(values.ravel(), minlength=VALUES)
        cols, rows = (places - (window.col, window.row)).T
        here = (cols >= 0) & (cols < window.width) & (rows >= 0) & (rows < window.height)
        mapped[here] = values[rows[here], cols[here]]
        progress.fraction(done / len(windows))
    pixels = {int(value): int(counts[value]) for value in np.flatnonzero(counts) if value != NODATA}
    return MapAtPoints(mapped, pixels, scan.note())


def percent_at(reader: ConfidenceReader, grid: Grid, places: Places, progress: Progress) -> PercentArray:
    """Return the confidence at pixels, per cent, shape (points,).

    Args:
        reader: on the map's grid.
        grid: the map's.
        places: columns and rows on it, shape (points, 2).
        progress: can cancel.
    """
    result = np.zeros(len(places), dtype=np.uint8)
    for window in class_windows(grid):
        progress.check()
        cols, rows = (places - (window.col, window.row)).T
        here = (cols >= 0) & (cols < window.width) & (rows >= 0) & (rows < window.height)
        if here.any():
            result[here] = reader.read(window)[rows[here], cols[here]]
    return result


def places_on(grid: Grid, xy: Sequence[tuple[float, float]]) -> Places:
    """Return the column and row of the pixels that coordinates lie in, shape (points, 2); (-1, -1) beside the grid."""
    x0, a, b, y0, d, e = grid.transform
    relative = np.asarray(xy, dtype=np.float64).reshape(-1, 2) - (x0, y0)
    inverse = np.array([[e, -b], [-d, a]]) / (a * e - b * d)
    pixels = np.floor(relative @ inverse.T)
    inside = np.isfinite(pixels) & (pixels >= 0) & (pixels < (grid.width, grid.height))
    both = np.logical_and(inside[:, :1], inside[:, 1:])
    return np.where(both, pixels, OUTSIDE).astype(np.int64)
