# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import helper

from s2landcover_plugin.core.errors import ModelError
from s2landcover_plugin.core.models.contract_source import find_contract
from s2landcover_plugin.core.models.inference import load_model
from s2landcover_plugin.core.models.normalisation import Step
from tests.deepness_models import deepness_model
from tests.onnx_models import save_model

BATCH = np.random.default_rng(0).integers(0, 256, (1, 3, 32, 32)).astype(np.float32)


def read(path):
    return find_contract(path).contract


def test_the_metadata_become_a_contract(tmp_path):
    names = {"0": "_background", "1": "road", "2": "tree"}
    stated = read(
        deepness_model(
            tmp_path / "roads.onnx",
            class_names=names,
            resolution=50,
            tiles_size=256,
            tiles_overlap=25,
            standardization_mean=[0.5, 0.4, 0.3],
            standardization_std=[0.2, 0.2, 0.1],
        )
    )
    assert stated.name == "roads"
    assert stated.bands == ("1", "2", "3")
    assert stated.is_positional
    assert [(item.value, item.name) for item in stated.legend] == [(1, "_background"), (2, "road"), (3, "tree")]
    assert stated.legend.classes[0].colour == "D9D9D9"
    assert (stated.gsd, stated.tile_size, stated.context, stated.size_multiple) == (0.5, 256, 64, 32)
    assert (stated.values, stated.activation) == ("stored", "softmax")
    assert stated.normalisation == (
        Step("scale", {"value": (255.0,)}),
        Step("z-score", {"mean": (0.5, 0.4, 0.3), "stddev": (0.2, 0.2, 0.1)}),
    )


@pytest.mark.parametrize("key", ["tile_size", "tiles_size"])
def test_both_spellings_of_the_tile_size_are_read(tmp_path, key):
    assert read(deepness_model(tmp_path / "a.onnx", **{key: 320})).tile_size == 320


@pytest.mark.parametrize("text", ["{0: 'bare', 1: 'road', 2: 'tree'}", '["bare", "road", "tree"]'])
def test_class_names_may_be_written_in_python_or_as_a_list(tmp_path, text):
    names = read(deepness_model(tmp_path / "a.onnx", class_names=text)).legend.names
    assert names == {1: "bare", 2: "road", 3: "tree"}


def test_nameless_classes_are_numbered(tmp_path):
    assert read(deepness_model(tmp_path / "a.onnx")).legend.names == {1: "channel 0", 2: "channel 1", 3: "channel 2"}


def test_bytes_are_divided_by_255_and_classified(tmp_path):
    model = load_model(
        deepness_model(tmp_path / "a.onnx", standardization_mean=[0.5] * 3, standardization_std=[0.5] * 3)
    )
    np.testing.assert_array_equal(model.predict(BATCH).argmax(axis=1), BATCH.argmax(axis=1))


@pytest.mark.parametrize(("activation", "threshold"), [("Sigmoid", 0.5), ("Sigmoid", 0.9), ("Identity", 0.5)])
def test_a_single_channel_tells_two_classes_apart_at_the_threshold(tmp_path, activation, threshold):
    names = {"0": "background", "1": "field"}
    path = deepness_model(tmp_path / "a.onnx", activation, 1, class_names=names, seg_thresh=threshold)
    stated = read(path)
    assert stated.legend.names == {1: "background", 2: "field"}
    probability = 1 / (1 + np.exp(-20 * BATCH[:, 0] / 255))
    expected = probability > threshold
    assert expected.any()
    np.testing.assert_array_equal(load_model(path).predict(BATCH).argmax(axis=1), expected)


def test_an_output_without_a_channel_axis_is_a_single_channel(tmp_path):
    nodes = [helper.make_node("ReduceMax", ["image"], ["classes"], axes=[1], keepdims=0)]
    path = save_model(tmp_path / "a.onnx", nodes, inputs=(1, 3, "h", "w"), outputs=(1, "h", "w"))
    model = onnx.load(path)
    helper.set_model_props(model, {"class_names": '{"0": "dark", "1": "bright"}'})
    onnx.save(model, path)
    stated = load_model(path)
    bright = BATCH.max(axis=1) > 0
    np.testing.assert_array_equal(stated.predict(np.float32(BATCH)).argmax(axis=1), bright)


def test_a_fixed_tile_is_kept(tmp_path):
    assert load_model(deepness_model(tmp_path / "a.onnx", size=(32, 32), tile_size=32)).fixed_size == (32, 32)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"model_type": '"Detector"'}, "a is a model of the type 'Detector'; only models that segment"),
        ({"class_names": {"0": "a", "2": "b"}}, r"numbered \[0, 2\]; expected 0, 1, 2"),
        ({"class_names": {str(n): str(n) for n in range(4)}}, "names 4 classes .* and gives 3"),
        ({"class_names": "__import__('os')"}, "class_names are"),
        ({"class_names": {"x": "a"}}, "expected numbers and names"),
        ({"resolution": "fine"}, "'resolution' is 'fine'; expected a number"),
        ({"resolution": "1e999"}, "'resolution' is inf; expected a number"),
        ({"tile_size": "NaN"}, "'tile_size' is nan; expected a number"),
        ({"tile_size": 10**9}, "expected a whole number from 1 to 8192|'context' is"),
        ({"class_names": "[" * 100_000}, "class_names are"),
        ({"resolution": -10}, "'gsd' is -0.1"),
        ({"tile_size": [512]}, "'tile_size' is .512.; expected a number"),
        ({"standardization_mean": [1, 2]}, "2 numbers for 'mean'; expected 1, or 3"),
        ({"standardization_std": [0, 0, 0]}, "divide by zero"),
        ({"standardization_mean": "x"}, "expected a list of numbers"),
        ({"outputs": (1, "c", "h", "w")}, "takes 1 x 3 x h x w and gives 1 x c x h x w"),
    ],
)
def test_metadata_that_cannot_be_are_one_sentence(tmp_path, fields, message):
    with pytest.raises(ModelError, match=message) as caught:
        find_contract(deepness_model(tmp_path / "a.onnx", **fields))
    assert "\n" not in str(caught.value)
