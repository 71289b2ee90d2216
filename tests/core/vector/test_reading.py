# SPDX-License-Identifier: GPL-2.0-or-later
"""One suite for both vector backends, on files that either of them writes."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest

from s2landcover_plugin.core.errors import GridError, InputError, RasterError
from s2landcover_plugin.core.raster import Grid, crs_from_authority, crs_name, transformed
from s2landcover_plugin.core.vector import (
    Column,
    FieldKind,
    PolygonLayer,
    Ring,
    edges,
    read_features,
    rings,
    write_polygons,
)

UTM = crs_from_authority("EPSG:32633")
GRID = Grid(10, 10, (500000.0, 10.0, 0.0, 5000000.0, 0.0, -10.0), UTM)
CORNERS = ((500000.0, 5000000.0), (500050.0, 5000000.0), (500050.0, 4999980.0), (500000.0, 4999980.0))


def layer(*offsets, columns=()):
    shapes = tuple(Ring(tuple((x + offset, y) for x, y in CORNERS)) for offset in offsets)
    return PolygonLayer("fields", UTM, shapes, columns)


@pytest.fixture
def path(tmp_path):
    columns = (
        Column("kind", FieldKind.TEXT, ("Wälder", None, "crops")),
        Column("code", FieldKind.INTEGER, (3, 1, None)),
        Column("share", FieldKind.REAL, (0.5, None, 2.0)),
    )
    write_polygons(str(tmp_path / "fields.gpkg"), layer(0.0, 50.0, 1_000_000.0, columns=columns))
    return str(tmp_path / "fields.gpkg")


@pytest.mark.parametrize(
    ("field", "values"),
    [("kind", ("Wälder", None, "crops")), ("code", (3, 1, None)), ("share", (0.5, None, 2.0))],
)
def test_geometries_and_values_are_read_in_order(path, field, values):
    found = read_features(path, "fields", field)
    assert found.values == values
    assert crs_name(found.crs) == "EPSG:32633"
    assert [rings(geometry)[0][0].tolist() for geometry in found.geometries] == [
        [x, 5000000.0] for x in (500000.0, 500050.0, 1500000.0)
    ]


def test_what_is_far_from_a_grid_is_left_out(path):
    assert read_features(path, "", "kind", GRID).values == ("Wälder", None)
    degrees = Grid(4, 4, (15.0, 0.001, 0.0, 45.2, 0.0, -0.001), crs_from_authority("EPSG:4326"))
    assert read_features(path, "", "kind", degrees).values == ()


def test_what_is_not_there_is_named(path, tmp_path):
    with pytest.raises(InputError, match="no field 'klass'; it has kind, code, share"):
        read_features(path, "", "klass")
    with pytest.raises(InputError, match="no layer 'roads'; it has fields"):
        read_features(path, "roads", "kind")
    with pytest.raises(RasterError, match=r"none\.gpkg is not a vector file"):
        read_features(str(tmp_path / "none.gpkg"), "", "kind")


def test_a_layer_without_a_crs_is_refused_where_a_place_is_asked_for(tmp_path):
    (tmp_path / "a.csv").write_text('kind,WKT\nA,"POLYGON((0 0,1 0,1 1,0 0))"\n')
    with pytest.raises(GridError, match="no coordinate reference system"):
        read_features(str(tmp_path / "a.csv"), "", "kind", GRID)


def test_several_polygons_and_heights_are_flattened(tmp_path):
    square = [[0, 0, 9], [1, 0, 9], [1, 1, 9], [0, 0, 9]]
    geometry = {"type": "MultiPolygon", "coordinates": [[square], [square, square]]}
    feature = {"type": "Feature", "geometry": geometry, "properties": {"kind": "A"}}
    empty = {"type": "Feature", "geometry": None, "properties": {"kind": "B"}}
    (tmp_path / "a.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [empty, feature]}))
    found = read_features(str(tmp_path / "a.geojson"), "", "kind")
    assert found.values == ("A",)
    assert [ring.tolist() for ring in rings(found.geometries[0])] == [[[0, 0], [1, 0], [1, 1], [0, 0]]] * 3


def test_big_endian_is_read_and_points_are_refused():
    data = struct.pack(">BII I4d", 0, 3, 1, 2, 1.0, 2.0, 3.0, 4.0)
    assert rings(data)[0].tolist() == [[1.0, 2.0], [3.0, 4.0]]
    with pytest.raises(InputError, match="where polygons are expected"):
        rings(struct.pack("<BI2d", 1, 1, 0.0, 0.0))


def test_edges_are_in_pixels_whatever_the_crs():
    ring = np.array(CORNERS)
    expected = [[0, 0, 5, 0], [5, 0, 5, 2], [5, 2, 0, 2], [0, 2, 0, 0]]
    np.testing.assert_allclose(edges([[ring]], GRID, UTM)[0], expected, atol=1e-6)
    wgs = crs_from_authority("EPSG:4326")
    there = transformed(ring, UTM, wgs)
    assert there[0] == pytest.approx([15.0, 45.1535], abs=1e-3)
    np.testing.assert_allclose(edges([[there]], GRID, wgs)[0], expected, atol=1e-3)
    assert [found.shape for found in edges([[], [ring], []], GRID, UTM)] == [(0, 4), (4, 4), (0, 4)]
    assert edges([[]], GRID, UTM)[0].shape == (0, 4)


def test_corners_without_a_place_in_the_grids_crs_are_left_out():
    wgs = crs_from_authority("EPSG:4326")
    ring = np.array([[15.0, 45.0], [15.1, 45.0], [15.1, 1000.0], [15.0, 45.1]])
    [found] = edges([[ring]], GRID, wgs)
    assert found.shape == (3, 4) and np.isfinite(found).all()
    assert edges([[ring[2:3]]], GRID, wgs)[0].shape == (0, 4)
