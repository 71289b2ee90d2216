# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import sys

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from s2landcover_plugin.core.errors import DependencyError, InputError, ModelError
from s2landcover_plugin.core.models import session
from s2landcover_plugin.core.models.session import SessionRequest, available_providers, open_session
from tests.onnx_models import brightest_band_model, contract, save_model


def test_a_damaged_graph_is_one_sentence(tmp_path):
    path = save_model(tmp_path / "a.onnx", [helper.make_node("Sorcery", ["image"], ["classes"])], (), contract())
    with pytest.raises(ModelError, match=r"a\.onnx cannot be run") as caught:
        open_session(path, SessionRequest())
    assert "\n" not in str(caught.value)


def test_weights_outside_the_models_folder_are_not_read(tmp_path):
    secret = tmp_path / "secret.bin"
    np.zeros(9, np.float32).tofile(secret)
    folder = tmp_path / "models"
    folder.mkdir()
    weight = numpy_helper.from_array(np.zeros((3, 3, 1, 1), np.float32), "kernel")
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="../secret.bin")
    node = helper.make_node("Conv", ["image", "kernel"], ["classes"])
    with pytest.raises(ModelError, match="cannot be run"):
        open_session(save_model(folder / "a.onnx", [node], [weight], contract()), SessionRequest())


def test_the_cpu_is_always_there_and_last():
    assert available_providers()[-1] == "cpu"


def test_an_unknown_provider_says_what_there_is(tmp_path):
    with pytest.raises(InputError, match="choose auto or one of cuda"):
        open_session(brightest_band_model(tmp_path / "a.onnx"), SessionRequest("gpu"))


def test_a_provider_that_is_not_there_gives_way_to_the_cpu_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(session, "available_providers", lambda: ("cpu",))
    opened = open_session(brightest_band_model(tmp_path / "a.onnx"), SessionRequest("cuda"))
    assert opened.provider == "cpu"
    assert "cuda is not part of the installed onnxruntime" in opened.fallback


@pytest.mark.filterwarnings("ignore:Specified provider")
def test_a_provider_that_does_not_start_gives_way_to_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr(session, "available_providers", lambda: ("openvino", "cpu"))
    opened = open_session(brightest_band_model(tmp_path / "a.onnx"), SessionRequest())
    assert opened.provider == "cpu"
    assert "openvino does not work here" in opened.fallback


def test_without_onnxruntime_the_error_says_so(tmp_path, monkeypatch):
    path = brightest_band_model(tmp_path / "a.onnx")
    monkeypatch.delitem(sys.modules, "onnxruntime", raising=False)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(DependencyError, match="onnxruntime, which is not installed"):
        open_session(path, SessionRequest())
