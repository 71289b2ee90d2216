# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

from pathlib import Path

import onnx
import pytest

from s2landcover_plugin.core.errors import ModelError
from s2landcover_plugin.core.models import bundled as models
from s2landcover_plugin.core.models.bundled import bundled_models, find_model, read_contract
from tests.onnx_models import brightest_band_model, contract


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A plugin with two bundled models."""
    monkeypatch.setattr(models, "MODELS_FOLDER", tmp_path)
    for name in ("other", models.DEFAULT_MODEL):
        brightest_band_model(tmp_path / f"{name}.onnx")
    return tmp_path


def test_models_are_found_by_name_and_by_path(folder, tmp_path):
    default = folder / f"{models.DEFAULT_MODEL}.onnx"
    own = brightest_band_model(tmp_path / "my model.v2.onnx")
    assert bundled_models() == (own, folder / "other.onnx", default)
    assert find_model("") == find_model(" ") == default
    assert find_model("other") == find_model("other.onnx") == folder / "other.onnx"
    assert find_model(str(own)) == own


def test_an_unknown_model_says_what_there_is(folder):
    with pytest.raises(ModelError, match=rf"'third'; the bundled models are other, {models.DEFAULT_MODEL}"):
        find_model("third")


def test_a_copy_without_models_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(models, "MODELS_FOLDER", tmp_path / "none")
    with pytest.raises(ModelError, match="no models are bundled"):
        find_model("")


def test_the_contract_is_read_from_the_file(tmp_path):
    stated = contract(bands=("B08", "B8A"), context=3)
    assert read_contract(brightest_band_model(tmp_path / "a.onnx", stated)) == stated


def test_a_model_without_a_contract_says_how_to_get_one(tmp_path):
    path = brightest_band_model(tmp_path / "a.onnx")
    model = onnx.load(path)
    del model.metadata_props[:]
    onnx.save(model, path)
    with pytest.raises(ModelError, match=r"no 's2landcover' entry.*training export"):
        read_contract(path)
