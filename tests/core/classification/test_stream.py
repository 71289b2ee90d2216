# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.classification import layout
from s2landcover_plugin.core.classification.request import MapPaths
from s2landcover_plugin.core.models.inference import SegmentationModel
from s2landcover_plugin.core.raster import open_raster
from tests.onnx_models import blurring_model, brightest_band_model, contract
from tests.scenes import random_stored, write_scene


def pixels(path: str) -> np.ndarray:
    with open_raster(path) as raster:
        return raster.read()


@pytest.fixture
def sizes(monkeypatch) -> list[int]:
    """How many windows the network was given at a time."""
    seen: list[int] = []
    run = SegmentationModel.run
    monkeypatch.setattr(layout, "network_bytes", lambda model: 700)  # instead of a trial, which would be counted
    monkeypatch.setattr(
        SegmentationModel, "run", lambda self, feed, check: seen.append(len(feed)) or run(self, feed, check)
    )
    return seen


def test_batches_change_nothing_but_how_many_go_at_a_time(tmp_path, run, sizes):
    blurring_model(tmp_path / "model.onnx")
    write_scene(tmp_path / "scene.tif", random_stored(90, 70))
    alone = run(name="alone", window_size=32, overlap=6)
    assert set(sizes) == {1}
    count = len(sizes)
    sizes.clear()
    batched = run(name="batched", window_size=32, overlap=6, batch=3)
    assert sum(sizes) == count
    assert max(sizes) == 3
    assert min(sizes) < 3  # the last windows are smaller, and what is left over is no whole batch
    np.testing.assert_array_equal(pixels(batched.outputs.classes), pixels(alone.outputs.classes))
    np.testing.assert_array_equal(pixels(batched.outputs.confidence), pixels(alone.outputs.confidence))


def test_the_memory_of_windows_is_used_again(tmp_path, run, monkeypatch):
    blurring_model(tmp_path / "model.onnx")
    write_scene(tmp_path / "scene.tif", random_stored(300, 280))
    memory, graph = [], SegmentationModel.run
    monkeypatch.setattr(layout, "network_bytes", lambda model: 700)
    monkeypatch.setattr(
        SegmentationModel, "run", lambda self, feed, check: memory.append(feed.base) or graph(self, feed, check)
    )
    run(window_size=64)
    assert len(memory) == 25
    assert len({id(base) for base in memory}) <= 4  # being prepared, waiting, in the network, and idle


def test_windows_without_data_fill_no_batch(tmp_path, run, sizes):
    brightest_band_model(tmp_path / "model.onnx")
    stored = random_stored(64, 32)
    stored[:, :, 16:48] = 0
    write_scene(tmp_path / "scene.tif", stored)
    result = run(window_size=16, overlap=0, batch=4)
    assert sizes == [4]
    expected = np.where(stored.any(axis=0), np.uint8([1, 2, 7])[stored.argmax(axis=0)], 0)
    np.testing.assert_array_equal(pixels(result.outputs.classes)[0], expected)


@pytest.mark.parametrize("fields", [{"memory": 1}, {"memory": 100_000}, {"window_size": 40}])
def test_another_memory_budget_or_order_of_windows_changes_nothing_else(tmp_path, run, fields):
    """With an overlap of twice the model's context."""
    blurring_model(tmp_path / "model.onnx")
    stored = random_stored(300, 280)
    write_scene(tmp_path / "scene.tif", stored)
    first = run(name="first", window_size=64, overlap=6)
    other = run(name="other", overlap=6, **fields)
    assert other.window_size != first.window_size
    np.testing.assert_array_equal(pixels(other.outputs.classes), pixels(first.outputs.classes))
    np.testing.assert_allclose(pixels(other.outputs.confidence), pixels(first.outputs.confidence).astype(int), atol=1)
    # Turned upside down, the rows of windows come in the opposite order; so does a model that is turned with it.
    write_scene(tmp_path / "scene.tif", np.ascontiguousarray(stored[:, ::-1]))
    flipped_model = run(name="flipped", window_size=64, overlap=6, augmentation="flips")
    write_scene(tmp_path / "scene.tif", stored)
    model = run(name="upright", window_size=64, overlap=6, augmentation="flips")
    np.testing.assert_array_equal(pixels(flipped_model.outputs.classes)[:, ::-1], pixels(model.outputs.classes))


def test_all_measures_come_from_one_pass(tmp_path, run, sizes):
    blurring_model(tmp_path / "model.onnx")
    stored = random_stored(50, 40)
    stored[:, 5:9, 7] = 0
    write_scene(tmp_path / "scene.tif", stored)
    paths = MapPaths(*(str(tmp_path / f"{name}.tif") for name in ("class", "sure", "entropy", "margin", "shares")))
    result = run(outputs=paths, is_float=True)
    assert sizes == [1]
    shares = pixels(paths.probabilities)
    hole = np.isnan(shares[0])
    assert hole.sum() == result.nodata_pixels == 4
    np.testing.assert_allclose(shares[:, ~hole].sum(axis=0), 1, atol=1e-5)
    ordered = np.sort(shares[:, ~hole], axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        entropy = -np.nansum(shares * np.log(shares), axis=0)[~hole] / np.log(3)
    for path, expected in (
        (paths.confidence, ordered[-1]),
        (paths.margin, ordered[-1] - ordered[-2]),
        (paths.entropy, entropy),
    ):
        np.testing.assert_allclose(pixels(path)[0][~hole], 100 * expected, atol=0.501)
        assert (pixels(path)[0][hole] == 255).all()
    with open_raster(paths.probabilities) as raster:
        assert [info.name for info in raster.bands] == ["water", "trees", "built"]
        assert raster.bands[0].dtype == "float32"
    run(outputs=paths)
    np.testing.assert_allclose(pixels(paths.probabilities)[:, ~hole], 100 * shares[:, ~hole], atol=0.501)
    assert (pixels(paths.probabilities)[:, hole] == 255).all()


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 100), (100, 1), (2, 50)])
def test_a_raster_may_be_a_line(tmp_path, run, width, height):
    blurring_model(tmp_path / "model.onnx", stated=contract(context=3, size_multiple=8))
    write_scene(tmp_path / "scene.tif", random_stored(width, height))
    whole, tiled = run(name="whole", window_size=200), run(name="tiled", window_size=24)
    assert pixels(whole.outputs.classes).shape == (1, height, width)
    assert sum(whole.class_pixels.values()) == width * height
    np.testing.assert_array_equal(pixels(tiled.outputs.classes), pixels(whole.outputs.classes))
