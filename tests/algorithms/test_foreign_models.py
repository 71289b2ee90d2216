# SPDX-License-Identifier: GPL-2.0-or-later
"""Models of other people in the algorithms that run them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper
from qgis.core import QgsProcessingException

from s2landcover_plugin.core.raster import open_raster
from tests.algorithms.log import Log
from tests.deepness_models import deepness_model
from tests.onnx_models import contract, save_model
from tests.scenes import utm_grid, write_scene


def pixels(path) -> np.ndarray:
    with open_raster(str(path)) as raster:
        return raster.read()[0]


@pytest.fixture
def photograph(tmp_path):
    """A byte image with an alpha band, and its bands."""
    bands = np.random.default_rng(0).integers(1, 256, (3, 40, 70)).astype(np.uint8)
    alpha = np.full((1, 40, 70), 255, np.uint8)
    fields = {"scale": 1.0, "nodata": None, "grid": utm_grid(70, 40, 0.1)}
    names = ("Red", "Green", "Blue", "Alpha")
    return write_scene(tmp_path / "photo.tif", np.concatenate([bands, alpha]), names, **fields), bands


def test_a_model_for_deepness_maps_a_byte_image_as_it_is(run, photograph, tmp_path):
    path, bands = photograph
    names = {"0": "_background", "1": "road", "2": "tree"}
    model = deepness_model(tmp_path / "roads.onnx", class_names=names, resolution=10, tile_size=64)
    log = Log()
    results = run("classify", log, INPUT=path, MODEL=model, OUTPUT=tmp_path / "map.tif")
    np.testing.assert_array_equal(pixels(results["OUTPUT"]), bands.argmax(axis=0) + 1)
    assert not any(line.startswith("warning") for line in log.lines)
    described = run("modelinfo", MODEL=model)
    assert (described["VALID"], described["BANDS"], described["GSD"]) == (True, "1 2 3", 0.1)
    assert described["CLASSES"] == "1 _background, 2 road, 3 tree"


def test_a_fixed_tile_of_deepness_covers_any_image(run, photograph, tmp_path):
    path, bands = photograph
    model = deepness_model(tmp_path / "a.onnx", size=(32, 32), tile_size=32, resolution=10)
    results = run("classify", INPUT=path, MODEL=model, OUTPUT=tmp_path / "map.tif")
    np.testing.assert_array_equal(pixels(results["OUTPUT"]), bands.argmax(axis=0) + 1)


def bare_model(path: Path) -> Path:
    """The brightest band, channels last, without a word about itself."""
    model = onnx.load(
        save_model(
            path,
            [helper.make_node("Identity", ["image"], ["classes"])],
            stated=contract(),
            inputs=("n", "h", "w", None),
            outputs=("n", "h", "w", None),
        )
    )
    del model.metadata_props[:]
    onnx.save(model, path)
    return path


def test_a_description_next_to_the_file_makes_it_run(run, image, expected_classes, tmp_path):
    model = bare_model(tmp_path / "bare.onnx")
    given = {"INPUT": image, "MODEL": model, "OUTPUT": tmp_path / "map.tif"}
    with pytest.raises(QgsProcessingException, match=r"there is no bare\.json next to it"):
        run("classify", **given)
    stated = contract(layout="NHWC", activation="logits")
    (tmp_path / "bare.json").write_text(stated.to_json(), encoding="utf-8")
    np.testing.assert_array_equal(pixels(run("classify", **given)["OUTPUT"]), expected_classes)


def test_an_image_with_other_pixels_is_warned_about_or_resampled(run, model, tmp_path):
    coarse = np.random.default_rng(1).integers(200, 5000, (3, 12, 10)).astype(np.uint16)
    fine = coarse.repeat(2, axis=1).repeat(2, axis=2)
    path = write_scene(tmp_path / "fine.tif", fine, grid=utm_grid(20, 24, 5.0))
    log = Log()
    assert pixels(run("classify", log, INPUT=path, MODEL=model, OUTPUT=tmp_path / "a.tif")["OUTPUT"]).shape == (24, 20)
    assert any("Let the run resample it (RESAMPLE)" in line for line in log.lines)
    results = run("classify", INPUT=path, MODEL=model, OUTPUT=tmp_path / "b.tif", RESAMPLE=True)
    np.testing.assert_array_equal(pixels(results["OUTPUT"]), np.array([1, 2, 7])[coarse.argmax(axis=0)])
    with open_raster(results["OUTPUT"]) as raster:
        assert raster.grid.pixel_size == (10.0, 10.0)
