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
    assert info.split("test")
    assert info.legend is None


def test_a_temporary_folder(run, large):
    results = run("tile", INPUT=large, TILE_SIZE=SIZE, OUTPUT="TEMPORARY_OUTPUT")
    assert (Path(results["OUTPUT"]) / "dataset.json").is_file()


def test_a_dataset_is_not_written_over_another(run, large, tmp_path):
    run("tile", INPUT=large, TILE_SIZE=SIZE, OUTPUT=tmp_path / "dataset")
    with pytest.raises(QgsProcessingException, match="dataset"):
        run("tile", INPUT=large, TILE_SIZE=SIZE, OUTPUT=tmp_path / "dataset")
