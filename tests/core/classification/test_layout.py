# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from s2landcover_plugin.core.classification import layout
from s2landcover_plugin.core.classification.layout import plan_batch, plan_windows
from s2landcover_plugin.core.classification.request import ClassificationRequest, MapPaths
from s2landcover_plugin.core.classification.windows import balanced_size, plan_axis
from s2landcover_plugin.core.models.inference import load_model
from s2landcover_plugin.core.scene import open_scene
from tests.listeners import Recorder
from tests.onnx_models import brightest_band_model, contract
from tests.scenes import write_scene


@pytest.fixture
def planned_rows(tmp_path, monkeypatch):
    """Return the windows down a scene, for a network of 700 bytes a pixel."""
    monkeypatch.setattr(layout, "network_bytes", lambda model: 700)

    def planned_rows(width: int, height: int, memory: int, multiple: int = 1, context: int = 0):
        stated = contract(size_multiple=multiple, context=context)
        model = load_model(brightest_band_model(tmp_path / "model.onnx", stated))
        path = write_scene(tmp_path / "scene.tif", np.full((3, height, width), 500, np.uint16))
        request = ClassificationRequest(path, "", MapPaths(""), memory=memory)
        with open_scene(path, model.contract, (), Recorder()) as scene:
            return plan_windows(request, scene, scene.grid.window(), model)[0]

    return planned_rows


@pytest.mark.parametrize(("memory", "size"), [(10_000, 768), (380, 384), (1, 256)])
def test_windows_grow_with_the_memory(planned_rows, memory, size):
    assert planned_rows(1100, 1100, memory, multiple=64).size == balanced_size(1100, size, 0, 64)


@pytest.mark.parametrize(("context", "windows"), [(0, 2), (30, 2), (40, 1)])
def test_windows_grow_with_the_context(planned_rows, context, windows):
    assert len(planned_rows(1100, 1100, 10_000, context=context).starts) == windows


def test_a_wide_raster_gets_smaller_windows(planned_rows):
    size = planned_rows(6000, 600, memory=450).size
    assert 256 < size < 600
    assert size * 6000 * (3 * 2 + 2) + 700 * size**2 <= 200e6


@pytest.mark.parametrize(("provider", "memory", "expected"), [("cpu", 9999, 1), ("cuda", 9999, 8), ("cuda", 300, 1)])
def test_batches_are_chosen_where_they_pay_and_as_the_memory_allows(tmp_path, provider, memory, expected):
    model = replace(load_model(brightest_band_model(tmp_path / "a.onnx")), provider=provider)
    axis = plan_axis(2000, 512, 0)
    assert plan_batch(ClassificationRequest("", "", MapPaths(""), memory=memory), model, axis, axis) == expected


@pytest.mark.parametrize(("provider", "last"), [("cpu", 100), ("openvino", 100), ("tensorrt", 256), ("coreml", 256)])
def test_providers_that_compile_for_each_shape_get_windows_of_one(tmp_path, provider, last):
    model = replace(load_model(brightest_band_model(tmp_path / "model.onnx")), provider=provider)
    path = write_scene(tmp_path / "scene.tif", np.full((3, 20, 612), 500, np.uint16))
    request = ClassificationRequest(path, "", MapPaths(""), window_size=256, overlap=0)
    with open_scene(path, model.contract, (), Recorder()) as scene:
        rows, cols = plan_windows(request, scene, scene.grid.window(), model)
    assert [cols.padded(index) for index in range(3)] == [256, 256, last]
    assert cols.starts[2] == 612 - last
    assert rows.padded(0) == 20  # not more than there is
