# SPDX-License-Identifier: GPL-2.0-or-later
"""Groups of tiles by polygons: districts, river basins or fields, whatever is to go into one part as a whole."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..errors import GridError
from ..progress import Progress
from ..raster import Grid, Window
from ..vector import PolygonBurner, edges, read_features, rings
from .plan import inside
from .request import GroupPolygons


class PolygonGroups:
    """The groups on one grid.

    Args:
        polygons: what says the groups.
        grid: of a scene.

    Raises:
        RasterError: if the file cannot be read.
        InputError: if there is no such layer or field, or the layer holds anything but polygons.
        GridError: if layer or grid have no CRS.
    """

    def __init__(self, polygons: GroupPolygons, grid: Grid) -> None:
        if not grid.crs:
            raise GridError("An image has no coordinate reference system, so that polygons cannot be laid on it.")
        found = read_features(polygons.path, polygons.layer, polygons.field, grid)
        every = [group_name(value) for value in found.values]
        named = [index for index, name in enumerate(every) if name]
        self._grid = grid
        self._names = sorted({every[index] for index in named})
        self._numbers = np.searchsorted(self._names, [every[index] for index in named])
        outlines = edges([rings(found.geometries[index]) for index in named], grid, found.crs)
        self._burner = PolygonBurner(outlines, [1] * len(outlines))

    def of(self, window: Window) -> str:
        """Return the group that covers most of a window, the first by name on a tie; empty if none does.

        A pixel belongs to the polygon that its centre lies in, the last one of the layer where several overlap.
        """
        owners = self._burner.polygons_in(inside(window, self._grid))
        covered: NDArray[np.int64] = np.bincount(self._numbers[owners[owners >= 0]], minlength=1)
        return self._names[int(covered.argmax())] if covered.any() else ""


def groups_by_polygons(polygons: GroupPolygons, places: Sequence[tuple[Grid, Window]], progress: Progress) -> list[str]:
    """Return the group of each tile; empty for a tile that lies in no polygon with a group.

    Args:
        polygons: what says the groups.
        places: grid and pixels of each tile.
        progress: can cancel.

    Raises:
        RasterError: if the file cannot be read.
        InputError: if there is no such layer or field, or the layer holds anything but polygons.
        GridError: if layer or images have no CRS, or no tile lies in a polygon that has a group.
        Cancelled: if the user asks to stop.
    """
    by_grid: dict[Grid, PolygonGroups] = {}
    names = []
    for grid, window in places:
        progress.check()
        if grid not in by_grid:
            by_grid[grid] = PolygonGroups(polygons, grid)
        names.append(by_grid[grid].of(window))
    if places and not any(names):
        raise GridError(
            f"No tile lies in a polygon of {polygons.path} that has a group in its field '{polygons.field}'. Check the "
            "field, and the coordinate reference systems of the layer and the images."
        )
    return names


def group_name(value: str | int | float | None) -> str:
    """Return the name of a group as a field holds it, whole numbers without decimals; empty for no value."""
    if value is None:
        return ""
    # The libraries disagree about whether a column of whole numbers with gaps is one of whole numbers.
    is_whole = not isinstance(value, str) and float(value).is_integer()
    return str(int(value)) if is_whole else str(value).strip()
