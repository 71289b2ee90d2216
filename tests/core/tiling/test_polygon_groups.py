# SPDX-License-Identifier: GPL-2.0-or-later
"""Groups by polygons, with whichever library reads the layer."""

from __future__ import annotations

import dataclasses
import json
import random

import numpy as np
import pytest

from s2landcover_plugin.core.errors import Cancelled, GridError, InputError
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.raster import Grid, Window, crs_from_authority, transformed
from s2landcover_plugin.core.tiling.parts import keep_apart
from s2landcover_plugin.core.tiling.polygon_groups import groups_by_polygons
from s2landcover_plugin.core.tiling.request import EdgeMode, GroupPolygons, SplitMethod, SplitOptions
from s2landcover_plugin.core.vector import Column, FieldKind, PolygonLayer, Ring, write_polygons
from tests.core.tiling.test_grouping import UTM32, UTM33, assert_apart, info_of, placed, request_of, tiles_of

GRID = Grid(64, 32, (400000.0, 10.0, 0.0, 5000000.0, 0.0, -10.0), UTM33)


def box(left, top, right, bottom):
    """Return the corners of pixels of the grid."""
    return tuple(
        (400000.0 + 10 * col, 5000000.0 - 10 * row)
        for col, row in ((left, top), (right, top), (right, bottom), (left, bottom))
    )


def layer(folder, boxes, values, kind=FieldKind.TEXT, crs=UTM33):
    rings = [np.array(box(*item)) for item in boxes]
    moved = [transformed(ring, UTM33, crs) for ring in rings]
    shapes = tuple(Ring(tuple((float(x), float(y)) for x, y in ring)) for ring in moved)
    path = str(folder / "groups.gpkg")
    write_polygons(path, PolygonLayer("groups", crs, shapes, (Column("area", kind, tuple(values)),)))
    return GroupPolygons(path, "area")


def groups_of(polygons, *windows, grid=GRID):
    return groups_by_polygons(polygons, [(grid, window) for window in windows], SilentProgress())


ROW = [Window(col, 0, 16, 16) for col in (0, 16, 32, 48)]


@pytest.mark.parametrize("crs", [UTM33, UTM32, crs_from_authority("EPSG:4326"), crs_from_authority("EPSG:3035")])
def test_a_tile_has_the_group_that_covers_most_of_it(tmp_path, crs):
    polygons = layer(tmp_path, [(-5, -5, 23, 40), (23, -5, 43, 40)], ["west", "middle"], crs=crs)
    assert groups_of(polygons, *ROW) == ["west", "middle", "middle", ""]


def test_polygons_of_one_group_count_together_and_ties_go_by_name(tmp_path):
    boxes = [(0, 0, 5, 16), (5, 0, 10, 16), (10, 0, 16, 16), (16, 0, 24, 16), (24, 0, 32, 16)]
    polygons = layer(tmp_path, boxes, ["a", "a", "b", "d", "c"])
    assert groups_of(polygons, *ROW[:2]) == ["a", "c"]


def test_of_polygons_that_overlap_the_last_counts_and_one_without_a_group_does_not(tmp_path):
    polygons = layer(tmp_path, [(0, 0, 16, 16), (0, 0, 9, 16), (9, 0, 16, 16)], ["under", "over", None])
    assert groups_of(polygons, ROW[0]) == ["over"]
    polygons = layer(tmp_path, [(0, 0, 16, 16), (0, 0, 7, 16), (7, 0, 16, 16)], ["under", "over", " "])
    assert groups_of(polygons, ROW[0]) == ["under"]


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        (FieldKind.INTEGER, (7, None, 12), ["7", "", "12"]),
        (FieldKind.INTEGER, (7, 8, 12), ["7", "8", "12"]),
        (FieldKind.REAL, (7.0, None, 0.1), ["7", "", "0.1"]),
        (FieldKind.TEXT, ("007", "", " Süd "), ["007", "", "Süd"]),
    ],
)
def test_any_field_names_groups(tmp_path, kind, values, expected):
    polygons = layer(tmp_path, [(0, 0, 16, 16), (16, 0, 32, 16), (32, 0, 48, 16)], values, kind)
    assert groups_of(polygons, *ROW[:3]) == expected


def test_more_groups_than_a_byte_numbers(tmp_path):
    boxes = [(col, row, col + 2, row + 2) for row in range(0, 32, 2) for col in range(0, 64, 2)]
    polygons = layer(tmp_path, boxes, range(len(boxes)), FieldKind.INTEGER)
    found = groups_of(polygons, *(Window(left, top, 2, 2) for left, top, *_ in boxes))
    assert found == [str(number) for number in range(512)]


def test_geojson_and_its_coordinates_are_read(tmp_path):
    ring = transformed(np.array(box(0, 0, 40, 40)), UTM33, crs_from_authority("EPSG:4326")).tolist()
    feature = {
        "type": "Feature",
        "properties": {"basin": "Isar"},
        "geometry": {"type": "MultiPolygon", "coordinates": [[[*ring, ring[0]]]]},
    }
    path = tmp_path / "basins.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    assert groups_of(GroupPolygons(str(path), "basin"), *ROW) == ["Isar", "Isar", "Isar", ""]


