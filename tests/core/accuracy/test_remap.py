# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.accuracy.class_matching import Matching
from s2landcover_plugin.core.accuracy.remap import TableRecoding, fitted
from s2landcover_plugin.core.errors import InputError
from s2landcover_plugin.core.labels.class_table import Row, build_table
from s2landcover_plugin.core.labels.table_file import preset_rows, rows_of_pairs
from s2landcover_plugin.core.legend import LandCoverClass, Legend
from s2landcover_plugin.core.raster import open_raster
from tests.scenes import write_scene

MAP = Legend((LandCoverClass(1, "water", "336699"), LandCoverClass(2, "trees", "339933")))
FOREST, LAKE = Row("Row 1", (311,), (), (), 1, "Trees"), Row("Row 2", (512,), (), (), 2, "Water")


def reference(folder, values, **fields):
    stored = np.array([[values]], np.uint16)
    return open_raster(write_scene(folder / "r.tif", stored, ("classes",), scale=1.0, **fields))


def test_values_above_255_are_recoded_and_what_is_not_listed_stays(tmp_path):
    rows = rows_of_pairs([311, 2, 512, "water", 999, None, "wood", "Trees"])
    found = fitted(rows, MAP)
    assert (found.table.values, found.note) == ({311: 2, 512: 1, 999: 0}, "")
    with reference(tmp_path, [311, 512, 999, 40, 7, 7], categories={40: "Wood"}, nodata=None) as raster:
        recoding = TableRecoding(raster, found.table)
        array, valid = raster.read_masked(raster.grid.window())
        values, there = recoding(array, valid)
    assert values.tolist() == [[[2, 1, 0, 2, 7, 7]]]
    assert there.tolist() == [[[True, True, False, True, True, True]]]
    assert recoding.note == "The class table does not list 2 pixels of the reference, which keep their values: 7 (2)."


def test_palettes_and_no_data(tmp_path):
    table = build_table([Row("Row 1", (), (), ("00FF00",), 2), Row("Row 2", (0,), (), (), 1)])
    colours = {3: (0, 255, 0, 255), 4: (0, 0, 255, 255)}
    stored = np.array([[[3, 0, 4]]], np.uint8)
    path = write_scene(tmp_path / "r.tif", stored, ("classes",), scale=1.0, colours=colours)
    with open_raster(path) as raster:
        values, there = TableRecoding(raster, table)(
            np.array([[[3.0, np.nan, 0.0]]]), np.array([[[True, False, True]]])
        )
    assert values.tolist() == [[[2, 0, 1]]]
    assert there.tolist() == [[[True, False, True]]]


def test_what_the_table_does_not_list_has_to_be_a_class(tmp_path):
    with reference(tmp_path, [700, 311]) as raster:
        recoding = TableRecoding(raster, fitted(rows_of_pairs([311, 2]), MAP).table)
        with pytest.raises(InputError, match="holds the value 700"):
            recoding(*raster.read_masked(raster.grid.window()))


@pytest.mark.parametrize(
    ("matching", "values"),
    [(Matching.AUTO, {311: 2, 512: 1}), (Matching.NAME, {311: 2, 512: 1}), (Matching.VALUE, {311: 1, 512: 2})],
)
def test_classes_that_the_table_numbers_are_found_as_those_of_rasters_are(matching, values):
    found = fitted([FOREST, LAKE], MAP, matching)
    assert (found.table.values, found.note) == (values, "")
    assert {item.name: item.value for item in found.table.legend}["Trees"] == values[311]


def test_doubtful_numbers_are_told():
    found = fitted([FOREST, Row("Row 2", (512,), (), (), 9, "Ice")], MAP)
    assert found.table.values == {311: 1, 512: 9}
    assert "value 1 is called 'water' on the map and 'Trees' in the reference" in found.note


def test_a_table_that_comes_with_the_package_leads_to_the_map_s_own_numbers():
    classes = build_table(preset_rows("corine-level1")).legend
    own = Legend(tuple(LandCoverClass(60 - 10 * item.value, item.name.upper(), item.colour) for item in classes))
    found = fitted(preset_rows("corine-level1"), own)
    assert [found.table.values[code] for code in (111, 211, 311, 411, 523, 999)] == [50, 40, 30, 20, 10, 0]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([1, 2, "1 ", 1], "Row 1 and Row 2 .* contradict each other: the value 1 becomes 2 in one and 1"),
        (["wood", 2, "Wood", 1], "Row 1 and Row 2 .* the name wood becomes 2 in one and 1"),
        ([1, "lava"], r"Row 1 .* leads to 'lava', which is no known class; give one of water, trees"),
        ([1, 300], "Row 1 .* leads to the value 300"),
    ],
)
def test_tables_that_cannot_be_used(cells, message):
    with pytest.raises(InputError, match=message):
        fitted(rows_of_pairs(cells), MAP)


def test_a_table_without_rows_is_refused():
    with pytest.raises(InputError, match="is empty"):
        fitted((), MAP)
