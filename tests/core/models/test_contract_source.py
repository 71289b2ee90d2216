# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import json
from dataclasses import replace

import onnx
import pytest

from s2landcover_plugin.core.errors import ModelError
from s2landcover_plugin.core.models.contract_source import DEEPNESS, EMBEDDED, SIDECAR, find_contract
from tests.onnx_models import brightest_band_model, contract


@pytest.fixture
def bare(tmp_path):
    """A model file that says nothing about itself."""
    path = brightest_band_model(tmp_path / "bare.v2.onnx")
    model = onnx.load(path)
    del model.metadata_props[:]
    onnx.save(model, path)
    return path


def describe(path, **metadata):
    model = onnx.load(path)
    onnx.helper.set_model_props(model, metadata)
    onnx.save(model, path)


def test_a_description_next_to_the_file_does_as_well_as_one_inside(bare):
    stated = contract(bands=("B08", "B8A", "B11"), layout="NHWC")
    bare.with_name("bare.v2.json").write_text("\ufeff" + stated.to_json(), encoding="utf-8")
    found = find_contract(bare)
    assert (found.contract, found.origin) == (stated, SIDECAR)


def test_what_the_file_itself_says_counts_most_and_deepness_least(bare):
    describe(bare, model_type='"Segmentor"')
    assert find_contract(bare).origin == DEEPNESS
    sidecar = bare.with_name("bare.v2.json")
    sidecar.write_text(contract(name="beside").to_json(), encoding="utf-8")
    assert find_contract(bare).contract.name == "beside"
    describe(bare, s2landcover=contract(name="inside").to_json())
    assert (find_contract(bare).origin, find_contract(bare).contract.name) == (EMBEDDED, "inside")


def test_what_may_be_left_out_has_defaults(bare):
    document = json.loads(contract().to_json())
    for key in ("gsd", "processing:level", "description", "provenance", "mlm:architecture"):
        del document[key]
    for key in ("size_multiple", "tile_size", "reflectance_scale", "values", "pre_processing_function"):
        del document["mlm:input"][0][key]
    bare.with_name("bare.v2.json").write_text(json.dumps(document), encoding="utf-8")
    assert find_contract(bare).contract == replace(contract())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not valid JSON"),
        (b'{"a": 1, "a": 2}', "key 'a' twice"),
        (b"\xff\xfe\x00", "not a text file"),
        (b" " * (1 << 21), "too large"),
        (b"{}", r"no field 'schema_version'. \('Describe a model' lists 6 more.\)"),
    ],
    ids=["empty", "twice", "binary", "huge", "bare"],
)
def test_a_broken_description_is_one_sentence(bare, content, message):
    bare.with_name("bare.v2.json").write_bytes(content)
    with pytest.raises(ModelError, match=message) as caught:
        find_contract(bare)
    assert "\n" not in str(caught.value)


def test_without_any_description_the_error_says_how_to_write_one(bare):
    with pytest.raises(ModelError, match=r"no bare\.v2\.json next to it\. Write that file"):
        find_contract(bare)
