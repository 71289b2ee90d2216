# SPDX-License-Identifier: GPL-2.0-or-later
"""From scenes on disk to a dataset folder, with a teacher of one matrix."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from s2landcover_plugin.core.bands import L2A_BANDS
from s2landcover_plugin.core.errors import DatasetError
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.raster import open_raster
from s2landcover_plugin.core.tiling.dataset import DatasetInfo
from training.data.checks import check_dataset
from training.distillation.atmosphere import STUDENT_BANDS
from training.distillation.dataset import DistillationRequest, distil
from training.distillation.scenes import read_scenes

from ..fake_teacher import write_teacher
from ..tiles import write_raster

SEA = (200, 155, 150, 56, 48, 40, 38, 35, 30, 20, 23, 18)
FOREST = (100, 200, 350, 220, 600, 1700, 2100, 2200, 2400, 2300, 1100, 500)


def image_of(spectrum: tuple[int, ...], rows: int, cols: int) -> np.ndarray:
    return np.tile(np.reshape(spectrum, (-1, 1, 1)), (1, rows, cols)).astype(np.uint16)


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The three folders that the bundled model is distilled from, in miniature."""
    root = tmp_path_factory.mktemp("scenes")
    crop = root / "l1c_multires_T33UUB"
    patch = root / "bigearthnet_tiny" / "S2A_MSIL2A_20180101T000000_1_1"
    chips = root / "s2_l2a_chips" / "misc"
    for folder in (crop, patch, chips):
        folder.mkdir(parents=True)
    write_raster(crop / "10m.tif", image_of((600, 800, 1000, 2500), 600, 600), ("B04", "B03", "B02", "B08"))
    write_raster(
        crop / "20m.tif",
        image_of((900, 2000, 2300, 2500, 1500, 800), 300, 300),
        ("B05", "B06", "B07", "B8A", "B11", "B12"),
    )
    for band in STUDENT_BANDS:
        size = 120 if band in ("B02", "B03", "B04", "B08") else 60
        value = FOREST[L2A_BANDS.index(band)]
        write_raster(patch / f"{patch.name}_{band}.tif", image_of((value,), size, size), ("",))
    write_raster(chips / "image_1.tif", image_of(FOREST, 70, 80), ("",) * 12)
    write_raster(chips / "s2_roads.tiff", image_of(SEA, 30, 40), ("",) * 12)
    return root


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A teacher that calls everything trees."""
    matrix = np.zeros((9, 9))
    matrix[:, 1] = 3.0
    return write_teacher(tmp_path_factory.mktemp("teacher") / "teacher.onnx", matrix)


def test_scenes_are_read_and_split_by_place(scenes: Path) -> None:
    found = {scene.name: scene for scene in read_scenes(scenes)}
    assert {name: scene.split for name, scene in found.items()} == {
        "t33uub-west": "train",
        "t33uub-northeast": "validation",
        "t33uub-southeast": "test",
        "20180101T000000_1_1": "train",
        "image_1": "train",
        "s2_roads": "test",
    }
    assert found["image_1"].place == "boadella"
    assert found["t33uub-west"].reflectance.shape == (10, 600, 404)
    assert found["20180101T000000_1_1"].reflectance.shape == (10, 120, 120)
    expected = [FOREST[L2A_BANDS.index(band)] / 10000 for band in STUDENT_BANDS]
    for name in ("20180101T000000_1_1", "image_1"):
        np.testing.assert_allclose(found[name].reflectance[:, 5, 5], expected, rtol=1e-4)
    l1c = dict(zip(STUDENT_BANDS, found["t33uub-west"].reflectance[:, 9, 9]))
    assert l1c["B02"] == pytest.approx(0.1)
    assert l1c["B11"] == pytest.approx(0.15)


def test_dataset_is_complete_and_sea_is_corrected(scenes: Path, teacher: Path, tmp_path: Path) -> None:
    request = DistillationRequest(scenes, teacher, tmp_path / "made", train_tiles=2, tile_size=64)
    info = distil(request, SilentProgress())
    check_dataset(tmp_path / "made", info)
    assert DatasetInfo.read(tmp_path / "made") == info
    assert len(info.split("train")) == 2
    assert len(info.split("validation")) == len(info.split("test")) - 1 == 3 * 5
    (tile,) = [tile for tile in info.tiles if tile.source == "s2_roads"]
    with open_raster(str(tmp_path / "made" / "labels" / f"{tile.id}.tif")) as reader:
        labels = reader.read()[0]
    assert (labels[:30, :40] == 1).all(), "water by the physical rule"
    assert not labels[30:].any()
    assert not labels[:, 40:].any()
    assert info.class_pixels["train"].keys() == set(range(1, 10))
    assert sum(info.class_pixels["train"].values()) == 2 * 64**2
    assert info.statistics.keys() == set(STUDENT_BANDS)
    assert 0.02 < info.statistics["B08"].mean < 0.4
    assert tile.class_fractions == {1: pytest.approx(30 * 40 / 64**2)}


def test_direct_keeps_the_bare_answer(scenes: Path, teacher: Path, tmp_path: Path) -> None:
    request = DistillationRequest(scenes, teacher, tmp_path / "made", train_tiles=0, tile_size=64, direct=True)
    info = distil(request, SilentProgress())
    assert {value for value, pixels in info.class_pixels["test"].items() if pixels} == {2}
    assert not info.statistics
    assert not info.split("train")


def test_covered_scenes_are_apart_from_real_places(scenes: Path, teacher: Path, tmp_path: Path) -> None:
    request = DistillationRequest(scenes, teacher, tmp_path / "made", train_tiles=0, tile_size=64, covered=True)
    info = distil(request, SilentProgress())
    assert {tile.place for tile in info.split("test")} == {
        f"{place}-{cover}" for place in ("t33uub-southeast", "boston") for cover in ("flooded", "snowed")
    }
    (snow,) = [tile for tile in info.tiles if tile.source == "s2_roads-snowed"]
    with open_raster(str(tmp_path / "made" / "images" / f"{snow.id}.tif")) as reader:
        blue = reader.read()[0, :30, :40]
    assert blue.max() > 10 * SEA[1], "snow"
    with open_raster(str(tmp_path / "made" / "labels" / f"{snow.id}.tif")) as reader:
        labels = reader.read()[0, :30, :40]
    assert (labels[blue > 10 * SEA[1]] == 2).all(), "the teacher is asked about the snow, not about the sea below"


@pytest.mark.parametrize("rare", [True, False])
def test_snow_lies_on_training_tiles_if_asked_for(rare: bool, scenes: Path, teacher: Path, tmp_path: Path) -> None:
    request = DistillationRequest(scenes, teacher, tmp_path / "made", train_tiles=6, tile_size=64, rare=rare)
    brightest = distil(request, SilentProgress()).statistics["B02"].maximum
    assert (brightest > 0.3) == rare, "snow is what no scene has"


def test_missing_collection_is_named(scenes: Path, teacher: Path, tmp_path: Path) -> None:
    (tmp_path / "bigearthnet_tiny").mkdir()
    with pytest.raises(DatasetError, match="l1c_multires_T33UUB, s2_l2a_chips"):
        distil(DistillationRequest(tmp_path, teacher, tmp_path / "made"), SilentProgress())
    assert not (tmp_path / "made").exists()


def test_real_scenes_keep_places_apart(real_data: Path) -> None:
    scenes = read_scenes(real_data)
    splits = {scene.place: {other.split for other in scenes if other.place == scene.place} for scene in scenes}
    assert all(len(found) == 1 for found in splits.values())
    assert {scene.split for scene in scenes} == {"train", "validation", "test"}
    assert len(scenes) > 90
