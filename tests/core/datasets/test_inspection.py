# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from s2landcover_plugin.core.datasets.files import file_problems
from s2landcover_plugin.core.datasets.inspection import inspect_dataset
from s2landcover_plugin.core.datasets.page import html_page, write_dataset_page
from s2landcover_plugin.core.datasets.tile_counts import TileCounts
from s2landcover_plugin.core.errors import Cancelled, DatasetError
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.raster import open_raster
from s2landcover_plugin.core.tiling.dataset import SPLITS, DatasetInfo
from s2landcover_plugin.core.tiling.request import EdgeMode, TileFilters
from s2landcover_plugin.core.tiling.storage import REFLECTANCE, STORED
from s2landcover_plugin.core.tiling.tiles import write_dataset
from tests.html_page import Page
from tests.listeners import Recorder
from tests.scenes import random_stored, utm_grid, write_scene
from tests.tilings import tile_request

SIZE = 16


@pytest.fixture
def folder(tmp_path) -> Path:
    stored = random_stored(96, 96)
    stored[:, :5, :7] = 0
    values = np.random.default_rng(1).choice(np.array([0, 1, 4], np.uint8), (1, 96, 96))
    image = write_scene(tmp_path / "<scene>.tif", stored)
    labels = write_scene(tmp_path / "l.tif", values, ("c",), scale=1.0, categories={1: "water & ice", 4: "crops"})
    write_dataset(tile_request(image, str(tmp_path / "d"), labels, tile_size=SIZE, is_checked=False), SilentProgress())
    return tmp_path / "d"


def inspected(folder):
    return inspect_dataset(folder, SilentProgress())


def pixels(folder, kind, tile):
    with open_raster(str(folder / kind / f"{tile.id}.tif")) as raster:
        return raster.read()


def grid_at(tile, shift=0):
    grid = utm_grid(96, 96)
    x, y = grid.xy(tile.col + shift, tile.row)
    return replace(grid, width=SIZE, height=SIZE, transform=(x, 10.0, 0.0, y, 0.0, -10.0))


def test_a_good_dataset_has_no_problem_and_its_figures_are_those_of_the_files(folder):
    found, listener = inspected(folder), Recorder()
    assert inspect_dataset(folder, listener).problems == found.problems == ()
    assert listener.fractions[-1] == 1
    info = found.info
    for name in SPLITS:
        tiles = info.split(name)
        labels = np.stack([pixels(folder, "labels", tile) for tile in tiles])
        images = np.stack([pixels(folder, "images", tile) for tile in tiles])
        figures = found.splits[name]
        assert figures.tiles == len(tiles)
        assert figures.class_pixels == {value: (labels == value).sum() for value in (1, 4)}
        assert (figures.unlabelled, figures.nodata) == ((labels == 0).sum(), (images[:, 0] == 0).sum())
        for band in range(3):
            plane = images[:, band][images[:, band] > 0]
            expected = np.histogram(plane, bins=[*range(0, 12800, 50), 65536])[0]
            np.testing.assert_array_equal(figures.histogram[band], expected)
    assert found.identical == ()


def test_cancelling_is_heard(folder):
    with pytest.raises(Cancelled):
        inspect_dataset(folder, Recorder(cancel_after=1))
    with pytest.raises(DatasetError, match="is no dataset"):
        inspected(folder.parent)


def shift_labels(folder, tile):
    write_scene(folder / f"labels/{tile.id}.tif", pixels(folder, "labels", tile), ("c",), grid=grid_at(tile, 1))


def unknown_label(folder, tile):
    values = pixels(folder, "labels", tile)
    values[0, 0, :2] = (9, 3)
    write_scene(folder / f"labels/{tile.id}.tif", values, ("c",), grid=grid_at(tile))


def float_image(folder, tile):
    write_scene(folder / f"images/{tile.id}.tif", pixels(folder, "images", tile) * np.float32(1), grid=grid_at(tile))


def no_labels(folder, tile):
    (folder / f"labels/{tile.id}.tif").unlink()


def swapped_bands(folder, tile):
    names = ("B03", "B02", "B04")
    write_scene(folder / f"images/{tile.id}.tif", pixels(folder, "images", tile), names, grid=grid_at(tile))


def truncated(folder, tile):
    path = folder / f"images/{tile.id}.tif"
    path.write_bytes(path.read_bytes()[:-60])


@pytest.mark.parametrize(
    ("damage", "kind", "message"),
    [
        (shift_labels, "labels", "lies elsewhere than its image"),
        (unknown_label, "labels", "holds 3, 9, which the legend does not have"),
        (float_image, "images", "float32 numbers; expected uint16"),
        (no_labels, "labels", "There is no file"),
        (swapped_bands, "images", "bands B03, B02, B04; expected B02, B03, B04"),
        (truncated, "images", ""),
    ],
)
def test_what_is_wrong_is_named_with_its_file(folder, damage, kind, message):
    tile = DatasetInfo.read(folder).tiles[3]
    damage(folder, tile)
    (problem,) = inspected(folder).problems
    assert problem.startswith(f"{kind}/{tile.id}.tif: ") and message in problem


def test_strangers_and_twins_across_splits_are_problems_and_twins_within_one_are_told(folder):
    info = DatasetInfo.read(folder)
    train, test = info.split("train"), info.split("test")
    twin = pixels(folder, "images", train[1])
    write_scene(folder / f"images/{train[2].id}.tif", twin, grid=grid_at(train[2]))
    found = inspected(folder)
    assert found.problems == () and found.identical == ((train[1].id, train[2].id),)
    assert any("1 image(s) are there more than once" in note for note in found.notes)
    write_scene(folder / f"images/{test[0].id}.tif", twin, grid=grid_at(test[0]))
    write_scene(folder / "images/stranger.tif", twin, grid=grid_at(test[0]))
    problems = inspected(folder).problems
    assert problems[0] == "images/stranger.tif: is not in dataset.json."
    assert "are the same image in different splits" in problems[1]


