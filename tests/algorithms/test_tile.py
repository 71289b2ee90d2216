# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from qgis.core import QgsProcessingException, QgsVectorLayer

from s2landcover_plugin.core.tiling.dataset import DatasetInfo
from tests.scenes import random_stored, write_scene

SIZE, COLUMNS, ROWS = 16, 12, 10


@pytest.fixture
def large(tmp_path):
    return write_scene(tmp_path / "large.tif", random_stored(SIZE * COLUMNS, SIZE * ROWS))


@pytest.fixture
def labels(tmp_path, tiny_contract):
    random = np.random.default_rng(3)
    values = random.choice(np.array(tiny_contract.legend.values, np.uint8), (1, SIZE * ROWS, SIZE * COLUMNS))
    legend = tiny_contract.legend
    fields = {"scale": 1.0, "categories": legend.names, "colours": legend.colours}
    return write_scene(tmp_path / "labels.tif", values, ("classes",), **fields)


def test_an_image_with_labels_becomes_a_dataset(run, large, labels, tmp_path, tiny_contract):
    results = run("tile", INPUT=large, LABELS=labels, TILE_SIZE=SIZE, OUTPUT=tmp_path / "dataset")
    folder = Path(results["OUTPUT"])
    info = DatasetInfo.read(folder)
    assert results["TILE_COUNT"] == len(info.tiles) > 60
    assert Path(results["REPORT"]) == folder / "report.html" and (folder / "report.html").is_file()
    counts = [results[name] for name in ("TRAIN_COUNT", "VALIDATION_COUNT", "TEST_COUNT")]
    assert counts == [len(info.split(name)) for name in ("train", "validation", "test")]
    assert min(counts) > 0
    assert counts[0] > counts[1] + counts[2]
    assert info.bands == ("B02", "B03", "B04")
    assert info.legend.names == tiny_contract.legend.names
    assert len(list((folder / "images").glob("*.tif"))) == len(list((folder / "labels").glob("*.tif")))
    index = QgsVectorLayer(str(folder / "index.gpkg"), "index")
    assert index.featureCount() == len(info.tiles)


def test_the_numbers_reach_core(run, large, tmp_path):
    given = {"TILE_SIZE": 32, "OVERLAP": 16, "VALIDATION_SHARE": 0, "TEST_SHARE": 30, "SEED": 5, "BLOCK_SIZE": 32}
    run("tile", INPUT=large, OUTPUT=tmp_path / "dataset", **given)
    info = DatasetInfo.read(tmp_path / "dataset")
    assert (info.tile_size, info.overlap) == (32, 16)
    assert not info.split("validation")
    run("tile", INPUT=large, OUTPUT=tmp_path / "apart", **given, BUFFER=20)
    assert len(DatasetInfo.read(tmp_path / "apart").tiles) < len(info.tiles)
    assert info.split("test")
    assert info.legend is None
    result = run("tile", INPUT=large, OUTPUT=tmp_path / "unchecked", TILE_SIZE=SIZE, CHECK=False)
    assert "REPORT" not in result and not (tmp_path / "unchecked" / "report.html").exists()


def test_several_images_masks_and_choices_reach_core(run, large, labels, tmp_path):
    later = write_scene(tmp_path / "later_20200801.tif", random_stored(SIZE * COLUMNS, SIZE * ROWS, seed=4))
    classes = np.full((1, SIZE * ROWS, SIZE * COLUMNS), 4, np.uint8)
    classes[:, : SIZE * 2] = 9
    mask = write_scene(tmp_path / "scl.tif", classes, ("SCL",), scale=1.0)
    given = {"MAX_CLOUD": 40, "SPLIT_BY": "folds", "FOLDS": 3, "EDGES": "pad", "MAX_REPEAT": 4}
    run("tile", INPUT=[large, later], LABELS=[labels], MASK=mask, TILE_SIZE=40, OUTPUT=tmp_path / "dataset", **given)
    info = DatasetInfo.read(tmp_path / "dataset")
    assert {tile.date for tile in info.tiles} == {"", "2020-08-01"}
    assert max(tile.cloud_fraction for tile in info.tiles) <= 0.4
    assert min(tile.row for tile in info.tiles) == 40
    assert max(tile.row for tile in info.tiles) == 120
    assert info.folds == (1, 2, 3)


def test_groups_come_from_a_table(run, large, tmp_path):
    (tmp_path / "groups.csv").write_text("file,region\nlarge.tif,north\n")
    given = {"SPLIT_BY": "groups", "GROUPS": tmp_path / "groups.csv", "TILE_SIZE": 16}
    run("tile", INPUT=large, OUTPUT=tmp_path / "dataset", **given)
    assert {tile.place for tile in DatasetInfo.read(tmp_path / "dataset").tiles} == {"north"}


def test_a_temporary_folder(run, large):
    results = run("tile", INPUT=large, TILE_SIZE=SIZE, OUTPUT="TEMPORARY_OUTPUT")
    assert (Path(results["OUTPUT"]) / "dataset.json").is_file()


def test_a_dataset_is_not_written_over_another(run, large, tmp_path):
    run("tile", INPUT=large, TILE_SIZE=SIZE, OUTPUT=tmp_path / "dataset")
    with pytest.raises(QgsProcessingException, match="dataset"):
        run("tile", INPUT=large, TILE_SIZE=SIZE, OUTPUT=tmp_path / "dataset")
