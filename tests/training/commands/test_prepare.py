# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from s2landcover_plugin.core.raster import Grid, open_raster
from s2landcover_plugin.core.tiling.dataset import DatasetInfo
from s2landcover_plugin.core.vector import Column, FieldKind, PolygonLayer, Ring, write_polygons
from tests.scenes import write_scene
from training.cli import main
from training.data.checks import check_dataset
from training.data.tiles import TileDataset


def test_what_is_prepared_can_be_trained_on(
    inputs: tuple[list[str], str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    images, labels, mask = inputs
    folder = tmp_path / "d"
    given = ["--labels", labels, "--masks", mask, "--folder", str(folder), "--tile-size", "16", "--max-repeat", "3"]
    choices = ["--max-cloud", "20", "--split", "folds", "--folds", "3", "--edges", "pad", "--seed", "4"]
    assert main(["prepare", "--images", *images, *given, *choices]) == 0
    info = DatasetInfo.read(folder)
    assert len(info.tiles) == 2 * (64 - 2)
    assert info.folds == (1, 2, 3)
    check_dataset(folder, info)
    assert (folder / "report.html").is_file()
    with open_raster(images[1]) as raster:
        stored = raster.read()
    tile = info.tiles[-1]
    with open_raster(str(folder / "images" / f"{tile.id}.tif")) as raster:
        expected = stored[:, tile.row : tile.row + 16, tile.col : tile.col + 16]
        np.testing.assert_array_equal(raster.read(), expected)
    assert f"{len(info.tiles)} tiles" in capsys.readouterr().out


def test_groups_come_from_polygons(inputs: tuple[list[str], str, str], tmp_path: Path) -> None:
    images, _, _ = inputs
    with open_raster(images[0]) as raster:
        grid = raster.grid
    corners = [[(0, -9), (70, -9), (70, 140), (0, 140)], [(70, -9), (96, -9), (96, 140), (70, 140)]]
    rings = tuple(Ring(tuple(grid.xy(col, row) for col, row in ring)) for ring in corners)
    fields = (Column("basin", FieldKind.TEXT, ("Drau", "Save")),)
    path = str(tmp_path / "basins.gpkg")
    write_polygons(path, PolygonLayer("basins", grid.crs, rings, fields))
    given = ["--images", *images, "--folder", str(tmp_path / "d"), "--tile-size", "32", "--test", "0"]
    choices = ["--split", "groups", "--group-polygons", path, "--group-field", "basin", "--group-layer", "basins"]
    assert main(["prepare", *given, *choices]) == 0
    tiles = DatasetInfo.read(tmp_path / "d").tiles
    assert len(tiles) == 2 * 3 * 4
    assert {(tile.col, tile.place) for tile in tiles} == {(0, "Drau"), (32, "Drau"), (64, "Save")}
    assert {len({tile.split for tile in tiles if tile.place == name}) for name in ("Drau", "Save")} == {1}


def test_photographs_reach_training_from_0_to_1(tmp_path: Path) -> None:
    images, masks = [], []
    for place in ("east", "west"):
        (tmp_path / place).mkdir()
        numbers = np.random.default_rng(len(images)).integers(0, 256, (3, 40, 32), dtype=np.uint8)
        numbers[:, 0, 0], numbers[:, 0, 1] = 0, 255
        photograph = {"names": ("", "", ""), "grid": Grid(32, 40, (0, 1, 0, 0, 0, 1)), "nodata": None, "scale": 1.0}
        images.append(write_scene(tmp_path / place / "a.tif", numbers, **photograph))
        colours = np.full((3, 40, 32), 0x9B, np.uint8)
        colours[:, :20] = np.array([0x6E, 0xC1, 0xE4], np.uint8)[:, None, None]
        masks.append(write_scene(tmp_path / place / "mask.tif", colours, **photograph))
    folder = tmp_path / "d"
    given = ["--images", *images, "--labels", *masks, "--folder", str(folder), "--tile-size", "32", "--edges", "drop"]
    meaning = ["--values", "stored", "--gsd", "0.5", "--class-table", "dubai-aerial", "--bands", "1, 2"]
    split = ["--split", "folds", "--folds", "2", "--test", "0", "--groups-from-folders"]
    assert main(["prepare", *given, *meaning, *split]) == 0
    info = DatasetInfo.read(folder)
    check_dataset(folder, info)
    assert {(tile.place, tile.fold) for tile in info.tiles} in ({("east", 1), ("west", 2)}, {("east", 2), ("west", 1)})
    sample = TileDataset(folder, info, tuple(tile for tile in info.tiles if tile.place == "west"))[0]
    with open_raster(images[1]) as raster:
        expected = raster.read()[:2, :32].astype(np.float32) / 255
    np.testing.assert_allclose(sample.image.numpy(), expected, atol=1e-6)
    assert (sample.labels[:20] == info.legend.values.index(3) + 1).all() and not sample.labels[20:].any()
    wrong = [*given, *meaning, "--groups-from-folders", "--folder", str(tmp_path / "e")]
    assert main(["prepare", *wrong]) == 1
