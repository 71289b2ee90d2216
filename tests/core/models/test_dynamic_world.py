# SPDX-License-Identifier: GPL-2.0-or-later
"""A real model of other people, described by the example that the documentation ships."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from s2landcover_plugin.core.models.contract import ModelContract
from s2landcover_plugin.core.models.contract_source import SIDECAR, find_contract
from s2landcover_plugin.core.models.inference import load_model
from s2landcover_plugin.core.models.normalisation import normalise
from s2landcover_plugin.core.raster import open_raster
from s2landcover_plugin.core.scene import open_scene
from tests.listeners import Recorder
from tests.scenes import write_scene

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "training" / "dynamic_world.json"
MODEL = ROOT.parent / "shared" / "data" / "dynamic_world" / "dynamic_world.onnx"
SCENE = ROOT.parent / "shared" / "data" / "l1c_multires_T33UUB"
CROPS = 5


def described() -> ModelContract:
    return ModelContract.from_json(EXAMPLE.read_text(encoding="utf-8"))


def published_transform(reflectance: np.ndarray, stated: ModelContract) -> np.ndarray:
    """The formula as Google publishes it, of reflectance x 10000, shape (n, bands, rows, cols)."""
    (spread,) = [step.numbers for step in stated.normalisation if step.type == "z-score"]
    low, high = (np.array(spread[name])[:, np.newaxis, np.newaxis] for name in ("mean", "stddev"))
    curve = np.exp(5 * (np.log(0.005 * np.maximum(reflectance, 0) + 1) - low) / high - 1)
    return curve / (curve + 1)


def test_the_example_says_what_the_published_model_is():
    stated = described()
    assert stated.bands == ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B11", "B12")
    assert (stated.layout, stated.activation, stated.input_scale) == ("NHWC", "logits", 10000)
    assert stated.legend.names[CROPS] == "Crops"
    assert ModelContract.from_json(stated.to_json()) == stated


def test_its_steps_are_the_published_transform():
    stated = described()
    numbers = np.random.default_rng(0).integers(-500, 20000, (2, 9, 6, 5)).astype(np.float32)
    found = normalise(numbers, stated.normalisation)
    np.testing.assert_allclose(found, published_transform(numbers, stated), atol=2e-6)
    assert 0 <= found.min() < found.max() <= 1


@pytest.fixture
def model(tmp_path):
    if not MODEL.is_file():
        pytest.skip(f"{MODEL} is not there")
    shutil.copy(MODEL, tmp_path / "dynamic_world.onnx")
    shutil.copy(EXAMPLE, tmp_path / "dynamic_world.json")
    return tmp_path / "dynamic_world.onnx"


def real_scene(path: Path) -> str:
    if not SCENE.is_dir():
        pytest.skip(f"{SCENE} is not there")
    stored = {}
    for name, factor in (("10m.tif", 1), ("20m.tif", 2)):
        with open_raster(str(SCENE / name)) as raster:
            planes = raster.read().repeat(factor, axis=1).repeat(factor, axis=2)[:, :128, :160]
            stored.update(zip((info.name for info in raster.bands), planes))
    bands = tuple(sorted(stored))
    return write_scene(path, np.stack([stored[band] for band in bands]), bands)


def test_it_maps_a_real_scene_as_it_does_on_its_own(model, tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime")
    assert find_contract(model).origin == SIDECAR
    path, loaded = real_scene(tmp_path / "scene.tif"), load_model(model)
    with open_scene(path, loaded.contract, (), Recorder()) as scene:
        stored, valid = scene.read(scene.grid.window())
        probabilities = loaded.predict(scene.to_reflectance(stored)[np.newaxis])[0]
    fed = published_transform(stored[np.newaxis].astype(np.float64), loaded.contract).transpose(0, 2, 3, 1)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    (scores,) = session.run(None, {session.get_inputs()[0].name: fed.astype(np.float32)})
    agree = probabilities.argmax(axis=0) == scores[0].argmax(axis=-1)
    assert valid.all()
    assert agree.mean() > 0.9995
    # Farmland and villages.
    assert np.bincount(probabilities.argmax(axis=0).ravel()).argmax() + 1 == CROPS
