# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.errors import GridError, InputError
from s2landcover_plugin.core.labels.align import align
from s2landcover_plugin.core.labels.class_table import Row, build_table
from s2landcover_plugin.core.labels.raster_labels import RecodingOptions
from s2landcover_plugin.core.labels.request import AlignmentRequest
from s2landcover_plugin.core.labels.voting import Method
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.raster import crs_from_authority, open_raster, transformed
from s2landcover_plugin.core.vector import Column, FieldKind, PolygonLayer, Ring, write_polygons
from tests.listeners import Recorder
from tests.scenes import utm_grid, write_scene

GRID = utm_grid(6, 4)
WGS84 = crs_from_authority("EPSG:4326")


def box(left, top, right, bottom):
    """Return a rectangle from positions in pixels of the image."""
    return Ring(tuple(GRID.xy(*place) for place in ((left, top), (right, top), (right, bottom), (left, bottom))))


@pytest.fixture
def aligned(tmp_path):
    """Align rectangles with their classes; return the result and its pixels."""
    image = write_scene(tmp_path / "image.tif", np.ones((1, 4, 6), np.uint16), ("B02",))

    def run(shapes, kind, crs=GRID.crs, progress=None, **fields):
        rings = tuple(shapes)
        if crs != GRID.crs:
            places = [transformed(np.array(ring.corners), GRID.crs, crs) for ring in rings]
            rings = tuple(Ring(tuple(map(tuple, place.tolist()))) for place in places)
        values = tuple(shapes.values()) if isinstance(shapes, dict) else ()
        path = str(tmp_path / "fields.gpkg")
        write_polygons(path, PolygonLayer("fields", crs, rings, (Column("class", kind, values),)))
        request = AlignmentRequest(
            image, str(tmp_path / "out.tif"), polygons=path, class_field="class", **{"least": 0, **fields}
        )
        result = align(request, progress or SilentProgress())
        with open_raster(result.output) as raster:
            return result, raster.read()[0]

    return run


LEFT, RIGHT, STRIP = box(0, 0, 3, 4), box(3, 0, 5, 4), box(2.2, 0, 2.45, 4)


@pytest.mark.parametrize("crs", [GRID.crs, WGS84])
def test_names_become_classes_in_any_crs(aligned, crs):
    result, found = aligned({LEFT: "Wälder", RIGHT: "Äcker"}, FieldKind.TEXT, crs)
    assert found.tolist() == [[1, 1, 1, 2, 2, 0]] * 4
    assert result.legend.names == {1: "Wälder", 2: "Äcker"}
    assert result.pixels == {1: 12, 2: 8}


def test_whole_numbers_stay_and_the_last_polygon_wins(aligned):
    assert aligned({LEFT: 9, box(1, 0, 4, 2): 4}, FieldKind.INTEGER)[1].tolist() == [
        *[[9, 4, 4, 4, 0, 0]] * 2,
        *[[9, 9, 9, 0, 0, 0]] * 2,
    ]
    assert aligned({box(1, 0, 4, 2): 4.0, LEFT: 9.0}, FieldKind.REAL)[1][0].tolist() == [9, 9, 9, 4, 0, 0]


def test_thin_polygons_survive_with_weights_only(aligned):
    shapes = {LEFT: "Field", STRIP: "Road"}
    for method, weights, expected in (
        (Method.NEAREST, {}, 1),
        (Method.MODE, {}, 1),
        (Method.WEIGHTED, {"road": 2.9}, 1),
        (Method.WEIGHTED, {"road": 3.1}, 2),
    ):
        assert aligned(shapes, FieldKind.TEXT, method=method, weights=weights)[1][0, 2] == expected


def test_how_much_of_a_pixel_polygons_have_to_cover_can_be_chosen(aligned):
    assert [aligned({box(0, 0, 2.25, 4): 5}, FieldKind.INTEGER, least=least)[1][0, 2] for least in (0, 25, 26)] == [
        *(5, 5, 0)
    ]


def test_a_table_says_what_names_and_codes_become(aligned):
    table = build_table([Row("", (311,), ("wood",), (), 7, "Forest", "00A600"), Row("", (), ("cloud",), (), 0)])
    shapes = {LEFT: "Wood", RIGHT: "311", box(0, 0, 1, 1): "Cloud", box(5, 0, 6, 4): "swamp"}
    log = Recorder()
    result, found = aligned(shapes, FieldKind.TEXT, progress=log, options=RecodingOptions(table))
    assert found.tolist() == [[0, 7, 7, 7, 7, 0], *[[7, 7, 7, 7, 7, 0]] * 3]
    assert result.unlisted == {"swamp": 1}
    assert log.warnings == ["Not in the class table are 1 polygons, which count as no data: swamp (1)."]


def test_codes_that_are_not_listed_can_be_kept(aligned):
    options = RecodingOptions(build_table([Row("", (1,), (), (), 7, "Forest")]), keep=True)
    assert aligned({LEFT: 1, RIGHT: 3}, FieldKind.INTEGER, options=options)[1][0].tolist() == [7, 7, 7, 3, 3, 0]
    with pytest.raises(InputError, match="holds the value 300"):
        aligned({LEFT: 1, RIGHT: 300}, FieldKind.INTEGER, options=options)


def test_polygons_without_a_class_are_holes(aligned):
    assert aligned({LEFT: "A", box(0, 0, 1, 4): None}, FieldKind.TEXT)[1][0].tolist() == [0, 1, 1, 0, 0, 0]


@pytest.mark.parametrize(
    ("shapes", "kind", "error", "message"),
    [
        ({box(100, 0, 101, 1): 3}, FieldKind.INTEGER, GridError, "No polygon of .* lies on the image"),
        ({LEFT: 3, RIGHT: 1000}, FieldKind.INTEGER, InputError, "names such as '1000' beside class values such as 3"),
        ({box(i / 50, 0, 6, 4): f"c{i}" for i in range(256)}, FieldKind.TEXT, InputError, "holds 256 classes"),
        ({LEFT: None}, FieldKind.TEXT, InputError, "holds 0 classes"),
    ],
)
def test_what_are_no_classes_is_refused(aligned, shapes, kind, error, message):
    with pytest.raises(error, match=message):
        aligned(shapes, kind)
