# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import json

import pytest

from s2landcover_plugin.core.errors import ModelError
from s2landcover_plugin.core.sharpening.network_contract import SharpenerContract, read_sharpener_contract
from tests.onnx_models import brightest_band_model
from tests.sharpeners import edge_sharpener, sharpener_contract


def test_what_is_written_is_read(tmp_path):
    stated = sharpener_contract(description="schärfer", provenance={"data": "none"})
    assert SharpenerContract.from_json(stated.to_json()) == stated
    assert read_sharpener_contract(edge_sharpener(tmp_path / "a.onnx", stated)) == stated


def test_it_sharpens_its_bands_at_its_factor():
    stated = sharpener_contract(("B05",))
    assert stated.sharpens("B05", 2)
    assert not stated.sharpens("B11", 2) and not stated.sharpens("B05", 3)


def test_a_model_of_land_cover_is_none(tmp_path):
    path = brightest_band_model(tmp_path / "map.onnx")
    with pytest.raises(ModelError, match=r"map.onnx is no sharpening network.*training sharpener"):
        read_sharpener_contract(path)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("license", 3),
        ("bands", []),
        ("bands", ["B05", "B99"]),
        ("bands", ["B05", "B05"]),
        ("guides", "B02"),
        ("factor", 1),
        ("factor", 2.0),
        ("factor", True),
        ("context", -1),
        ("context", 65),
        ("provenance", []),
    ],
)
def test_a_broken_field_is_named(field, value):
    document = {**json.loads(sharpener_contract().to_json()), field: value}
    with pytest.raises(ModelError, match=f"'{field}'"):
        SharpenerContract.from_json(json.dumps(document))


def test_a_missing_field_is_named():
    document = json.loads(sharpener_contract().to_json())
    del document["context"]
    with pytest.raises(ModelError, match=r"incomplete.*'context'"):
        SharpenerContract.from_json(json.dumps(document))


def test_versions():
    document = json.loads(sharpener_contract().to_json())
    assert SharpenerContract.from_json(json.dumps({**document, "schema_version": "1.7", "new": 1})).name == "edges"
    with pytest.raises(ModelError, match=r"version '2.0'.*reads 1.0"):
        SharpenerContract.from_json(json.dumps({**document, "schema_version": "2.0"}))