def test_a_tile_that_reaches_beyond_its_image_counts_by_what_it_shows(tmp_path):
    polygons = layer(tmp_path, [(0, 0, 60, 32), (60, 0, 90, 32)], ["inside", "mostly outside"])
    assert groups_of(polygons, Window(54, 0, 16, 16)) == ["inside"]


def test_polygons_that_say_nothing_are_refused(tmp_path):
    polygons = layer(tmp_path, [(500, 500, 510, 510)], ["far"])
    with pytest.raises(GridError, match=r"No tile lies in a polygon of .*groups.gpkg that has a group in its field"):
        groups_of(polygons, *ROW)
    with pytest.raises(InputError, match="no field 'region'; it has area"):
        groups_of(GroupPolygons(polygons.path, "region"), *ROW)
    with pytest.raises(InputError, match="no layer 'x'; it has groups"):
        groups_of(GroupPolygons(polygons.path, "area", "x"), *ROW)
    with pytest.raises(InputError, match="which field of"):
        GroupPolygons(polygons.path, "")
    with pytest.raises(GridError, match="no coordinate reference system"):
        groups_of(polygons, *ROW, grid=dataclasses.replace(GRID, crs=""))


def test_reading_can_be_cancelled(tmp_path):
    class Impatient(SilentProgress):
        def check(self):
            raise Cancelled

    with pytest.raises(Cancelled):
        groups_by_polygons(layer(tmp_path, [(0, 0, 9, 9)], ["a"]), [(GRID, ROW[0])], Impatient())


@pytest.mark.parametrize("method", [SplitMethod.GROUPS, SplitMethod.FOLDS])
@pytest.mark.parametrize("seed", range(5))
def test_overlapping_tiles_of_different_groups_share_no_pixel_across_parts(tmp_path, method, seed):
    """Two dates, a shifted scene and one in another projection, cut with overlap, over polygons of odd shapes."""
    rng = random.Random(seed)
    size, buffer = rng.randint(12, 24), rng.choice([0, 5])
    cuts = sorted(rng.sample(range(10, 90), 4))
    strips = list(zip([-20, *cuts], [*cuts, 130]))
    polygons = layer(tmp_path, [(left, -50, right, 140) for left, right in strips], ["a", "b", "a", "c", "d"])
    infos = [info_of("s", 0, 0, 100, 80), info_of("later", 0, 0, 100, 80), info_of("shifted", 11, 7, 60, 70)]
    infos.append(info_of("c", 20, 20, 60, 60, UTM32))
    edges = rng.choice(list(EdgeMode))
    given = {"method": method, "folds": 2, "polygons": polygons, "buffer": buffer, "seed": seed}
    request = request_of(infos, size, size // 2, edges, **given, validation=0.25, test=0.25)
    kept = placed(infos, request)
    assert_apart(infos, kept, buffer)
    parts = {item.group: item.part for item in kept}
    assert all(parts[item.group] == item.part for item in kept)
    assert len({*parts.values()}) > 1
    everything = tiles_of(infos, request)
    names = groups_by_polygons(polygons, [(infos[t.source].grid, t.window) for t in everything], SilentProgress())
    group = dict(zip((tile.id for tile in everything), names))
    assert len(kept) < len(everything)
    assert all(group[item.tile.id] == item.group for item in kept)


def test_tiles_outside_all_polygons_are_left_out_and_counted(tmp_path):
    class Listener(SilentProgress):
        heard = ()

        def info(self, message):
            self.heard += (message,)

    infos, listener = [info_of("s", 0, 0, 64, 32)], Listener()
    polygons = layer(tmp_path, [(0, 0, 16, 40), (16, 0, 32, 40)], ["a", "b"])
    request = request_of(infos, method=SplitMethod.GROUPS, polygons=polygons, validation=0.5, test=0)
    kept = keep_apart(tiles_of(infos, request), infos, request, listener)
    assert sorted(item.group for item in kept) == ["a", "a", "b", "b"]
    assert any("4 of 8 tiles" in text and "lie in no polygon that has a group" in text for text in listener.heard)


def test_groups_need_a_table_or_polygons_and_not_both():
    polygons = GroupPolygons("p.gpkg", "area")
    with pytest.raises(InputError, match="got neither"):
        SplitOptions(SplitMethod.GROUPS)
    with pytest.raises(InputError, match="got both"):
        SplitOptions(SplitMethod.GROUPS, groups={"a": "b"}, polygons=polygons)
    with pytest.raises(InputError, match="Groups are given, and the split is by blocks; split by groups or folds"):
        SplitOptions(polygons=polygons)
    assert SplitOptions(SplitMethod.FOLDS, polygons=polygons).is_grouped
    assert SplitOptions(SplitMethod.GROUPS, polygons=polygons).polygons is polygons
