# SPDX-License-Identifier: GPL-2.0-or-later
"""One suite for both vector backends; GeoPackages are SQLite files, so it reads them without either."""

from __future__ import annotations

import sqlite3
import struct
from pathlib import Path

import pytest

from s2landcover_plugin.core.errors import InputError, OutputError
from s2landcover_plugin.core.raster import crs_from_authority
from s2landcover_plugin.core.vector import (
    Column,
    FieldKind,
    Point,
    PointLayer,
    PolygonLayer,
    Ring,
    write_points,
    write_polygons,
)

SQUARE = Ring(((0.0, 0.0), (10.0, 0.0), (10.0, -10.0), (0.0, -10.0)))
LAYER = PolygonLayer(
    name="tiles",
    crs=crs_from_authority("EPSG:32633"),
    rings=(SQUARE, Ring(tuple((x + 10.0, y) for x, y in SQUARE.corners))),
    columns=(
        Column("id", FieldKind.TEXT, ("Wälder 1", "b")),
        Column("row", FieldKind.INTEGER, (0, 2**40)),
        Column("share", FieldKind.REAL, (0.25, None)),
    ),
)


def query(path: Path, sql: str) -> list[tuple]:
    with sqlite3.connect(path) as connection:
        return connection.execute(sql).fetchall()


def test_attributes_and_missing_values_are_written(tmp_path):
    path = tmp_path / "ä b.gpkg"
    write_polygons(str(path), LAYER)
    assert query(path, "SELECT id, row, share FROM tiles ORDER BY fid") == [
        ("Wälder 1", 0, 0.25),
        ("b", 2**40, None),
    ]


def test_geometry_and_crs_are_written(tmp_path):
    path = tmp_path / "a.gpkg"
    write_polygons(str(path), LAYER)
    [(blob,)] = query(path, "SELECT geom FROM tiles WHERE fid = 2")
    # GeoPackage header: magic, version, flags, SRS id, envelope of four doubles; then WKB.
    assert blob[:2] == b"GP"
    assert struct.unpack("<i", blob[4:8])[0] == 32633
    assert blob[40:] == LAYER.rings[1].wkb()
    assert query(path, "SELECT table_name, srs_id FROM gpkg_contents") == [("tiles", 32633)]


def test_wkb_closes_the_ring():
    numbers = struct.unpack("<BIII10d", SQUARE.wkb())
    assert numbers[:4] == (1, 3, 1, 5)
    assert numbers[4:6] == numbers[-2:] == (0.0, 0.0)


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(OutputError, match="could not be written"):
        write_polygons(str(tmp_path / "nowhere" / "a.gpkg"), LAYER)


def test_columns_are_as_long_as_the_polygons():
    with pytest.raises(InputError, match="1 values for 2 polygons"):
        PolygonLayer("tiles", LAYER.crs, LAYER.rings, (Column("id", FieldKind.TEXT, ("a",)),))


POINTS = PointLayer(
    name="places",
    crs=LAYER.crs,
    points=(Point(600005.0, 4999995.0), Point(1.5, -2.5)),
    columns=(Column("class", FieldKind.INTEGER, (3, None)),),
    style="<qgis/>",
)


def test_points_are_written_with_their_values(tmp_path):
    path = tmp_path / "a.gpkg"
    write_points(str(path), POINTS)
    rows = query(path, "SELECT geom, class FROM places ORDER BY fid")
    assert [value for _, value in rows] == [3, None]
    # A point needs no envelope: eight bytes of GeoPackage header, then WKB.
    assert [blob[8:] for blob, _ in rows] == [point.wkb() for point in POINTS.points]
    assert struct.unpack("<BI2d", rows[1][0][8:]) == (1, 1, 1.5, -2.5)


def test_a_style_becomes_the_layers_default(tmp_path):
    path = tmp_path / "a.gpkg"
    write_points(str(path), POINTS)
    sql = "SELECT f_table_name, f_geometry_column, styleQML, useAsDefault FROM layer_styles"
    assert query(path, sql) == [("places", "geom", "<qgis/>", 1)]
    assert ("layer_styles", "attributes") in query(path, "SELECT table_name, data_type FROM gpkg_contents")


def test_a_layer_without_a_style_has_no_table_for_it(tmp_path):
    path = tmp_path / "a.gpkg"
    write_points(str(path), PointLayer("places", LAYER.crs, POINTS.points, POINTS.columns))
    assert query(path, "SELECT name FROM sqlite_master WHERE name = 'layer_styles'") == []
