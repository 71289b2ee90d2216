# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

from dataclasses import replace

import pytest

from s2landcover_plugin.core.classification import appetite
from s2landcover_plugin.core.classification.appetite import ASSUMED_BYTES, network_bytes
from s2landcover_plugin.core.models.inference import load_model
from tests.onnx_models import brightest_band_model


@pytest.fixture
def model(tmp_path):
    return load_model(brightest_band_model(tmp_path / "a.onnx"))


def test_what_the_process_grows_by_is_the_networks(model, monkeypatch):
    resident = iter([50_000_000, 50_000_000 + 384 * 384 * 400])
    monkeypatch.setattr(appetite, "_resident_bytes", lambda: next(resident))
    assert network_bytes(model) == pytest.approx(440)


def test_a_window_takes_at_least_its_input_and_output(model, monkeypatch):
    monkeypatch.setattr(appetite, "_resident_bytes", lambda: 50_000_000)
    assert network_bytes(model) == 2 * 4 * (3 + 3)


def test_where_it_cannot_be_measured_a_common_value_is_assumed(model, monkeypatch, tmp_path):
    assert network_bytes(replace(model, provider="cuda")) == ASSUMED_BYTES
    assert network_bytes(replace(model, provider="openvino", precision="bfloat16")) == ASSUMED_BYTES / 2
    assert network_bytes(replace(model, fixed_size=(32, 32))) == ASSUMED_BYTES
    monkeypatch.setattr(appetite, "_STATM", tmp_path / "none")
    assert network_bytes(model) == ASSUMED_BYTES
