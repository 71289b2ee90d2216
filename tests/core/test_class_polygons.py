# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import importlib.util
import sqlite3
from collections import Counter

import numpy as np
import pytest

from s2landcover_plugin.core.areas import class_areas, pixel_areas
from s2landcover_plugin.core.class_polygons import PolygonRequest, polygon_area, write_class_polygons
from s2landcover_plugin.core.errors import Cancelled, DependencyError, InputError
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.raster import Grid, backend_name, crs_from_authority
from s2landcover_plugin.core.vector.model import polygon_wkb
from tests.listeners import Recorder
from tests.onnx_models import LEGEND
from tests.scenes import utm_grid, write_scene

WGS84 = crs_from_authority("EPSG:4326")


def class_map(path, values, **fields):
    fields = {"scale": 1.0, "categories": LEGEND.names, "colours": LEGEND.colours, **fields}
    return write_scene(path, np.asarray(values)[np.newaxis], ("classes",), **fields)


def rows_of(path):
    with sqlite3.connect(path) as connection:
        return connection.execute("SELECT value, class, colour, area_ha FROM land_cover").fetchall()


def test_every_object_becomes_a_polygon_with_its_class_and_area(tmp_path):
    values = np.uint8([[1, 1, 1, 1], [1, 2, 2, 1], [1, 1, 1, 1], [0, 0, 7, 2]])
    output = tmp_path / "map.gpkg"
    count = write_class_polygons(PolygonRequest(class_map(tmp_path / "a.tif", values), str(output)), SilentProgress())
    colours = {item.value: f"#{item.colour}" for item in LEGEND}
    expected = [
        (1, "water", colours[1], 0.1),
        (2, "trees", colours[2], 0.01),
        (2, "trees", colours[2], 0.02),
        (7, "built", colours[7], 0.01),
    ]
    assert sorted(rows_of(output)) == expected
    assert count == 4
    with sqlite3.connect(output) as connection:
        (style,) = connection.execute("SELECT styleQML FROM layer_styles").fetchone()
    assert 'label="trees"' in style


def test_polygons_cover_what_the_pixels_do_in_degrees_too(tmp_path):
    values = np.random.default_rng(0).choice(np.uint8([0, 1, 2, 7]), (30, 20))
    grid = Grid(20, 30, (12.0, 0.01, 0.0, 60.0, 0.0, -0.01), WGS84)
    path = class_map(tmp_path / "a.tif", values, grid=grid)
    write_class_polygons(PolygonRequest(path, str(tmp_path / "a.gpkg")), SilentProgress())
    told = Counter()
    for value, _, _, hectares in rows_of(tmp_path / "a.gpkg"):
        told[value] += hectares
    for area in class_areas(path).classes:
        assert told[area.item.value] == pytest.approx(area.hectares, rel=1e-6)


def test_the_area_of_a_polygon_is_that_of_its_pixels_without_its_holes():
    outline = [(10.0, 50.0), (10.0, 49.0), (11.0, 49.0), (11.0, 50.0), (10.0, 50.0)]
    hole = [(10.2, 49.9), (10.3, 49.9), (10.3, 49.8), (10.2, 49.8), (10.2, 49.9)]
    whole = pixel_areas(Grid(1, 1, (10.0, 1.0, 0.0, 50.0, 0.0, -1.0), WGS84))[0]
    part = pixel_areas(Grid(1, 1, (10.2, 0.1, 0.0, 49.9, 0.0, -0.1), WGS84))[0]
    assert polygon_area(polygon_wkb([outline, hole]), WGS84) == pytest.approx(whole - part, rel=1e-9)
    assert polygon_area(polygon_wkb([outline]), utm_grid(1, 1).crs) == pytest.approx(1.0)


def test_simplified_outlines_keep_the_area_of_the_pixels(tmp_path):
    stairs = np.tri(12, dtype=np.uint8) + 1
    path = class_map(tmp_path / "a.tif", stairs)
    request = PolygonRequest(path, str(tmp_path / "a.gpkg"), tolerance=1.0)
    if backend_name() == "rasterio" and importlib.util.find_spec("shapely") is None:
        with pytest.raises(DependencyError, match="pip install shapely"):
            write_class_polygons(request, SilentProgress())
        assert not (tmp_path / "a.gpkg").exists()
        return
    write_class_polygons(request, SilentProgress())
    write_class_polygons(PolygonRequest(path, str(tmp_path / "exact.gpkg")), SilentProgress())
    assert sorted(rows_of(tmp_path / "a.gpkg")) == sorted(rows_of(tmp_path / "exact.gpkg"))
    assert size_of(tmp_path / "a.gpkg") < size_of(tmp_path / "exact.gpkg") / 3


def size_of(path):
    with sqlite3.connect(path) as connection:
        return sum(len(blob) for (blob,) in connection.execute("SELECT geom FROM land_cover"))


def test_what_has_no_polygons_is_refused(tmp_path):
    empty = class_map(tmp_path / "a.tif", np.zeros((3, 3), np.uint8))
    with pytest.raises(InputError, match="no polygons"):
        write_class_polygons(PolygonRequest(empty, str(tmp_path / "a.gpkg")), SilentProgress())
    with pytest.raises(InputError, match="tolerance of -1"):
        PolygonRequest(empty, "a.gpkg", -1)


def test_cancelling_leaves_nothing(tmp_path):
    path = class_map(tmp_path / "a.tif", np.ones((3, 3), np.uint8))
    whole = Recorder()
    write_class_polygons(PolygonRequest(path, str(tmp_path / "a.gpkg")), whole)
    assert whole.fractions == sorted(whole.fractions)
    assert whole.fractions[-1] == 1.0
    (tmp_path / "a.gpkg").unlink()
    for checks in range(whole.checks):
        with pytest.raises(Cancelled):
            write_class_polygons(PolygonRequest(path, str(tmp_path / "a.gpkg")), Recorder(checks))
    assert {item.name for item in tmp_path.iterdir()} == {"a.tif", "a.tif.aux.xml"}