def test_images_of_nothing_but_cloud_are_no_twins(folder):
    info = DatasetInfo.read(folder)
    for tile in (info.split("train")[1], info.split("test")[0]):
        white = np.full_like(pixels(folder, "images", tile), 9000)
        write_scene(folder / f"images/{tile.id}.tif", white, grid=grid_at(tile))
    found = inspected(folder)
    assert (found.problems, found.identical) == ((), ())


def test_a_place_in_two_splits_is_a_problem(folder):
    info = DatasetInfo.read(folder)
    place = info.split("train")[0].place
    moved = tuple(replace(tile, place=place) if tile.split == "test" else tile for tile in info.tiles)
    replace(info, tiles=moved).write(folder)
    assert inspected(folder).problems == (f"{place}: is a place in test and train; one has to lie in one split.",)


def test_notes_tell_missing_classes_labels_without_images_and_wrong_counts(folder):
    info = DatasetInfo.read(folder)
    for tile in info.split("test"):
        values = np.minimum(pixels(folder, "labels", tile), 1)
        write_scene(folder / f"labels/{tile.id}.tif", values, ("c",), grid=grid_at(tile))
    tile = info.split("train")[0]
    image = pixels(folder, "images", tile)
    image[:, 8:] = 0
    write_scene(folder / f"images/{tile.id}.tif", image, grid=grid_at(tile))
    notes = " ".join(inspected(folder).notes)
    assert "The test tiles show no crops." in notes
    assert "labelled pixels have no image" in notes
    assert "class pixels of the test tiles are not those" in notes


def test_the_page_shows_it_all_and_escapes_names(folder):
    found = inspected(folder)
    text = html_page(found)
    page = Page(text)
    assert "water & ice" in page.text and "<scene>" not in text
    assert page.tags.count("img") == sum(min(most, found.splits[name].tiles) for name, most in zip(SPLITS, (6, 3, 3)))
    assert all(value.startswith("data:image/png;base64,") for name, value in page.attributes if name == "src")
    assert page.tags.count("polyline") == 3
    write_dataset_page(found, folder / "report.html")
    assert (folder / "report.html").read_text(encoding="utf-8")[:15] == "<!DOCTYPE html>"


def test_the_page_of_a_broken_dataset_and_of_one_without_labels(folder, tmp_path):
    for path in (folder / "images").iterdir():
        path.unlink()
    found = inspected(folder)
    page = Page(html_page(found))
    assert f"and {len(found.problems) - 20} more" in page.text and "img" not in page.tags
    image = write_scene(tmp_path / "a.tif", random_stored(32, 32, 1), ("B08",))
    write_dataset(tile_request(image, str(tmp_path / "e"), tile_size=SIZE), SilentProgress())
    page = Page((tmp_path / "e" / "report.html").read_text(encoding="utf-8"))
    assert "no labels" in page.text and page.tags.count("img") == 4


def test_quick_checks_find_files_without_reading_all_of_them(folder):
    info = DatasetInfo.read(folder)
    assert list(file_problems(folder, info)) == []
    no_labels(folder, info.tiles[2])
    (problem,) = file_problems(folder, info)
    assert problem.startswith(f"labels/{info.tiles[2].id}.tif: ")


def photographs(tmp_path):
    stored = random_stored(40, 30, 4).astype(np.uint8)
    stored[:, :9, :9] = 0
    return write_scene(tmp_path / "p.tif", stored, ("",) * 4, scale=1.0), {"values": STORED}


def reflectance(tmp_path):
    stored = random_stored(40, 30)
    stored[:, :9, :9], stored[1, 20:, 3] = 0, 0
    return write_scene(tmp_path / "r.tif", stored), {"values": REFLECTANCE}


@pytest.mark.parametrize("scene", [photographs, reflectance])
@pytest.mark.parametrize("is_labelled", [True, False])
@pytest.mark.parametrize("edges", list(EdgeMode))
def test_counting_while_cutting_finds_what_reading_finds(tmp_path, monkeypatch, scene, is_labelled, edges):
    monkeypatch.setattr("s2landcover_plugin.core.datasets.page.now", lambda: "today")
    image, options = scene(tmp_path)
    values = np.random.default_rng(1).choice(np.array([0, 1, 4], np.uint8), (1, 30, 40))
    labels = write_scene(tmp_path / "l.tif", values, ("c",), scale=1.0, categories={1: "water", 4: "crops"})
    filters = TileFilters(min_valid=0)
    options |= {"edges": edges, "filters": filters, "tile_size": SIZE, "is_checked": True}
    folder = tmp_path / "d"
    write_dataset(tile_request(image, str(folder), labels if is_labelled else "", **options), SilentProgress())
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert page == html_page(inspected(folder))


def test_a_tile_that_is_damaged_after_it_was_counted_is_found(folder):
    info = DatasetInfo.read(folder)
    counted = {tile.id: TileCounts(tile.id, nodata=1) for tile in info.tiles}
    assert inspect_dataset(folder, SilentProgress(), counted).splits["train"].nodata == len(info.split("train"))
    truncated(folder, info.tiles[3])
    no_labels(folder, info.tiles[5])
    found = inspect_dataset(folder, SilentProgress(), counted)
    assert [line.split(":")[0] for line in found.problems] == [
        f"images/{info.tiles[3].id}.tif",
        f"labels/{info.tiles[5].id}.tif",
    ]
