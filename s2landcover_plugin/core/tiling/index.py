# SPDX-License-Identifier: GPL-2.0-or-later
"""`index.gpkg`: the tiles of a dataset as polygons, to be looked at on a map."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..raster import Grid, Window
from ..vector import Column, FieldKind, PolygonLayer, Ring, write_polygons
from .dataset import INDEX_FILE, TileRecord

_FIELDS = (
    ("id", FieldKind.TEXT),
    ("split", FieldKind.TEXT),
    ("place", FieldKind.TEXT),
    ("source", FieldKind.TEXT),
    ("col", FieldKind.INTEGER),
    ("row", FieldKind.INTEGER),
    ("valid_fraction", FieldKind.REAL),
    ("cloud_fraction", FieldKind.REAL),
)


def write_index(folder: Path, tiles: Sequence[TileRecord], size: int, grid: Grid, classes: Sequence[int]) -> None:
    """Write a polygon a tile, with the fields of `TileRecord` and one field `class_<value>` a class.

    Args:
        folder: of the dataset.
        tiles: all cut from one grid.
        size: height and width of a tile, pixels.
        grid: of the scene.
        classes: class values whose fractions to write.

    Raises:
        OutputError: if it cannot be written.
        DependencyError: if there is no library for vector files.
    """
    columns = [Column(name, kind, tuple(getattr(tile, name) for tile in tiles)) for name, kind in _FIELDS]
    for value in classes:
        fractions = tuple(tile.class_fractions.get(value, 0.0) for tile in tiles)
        columns.append(Column(f"class_{value}", FieldKind.REAL, fractions))
    rings = tuple(_ring(grid.crop(Window(tile.col, tile.row, size, size))) for tile in tiles)
    write_polygons(str(folder / INDEX_FILE), PolygonLayer("tiles", grid.crs, rings, tuple(columns)))


def _ring(grid: Grid) -> Ring:
    corners = ((0, 0), (grid.width, 0), (grid.width, grid.height), (0, grid.height))
    return Ring(tuple(grid.xy(col, row) for col, row in corners))
