# SPDX-License-Identifier: GPL-2.0-or-later
"""Where tiles of several scenes lie on the ground, and which of them are near each other.

Scenes may have different grids and coordinate reference systems. Those that lie near each other form a region, and what
lies in a region is measured in pixels of the grid of its first scene.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import GridError
from ..raster import Grid, Window, crs_from_authority, crs_name, same_crs, transformed

_TOUCH = 0.01  # pixels that footprints may overlap by, from rounding, and still only touch
_MARGIN = 1.0  # degrees around a scene in which others belong to its region: farther than any buffer reaches
_EDGE_POINTS = 5


@dataclass(frozen=True)
class Footprint:
    """A rectangle of ground that holds a tile.

    Attributes:
        region: number of the region.
        left: first column of the region's grid, pixels.
        top: first row.
        right: end of the columns.
        bottom: end of the rows.
    """

    region: int
    left: float
    top: float
    right: float
    bottom: float

    @property
    def area(self) -> float:
        """Pixels."""
        return (self.right - self.left) * (self.bottom - self.top)

    def distance(self, other: Footprint) -> float:
        """Return how many pixels lie between two of one region, across or down; negative where they overlap."""
        across = max(self.left - other.right, other.left - self.right)
        return max(across, self.top - other.bottom, other.top - self.bottom)

    def shared(self, other: Footprint) -> float:
        """Return the area that two of one region share, pixels."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(width, 0.0) * max(height, 0.0)


class Ground:
    """The regions of some scenes.

    Args:
        grids: the scenes'; one without a CRS is a region of its own.

    Attributes:
        regions: number of the region of each scene.

    Raises:
        GridError: if a scene lies nowhere on the Earth.
    """

    def __init__(self, grids: Sequence[Grid]) -> None:
        self._grids = tuple(grids)
        boxes = np.stack([_degrees(grid) for grid in grids])
        near = [(i, int(j)) for i in range(len(boxes)) for j in np.flatnonzero(_meet(boxes[i], boxes[:i]))]
        self.regions = united(len(grids), near)

    def footprints(self, scene: int, windows: Sequence[Window]) -> list[Footprint]:
        """Return where windows of a scene lie.

        Raises:
            GridError: if the scene's CRS cannot be brought to that of its region.
        """
        region = self.regions[scene]
        grid, reference = self._grids[scene], self._grids[region]
        edges = _edge_points(windows)
        places = transformed(_affine(grid, edges).reshape(-1, 2), grid.crs, reference.crs)
        if not np.isfinite(places).all():
            raise GridError(
                f"A scene in {crs_name(grid.crs)} cannot be compared with one in {crs_name(reference.crs)}; reproject "
                "it to the same coordinate reference system first."
            )
        pixels = _inverse(reference, places).reshape(edges.shape)
        # Between the points of its edge, a tile in another projection bulges a little.
        slack = 0.0 if same_crs(grid.crs, reference.crs) else 1.0
        low, high = pixels.min(axis=1) - slack, pixels.max(axis=1) + slack
        return [Footprint(region, *first, *last) for first, last in zip(low.tolist(), high.tolist())]


class Neighbours:
    """Finds footprints near others. Those that are asked about need not have been added.

    Args:
        footprints: all there are.
        distance: what counts as near, pixels; 0 for what overlaps.
    """

    def __init__(self, footprints: Sequence[Footprint], distance: float) -> None:
        self._footprints = footprints
        self._distance = distance
        sides = (max(item.right - item.left, item.bottom - item.top) for item in footprints)
        self._cell = max(sides, default=1.0) + distance
        self._cells: dict[tuple[int, int, int], list[int]] = {}

    def add(self, index: int) -> None:
        """Add one, by its index."""
        self._cells.setdefault(self._cell_of(index), []).append(index)

    def near(self, index: int) -> Iterator[int]:
        """Yield the indices of those added that are near one."""
        region, row, col = self._cell_of(index)
        here = self._footprints[index]
        # Cells as large as the largest footprint: whatever is near starts in its own cell or a neighbour.
        for i in (-1, 0, 1):
            for j in (-1, 0, 1):
                for other in self._cells.get((region, row + i, col + j), ()):
                    if here.distance(self._footprints[other]) < self._distance - _TOUCH:
                        yield other

    def _cell_of(self, index: int) -> tuple[int, int, int]:
        item = self._footprints[index]
        return item.region, int(item.top // self._cell), int(item.left // self._cell)


def united(count: int, pairs: Sequence[tuple[int, int]]) -> list[int]:
    """Return the smallest member of the set that each of `count` things belongs to, if pairs belong together."""
    parents = list(range(count))

    def root(item: int) -> int:
        while parents[item] != item:
            item = parents[item]
        return item

    for first, second in pairs:
        low, high = sorted((root(first), root(second)))
        parents[high] = low
    return [root(item) for item in range(count)]


def _edge_points(windows: Sequence[Window]) -> NDArray[np.float64]:
    """Return columns and rows along the edges of windows, shape (windows, points, 2)."""
    share = np.linspace(0, 1, _EDGE_POINTS)
    cols, rows = (part.ravel() for part in np.meshgrid(share, share))
    on_edge = (np.abs(cols - 0.5) == 0.5) | (np.abs(rows - 0.5) == 0.5)
    unit = np.stack([cols, rows], axis=-1)[on_edge]
    corners = np.array([(window.col, window.row) for window in windows], dtype=np.float64)
    sizes = np.array([(window.width, window.height) for window in windows], dtype=np.float64)
    points: NDArray[np.float64] = corners[:, np.newaxis] + unit * sizes[:, np.newaxis]
    return points


def _affine(grid: Grid, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return coordinates of columns and rows, shape (..., 2)."""
    x0, a, b, y0, d, e = grid.transform
    places: NDArray[np.float64] = pixels @ np.array([[a, d], [b, e]]) + (x0, y0)
    return places


def _inverse(grid: Grid, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return columns and rows of coordinates, shape (..., 2)."""
    x0, a, b, y0, d, e = grid.transform
    pixels: NDArray[np.float64] = (places - (x0, y0)) @ np.array([[e, -d], [-b, a]]) / (a * e - b * d)
    return pixels


def _degrees(grid: Grid) -> NDArray[np.float64]:
    """Return smallest and largest longitude and latitude of a scene, with a margin, shape (2, 2); NaN without a CRS."""
    if not grid.crs:
        return np.full((2, 2), np.nan)
    edge = _affine(grid, _edge_points([grid.window()])[0])
    places = transformed(edge, grid.crs, crs_from_authority("EPSG:4326"))
    if not np.isfinite(places).all():
        raise GridError(
            f"A scene lies outside what its coordinate reference system {crs_name(grid.crs)} covers; assign the right "
            "one first (Raster > Projections > Assign Projection)."
        )
    return np.stack([places.min(axis=0) - _MARGIN, places.max(axis=0) + _MARGIN])


def _meet(box: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say which of other boxes, shape (boxes, 2, 2), a box of shape (2, 2) meets."""
    found: NDArray[np.bool_] = ((box[0] <= others[:, 1]) & (others[:, 0] <= box[1])).all(axis=1)
    return found
