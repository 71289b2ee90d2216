# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import sys

import numpy as np
import onnx
import pytest

from s2landcover_plugin.core.errors import DependencyError, ModelError
from s2landcover_plugin.core.sharpening import network as module
from s2landcover_plugin.core.sharpening.network import find_sharpener, load_sharpener
from tests.sharpeners import edge_sharpener, sharpener_contract


def inputs(rows=3, cols=4):
    rng = np.random.default_rng(0)
    guides, fine = rng.random((4, 2 * rows, 2 * cols)), rng.random((2 * rows, 2 * cols))
    return [array.astype(np.float32) for array in (guides, fine, rng.random((rows, cols)))]


def test_every_band_has_its_own_correction(tmp_path):
    network = load_sharpener(str(edge_sharpener(tmp_path / "a.onnx")))
    guides, fine, coarse = inputs()
    first, second = (network.correction(band, guides, fine, coarse, (0.4, 0.1)) for band in ("B05", "B11"))
    edges = 4 * fine[2, 3] - fine[1, 3] - fine[3, 3] - fine[2, 2] - fine[2, 4]
    assert first[2, 3] == pytest.approx(0.1 * edges, rel=1e-4)
    np.testing.assert_allclose(second, 2 * first, rtol=1e-5)


def test_without_a_network_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "SHARPENERS_FOLDER", tmp_path)
    with pytest.raises(ModelError, match=r"No sharpening network comes with.*choose the method 'regression'"):
        find_sharpener("  ")
    bundled = edge_sharpener(tmp_path / "own.onnx")
    assert find_sharpener("") == bundled
    with pytest.raises(ModelError, match="There is no model file"):
        load_sharpener(str(tmp_path / "missing.onnx"))


def test_without_onnxruntime_it_says_how_to_get_it(tmp_path, monkeypatch):
    path = edge_sharpener(tmp_path / "a.onnx")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(DependencyError, match="onnxruntime"):
        load_sharpener(str(path))


def test_other_guides_are_refused(tmp_path):
    path = edge_sharpener(tmp_path / "a.onnx", sharpener_contract(guides=("B08", "B04")))
    with pytest.raises(ModelError, match="guided by B08, B04; this release sharpens with B02, B03, B04, B08"):
        load_sharpener(str(path))


def test_weights_outside_its_folder_are_refused(tmp_path):
    path = edge_sharpener(tmp_path / "a.onnx")
    model = onnx.load(path)
    weight = model.graph.initializer[0]
    weight.ClearField("raw_data")
    weight.data_location = onnx.TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="../secret.bin")
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match="outside its own folder"):
        load_sharpener(str(path))


def test_a_graph_that_takes_something_else_is_refused(tmp_path):
    path = edge_sharpener(tmp_path / "a.onnx")
    model = onnx.load(path)
    model.graph.input[2].name = "low"
    onnx.save(model, path)
    with pytest.raises(ModelError, match="takes band, blur, guides, low, regression"):
        load_sharpener(str(path))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_none_are_refused(tmp_path, value):
    network = load_sharpener(str(edge_sharpener(tmp_path / "a.onnx", strengths=(value, 0))))
    with pytest.raises(ModelError, match="not finite"):
        network.correction("B05", *inputs(), (0.4, 0.1))


def test_a_network_that_fails_is_named(tmp_path):
    network = load_sharpener(str(edge_sharpener(tmp_path / "a.onnx")))
    guides, fine, coarse = inputs()
    with pytest.raises(ModelError, match="'edges' failed"):
        network.correction("B05", guides[:2], fine, coarse, (0.4, 0.1))
