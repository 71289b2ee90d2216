# SPDX-License-Identifier: GPL-2.0-or-later
"""What a vector layer holds, as the backends read it, and polygons as edges."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, RasterError
from ..raster import Grid, transformed

_POLYGON, _MULTIPOLYGON, _COLLECTION = 3, 6, 7
_MARGIN = 0.05  # of a grid's size: sides of a grid are curves in another CRS


@dataclass(frozen=True)
class FeatureTable:
    """Features of a layer, in the order of their ids.

    Attributes:
        crs: WKT; empty if the layer has none.
        geometries: well-known binary in two dimensions, one a feature.
        values: of one field, one a feature; None is no value.
    """

    crs: str
    geometries: tuple[bytes, ...]
    values: tuple[str | int | float | None, ...]


def unreadable(path: str, reason: str) -> RasterError:
    """Return the error for what cannot be opened."""
    return RasterError(f"{path} is not a vector file that can be opened ({reason}).")


def no_layer(path: str, layer: str, known: Sequence[str]) -> InputError:
    """Return the error for a layer that is not there."""
    return InputError(f"{path} has no layer '{layer}'; it has {', '.join(known) or 'none'}.")


def no_field(path: str, field: str, known: Sequence[str]) -> InputError:
    """Return the error for a field that is not there."""
    return InputError(f"{path} has no field '{field}'; it has {', '.join(known) or 'none'}.")


def bounds_in(grid: Grid, crs: str) -> tuple[float, float, float, float] | None:
    """Return smallest x and y, largest x and y of a grid in another CRS, and a margin; None if it reaches beyond it."""
    share = np.linspace(0, 1, 21)
    cols, rows = (grid.width * part for part in np.meshgrid(share, share))
    x0, a, b, y0, d, e = grid.transform
    places = np.stack([x0 + a * cols + b * rows, y0 + d * cols + e * rows], axis=-1).reshape(-1, 2)
    there = transformed(places, grid.crs, crs)
    if not np.isfinite(there).all():
        return None
    low, high = there.min(axis=0), there.max(axis=0)
    margin = _MARGIN * (high - low)
    return (*(low - margin).tolist(), *(high + margin).tolist())


def rings(geometry: bytes) -> list[NDArray[np.float64]]:
    """Return the rings of a polygon or of several, outlines and holes alike, each of shape (corners, 2).

    Args:
        geometry: well-known binary (OGC 06-103r4) in two dimensions.

    Raises:
        InputError: if it is anything but polygons.
    """
    return list(_rings(_Bytes(geometry)))


class _Bytes:
    """Bytes that are read one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def header(self) -> tuple[str, int]:
        """Return the byte order and the geometry's type."""
        order = "<" if self._data[self._at] == 1 else ">"
        self._at += 1
        return order, self.number(order)

    def number(self, order: str) -> int:
        value: int = struct.unpack_from(f"{order}I", self._data, self._at)[0]
        self._at += 4
        return value

    def corners(self, order: str) -> NDArray[np.float64]:
        count = self.number(order)
        found = np.frombuffer(self._data, f"{order}f8", 2 * count, self._at).reshape(count, 2)
        self._at += 16 * count
        return found.astype(np.float64)


def _rings(data: _Bytes) -> Iterator[NDArray[np.float64]]:
    order, kind = data.header()
    if kind == _POLYGON:
        for _ in range(data.number(order)):
            yield data.corners(order)
    elif kind in (_MULTIPOLYGON, _COLLECTION):
        for _ in range(data.number(order)):
            yield from _rings(data)
    else:
        raise InputError(
            f"The layer holds geometries of the kind {kind} (well-known binary), where polygons are expected. Convert "
            "it to polygons first."
        )


def edges(polygons: Sequence[Sequence[NDArray[np.float64]]], grid: Grid, crs: str) -> list[NDArray[np.float64]]:
    """Return the edges of each polygon as column, row, column, row of their ends on a grid, shape (edges, 4).

    Corners without a place in the grid's CRS are left out.

    Args:
        polygons: rings of each, as `rings` returns them.
        grid: the grid.
        crs: of the rings, WKT.
    """
    every = [ring for polygon in polygons for ring in polygon]
    if not every:
        return [np.empty((0, 4)) for _ in polygons]
    # All at once: setting up a transformation takes longer than most polygons do.
    places = transformed(np.concatenate(every), crs, grid.crs)
    moved = iter(np.split(places, np.cumsum([len(ring) for ring in every])[:-1]))
    return [_edges([next(moved) for _ in polygon], grid) for polygon in polygons]


def _edges(polygon: Sequence[NDArray[np.float64]], grid: Grid) -> NDArray[np.float64]:
    x0, a, b, y0, d, e = grid.transform
    inverse: NDArray[np.float64] = np.array([[e, -b], [-d, a]]) / (a * e - b * d)
    found = [np.empty((0, 4))]
    for ring in polygon:
        kept = (ring[np.isfinite(ring).all(axis=1)] - (x0, y0)) @ inverse.T
        found.append(np.hstack([kept, np.roll(kept, -1, axis=0)]))
    return np.concatenate(found)
