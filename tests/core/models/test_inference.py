# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from s2landcover_plugin.core.errors import Cancelled, ModelError
from s2landcover_plugin.core.models.inference import load_model
from s2landcover_plugin.core.models.probabilities import softmax
from tests.onnx_models import brightest_band_model, contract, save_model

BATCH = np.random.default_rng(0).random((2, 3, 5, 4), dtype=np.float32)
TO_LAST = helper.make_node("Transpose", ["image"], ["last"], perm=[0, 2, 3, 1])


def identity(path, stated, **fields):
    return save_model(path, [helper.make_node("Identity", ["image"], ["classes"])], (), stated, **fields)


def expected(sharpness: float = 50.0) -> np.ndarray:
    return softmax(sharpness * BATCH.copy())


def test_a_model_gives_probabilities(tmp_path):
    model = load_model(brightest_band_model(tmp_path / "a.onnx"))
    np.testing.assert_allclose(model.predict(BATCH), expected(), atol=1e-6)
    assert (model.provider, model.fallback, model.fixed_size) == ("cpu", "", None)


def test_scores_go_through_a_softmax(tmp_path):
    model = load_model(brightest_band_model(tmp_path / "a.onnx", contract(activation="logits")))
    np.testing.assert_allclose(model.predict(BATCH), expected(), atol=1e-6)


def test_reflectance_is_scaled_to_what_the_graph_wants(tmp_path):
    model = load_model(brightest_band_model(tmp_path / "a.onnx", contract(input_scale=10000.0), sharpness=0.005))
    np.testing.assert_allclose(model.predict(BATCH), expected(), atol=1e-5)


def test_channels_may_come_last(tmp_path):
    stated = contract(layout="NHWC", activation="logits")
    sizes = ("n", "h", "w", None)
    model = load_model(identity(tmp_path / "a.onnx", stated, inputs=sizes, outputs=sizes))
    np.testing.assert_allclose(model.predict(BATCH), expected(1.0), atol=1e-6)


def test_a_fixed_input_size_is_known(tmp_path):
    sizes = (1, None, 5, 4)
    model = load_model(identity(tmp_path / "a.onnx", contract(), inputs=sizes, outputs=sizes))
    assert model.fixed_size == (5, 4)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"inputs": ("n", 4, "h", "w"), "outputs": ("n", 4, "h", "w")}, "input has 4 channels, .* names 3 bands"),
        ({"inputs": (8, None, "h", "w"), "outputs": (8, None, "h", "w")}, "fixed batch of 8"),
    ],
)
def test_a_graph_that_contradicts_its_contract_is_refused(tmp_path, fields, message):
    with pytest.raises(ModelError, match=message):
        load_model(identity(tmp_path / "a.onnx", contract(), **fields))


def test_a_model_with_more_classes_than_its_legend_is_refused(tmp_path):
    node = helper.make_node("Conv", ["image", "kernel"], ["classes"])
    kernel = numpy_helper.from_array(np.zeros((9, 3, 1, 1), np.float32), "kernel")
    path = save_model(tmp_path / "a.onnx", [node], [kernel], contract(), outputs=("n", 9, "h", "w"))
    with pytest.raises(ModelError, match="its output has 9 channels, and the contract names 3 classes"):
        load_model(path)


def test_class_numbers_are_no_probabilities(tmp_path):
    node = helper.make_node("ArgMax", ["image"], ["classes"], axis=1, keepdims=1)
    path = save_model(
        tmp_path / "a.onnx", [node], (), contract(), outputs=("n", 1, "h", "w"), output_type=TensorProto.INT64
    )
    with pytest.raises(ModelError, match=r"output is int64"):
        load_model(path)


def test_two_inputs_are_refused(tmp_path):
    model = onnx.load(brightest_band_model(tmp_path / "a.onnx"))
    model.graph.input.append(helper.make_tensor_value_info("mask", TensorProto.FLOAT, [1]))
    onnx.save(model, tmp_path / "a.onnx")
    with pytest.raises(ModelError, match="takes 2 inputs"):
        load_model(tmp_path / "a.onnx")


def test_an_output_of_another_size_is_refused(tmp_path):
    node = helper.make_node("MaxPool", ["image"], ["classes"], kernel_shape=[2, 2], strides=[2, 2])
    model = load_model(save_model(tmp_path / "a.onnx", [node], (), contract()))
    with pytest.raises(ModelError, match=r"gave 2 x 3 x 2 x 2 .*expected 2 x 3 x 5 x 4"):
        model.predict(BATCH)


@pytest.mark.parametrize(
    ("node", "message"),
    [
        (helper.make_node("Log", ["image"], ["classes"]), "NaN or infinite"),
        (helper.make_node("Neg", ["image"], ["classes"]), "activation has to be 'logits'"),
    ],
)
def test_numbers_that_are_no_probabilities_are_refused(tmp_path, node, message):
    model = load_model(save_model(tmp_path / "a.onnx", [node], (), contract()))
    with pytest.raises(ModelError, match=message):
        model.predict(BATCH * np.float32(0) - np.float32(1) if "NaN" in message else BATCH)


def test_a_failing_graph_is_one_sentence(tmp_path):
    node = helper.make_node("Add", ["image", "mask"], ["classes"])
    mask = numpy_helper.from_array(np.zeros((1, 1, 11, 13), np.float32), "mask")
    model = load_model(save_model(tmp_path / "a.onnx", [node], [mask], contract()))
    with pytest.raises(ModelError, match="failed on a window of 2 x 3 x 5 x 4") as caught:
        model.predict(BATCH)
    assert "\n" not in str(caught.value)


def test_nothing_is_printed(tmp_path, capfd):
    load_model(brightest_band_model(tmp_path / "a.onnx")).predict(BATCH)
    with pytest.raises(ModelError):
        load_model(
            save_model(tmp_path / "b.onnx", [helper.make_node("Sorcery", ["image"], ["classes"])], (), contract())
        )
    assert capfd.readouterr() == ("", "")


def test_a_running_model_can_be_cancelled(tmp_path):
    model = load_model(brightest_band_model(tmp_path / "a.onnx"))

    class Slow:
        """A session that runs until it is told to stop."""

        get_inputs, get_outputs = model._session.get_inputs, model._session.get_outputs

        @staticmethod
        def run(names, feed, options):
            deadline = time.monotonic() + 20
            while not options.terminate and time.monotonic() < deadline:
                time.sleep(0.01)
            raise RuntimeError("terminated" if options.terminate else "never told to stop")

    def cancel():
        raise Cancelled

    started = time.monotonic()
    with pytest.raises(Cancelled):
        replace(model, _session=Slow()).predict(BATCH, cancel)
    assert time.monotonic() - started < 10
