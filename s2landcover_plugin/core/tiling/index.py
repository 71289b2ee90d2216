# SPDX-License-Identifier: GPL-2.0-or-later
"""`index.gpkg`: the tiles of a dataset as polygons, to be looked at on a map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ..raster import Grid, Window, transformed
from ..vector import Column, FieldKind, PolygonLayer, Ring, write_polygons
from .dataset import INDEX_FILE, TileRecord

_FIELDS = (
    ("id", FieldKind.TEXT),
    ("split", FieldKind.TEXT),
    ("fold", FieldKind.INTEGER),
    ("repeat", FieldKind.INTEGER),
    ("place", FieldKind.TEXT),
    ("source", FieldKind.TEXT),
    ("date", FieldKind.TEXT),
    ("col", FieldKind.INTEGER),
    ("row", FieldKind.INTEGER),
    ("valid_fraction", FieldKind.REAL),
    ("cloud_fraction", FieldKind.REAL),
    ("shadow_fraction", FieldKind.REAL),
    ("snow_fraction", FieldKind.REAL),
)


def write_index(
    folder: Path, tiles: Sequence[TileRecord], size: int, grids: Mapping[str, Grid], classes: Sequence[int]
) -> None:
    """Write a polygon a tile, with the fields of `TileRecord` and one field `class_<value>` a class.

    Tiles of scenes without a CRS lie nowhere: they are left out, and there is no file if all are such.

    Args:
        folder: of the dataset.
        tiles: the tiles.
        size: height and width of a tile, pixels.
        grids: of the scenes, by name; the index has the CRS of the first that has one.
        classes: class values whose fractions to write.

    Raises:
        OutputError: if it cannot be written.
        GridError: if the scenes' coordinate reference systems cannot be brought to that of the first.
        DependencyError: if there is no library for vector files.
    """
    tiles = [tile for tile in tiles if grids[tile.source].crs]
    if not tiles:
        return
    columns = [Column(name, kind, tuple(getattr(tile, name) for tile in tiles)) for name, kind in _FIELDS]
    for value in classes:
        fractions = tuple(tile.class_fractions.get(value, 0.0) for tile in tiles)
        columns.append(Column(f"class_{value}", FieldKind.REAL, fractions))
    crs = next(grid.crs for grid in grids.values() if grid.crs)
    rings = tuple(_ring(grids[tile.source].crop(Window(tile.col, tile.row, size, size)), crs) for tile in tiles)
    write_polygons(str(folder / INDEX_FILE), PolygonLayer("tiles", crs, rings, tuple(columns)))


def _ring(grid: Grid, crs: str) -> Ring:
    corners = ((0, 0), (grid.width, 0), (grid.width, grid.height), (0, grid.height))
    places = transformed(np.array([grid.xy(col, row) for col, row in corners]), grid.crs, crs)
    return Ring(tuple((float(x), float(y)) for x, y in places))
