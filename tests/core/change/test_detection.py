# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from s2landcover_plugin.core.areas import HECTARE, pixel_areas
from s2landcover_plugin.core.change.detection import ChangeRequest, detect_change
from s2landcover_plugin.core.change.report import write_csv, write_html, write_json
from s2landcover_plugin.core.errors import GridError, InputError, OutputError
from s2landcover_plugin.core.labels.table_file import rows_of_pairs
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.raster import Grid, crs_from_authority, open_raster
from tests.core.accuracy.class_rasters import GRID, UTM, write
from tests.html_page import Page

NAMES = {1: "water", 2: "trees <&>", 3: "built"}


@pytest.fixture
def maps(tmp_path):
    """Trees; 5 x 10 pixels become built and 2 x 2 water, and a corner of the later map has no data."""
    before = np.full((50, 70), 2, np.uint8)
    after = before.copy()
    after[:5, :10], after[20:22, 20:22], after[40:, 60:] = 3, 1, 0
    return tuple(
        write(tmp_path / f"{name}.tif", array, categories=NAMES) for name, array in (("old", before), ("new", after))
    )


def test_the_matrix_tells_pixels_and_hectares(maps, tmp_path):
    change = detect_change(ChangeRequest(*maps, output=str(tmp_path / "change.tif")), SilentProgress())
    assert change.matrix.legend.names == NAMES
    assert change.matrix.counts.tolist() == [[0, 0, 0], [4, 3500 - 100 - 54, 50], [0, 0, 0]]
    assert change.hectares[1].tolist() == pytest.approx([0.04, 33.46, 0.5])
    assert (change.changed_pixels, change.left_out) == (54, 100)
    assert [(item.source.value, item.target.value, item.pixels) for item in change.transitions] == [
        (2, 3, 50),
        (2, 1, 4),
    ]
    assert "almost 20 % of them" in change.notes[-1]
    with open_raster(str(tmp_path / "change.tif")) as raster:
        values = raster.read()[0]
        assert raster.categories == {1: "no change", 2: "trees <&> to water", 3: "trees <&> to built"}
    assert [(values == value).sum() for value in range(4)] == [100, 3346, 4, 50]


def test_areas_in_degrees_follow_the_latitude(tmp_path):
    grid = Grid(4, 1000, (10.0, 0.01, 0.0, 60.0, 0.0, -0.01), crs_from_authority("EPSG:4326"))
    before, after = np.full((1000, 4), 2, np.uint8), np.full((1000, 4), 2, np.uint8)
    after[0], after[999, :2] = 3, 3
    paths = write(tmp_path / "a.tif", before, grid), write(tmp_path / "b.tif", after, grid)
    change = detect_change(ChangeRequest(*paths), SilentProgress())
    areas = pixel_areas(grid) / HECTARE
    assert change.changed_hectares == pytest.approx(4 * areas[0] + 2 * areas[-1])
    assert areas[-1] / areas[0] == pytest.approx(np.cos(np.radians(50.0)) / np.cos(np.radians(60.0)), rel=0.01)


def test_another_grid_and_other_numbers(maps, tmp_path):
    coarse = Grid(7, 5, (600000.0, 100.0, 0.0, 5000000.0, 0.0, -100.0), UTM)
    after = np.full((5, 7), 22, np.uint8)
    after[0, 0] = 33
    path = write(tmp_path / "coarse.tif", after, coarse, categories={22: "Trees <&>", 33: "Built"})
    change = detect_change(ChangeRequest(maps[0], path), SilentProgress())
    assert (change.resampled, change.matched_by, change.changed_pixels) == (True, "name", 100)
    table = rows_of_pairs(["22", "2", "33", "water"])
    by_table = detect_change(ChangeRequest(maps[0], path, remap=table), SilentProgress())
    assert [(item.target.name, item.pixels) for item in by_table.transitions] == [("water", 100)]
    with open_raster(maps[0]) as raster:
        assert raster.grid.matches(GRID)


def test_the_files_hold_the_same_numbers(maps, tmp_path):
    change = detect_change(ChangeRequest(*maps), SilentProgress())
    for writer, name in ((write_html, "c.html"), (write_csv, "c.csv"), (write_json, "c.json")):
        writer(change, tmp_path / name)
    with (tmp_path / "c.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["from_name"], row["to_name"], row["pixels"]) for row in rows] == [
        ("trees <&>", "water", "4"),
        ("trees <&>", "trees <&>", "3346"),
        ("trees <&>", "built", "50"),
    ]
    document = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))
    assert document["changed_ha"] == pytest.approx(0.54)
    assert document["matrix"]["pixels"] == change.matrix.counts.tolist()
    page = Page((tmp_path / "c.html").read_text(encoding="utf-8"))
    assert "trees <&>" in page.text
    assert "0.54" in page.text
    assert not {"script", "link", "iframe"} & set(page.tags)


def test_the_same_map_twice_shows_no_change(maps, tmp_path):
    change = detect_change(ChangeRequest(maps[0], maps[0]), SilentProgress())
    assert (change.changed_hectares, change.transitions) == (0.0, ())
    write_html(change, tmp_path / "c.html")
    assert "both maps show the same" in (tmp_path / "c.html").read_text(encoding="utf-8")


def test_maps_that_cannot_be_compared_are_one_sentence(maps, tmp_path):
    away = Grid(70, 50, (900000.0, *GRID.transform[1:]), UTM)
    with pytest.raises(GridError, match="do not overlap"):
        detect_change(
            ChangeRequest(maps[0], write(tmp_path / "b.tif", np.ones((50, 70), np.uint8), away)), SilentProgress()
        )
    with pytest.raises(GridError, match="no data anywhere"):
        detect_change(ChangeRequest(maps[0], write(tmp_path / "c.tif", np.zeros((50, 70), np.uint8))), SilentProgress())
    with pytest.raises(OutputError, match="also an input"):
        detect_change(ChangeRequest(*maps, output=maps[0]), SilentProgress())
    floats = write(tmp_path / "d.tif", np.full((50, 70), 1.5, np.float32))
    with pytest.raises(InputError, match="raster of measurements"):
        detect_change(ChangeRequest(maps[0], floats), SilentProgress())
