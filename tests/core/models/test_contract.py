# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from s2landcover_plugin.core.errors import ContractError, ModelError
from s2landcover_plugin.core.legend import LandCoverClass, Legend
from s2landcover_plugin.core.models.contract import ModelContract
from s2landcover_plugin.core.models.normalisation import Step
from s2landcover_plugin.core.models.report import ModelReport
from s2landcover_plugin.core.models.report_page import report_page
from s2landcover_plugin.core.models.report_text import report_text
from tests.html_page import Page

CONTRACT = ModelContract(
    name="test",
    version="1.0",
    license="MIT",
    attribution="nobody",
    bands=("B02", "B8A"),
    legend=Legend((LandCoverClass(1, "water", "419BDF"), LandCoverClass(2, "land", "A59B8F"))),
    context=12,
    size_multiple=8,
    layout="NHWC",
    provenance={"date": "2026-01-01"},
)


def test_a_contract_survives_json():
    assert ModelContract.from_json(CONTRACT.to_json()) == CONTRACT


def test_everything_that_models_of_other_people_need_survives_json():
    steps = (Step("scale", {"value": (255.0,)}), Step("z-score", {"mean": (0.5, 0.4), "stddev": (0.2, 0.1)}))
    stated = replace(
        CONTRACT, bands=("1", "2"), values="stored", normalisation=steps, activation="sigmoid", threshold=0.7
    )
    assert ModelContract.from_json(stated.to_json()) == stated
    assert stated.is_positional
    assert not CONTRACT.is_positional


def test_all_problems_are_kept_and_the_first_is_shown():
    with pytest.raises(ContractError, match=r"'version' is ''; .*lists 2 more") as caught:
        replace(CONTRACT, version="", gsd=-1, context=0.5)
    assert len(caught.value.problems) == 3
    assert all(problem.startswith("The contract of model 'test' is broken: ") for problem in caught.value.problems)


def test_the_document_uses_the_names_of_the_stac_extension():
    document = json.loads(CONTRACT.to_json())
    assert document["mlm:name"] == "test"
    assert document["mlm:input"][0]["input"]["dim_order"] == ["batch", "height", "width", "bands"]
    assert document["mlm:input"][0]["input"]["shape"] == [-1, -1, -1, 2]
    assert document["mlm:output"][0]["classification:classes"][0]["color_hint"] == "419BDF"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"bands": ("B02", "B02")}, "contain one twice"),
        ({"bands": ("red",)}, "expected ids"),
        ({"bands": ()}, "expected ids"),
        ({"context": -1}, "'context' is -1"),
        ({"size_multiple": 0}, "'size_multiple' is 0"),
        ({"tile_size": 2.5}, "'tile_size' is 2.5"),
        ({"gsd": 0}, "'gsd' is 0"),
        ({"layout": "HWC"}, "layout is 'HWC'"),
        ({"activation": "relu"}, "activation is 'relu'"),
        ({"levels": ("L3",)}, "L3"),
        ({"version": 1}, "'version' is 1"),
        ({"license": " "}, "'license' is ' '"),
        ({"values": "bytes"}, "kind of input values is 'bytes'"),
        ({"threshold": 1}, "'threshold' is 1"),
        ({"bands": ("1", "3")}, "or 1, 2, … for bands in the raster's order"),
        ({"normalisation": (Step("scale", {"value": (1.0, 2.0, 3.0)}),)}, "has 3 numbers for 'value'"),
    ],
)
def test_a_broken_contract_says_what_is_wrong(fields, message):
    with pytest.raises(ModelError, match=message):
        replace(CONTRACT, **fields)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.pop("mlm:input"), "no field 'mlm:input'"),
        (lambda d: d.update({"schema_version": "2.0"}), "Update the plugin"),
        (lambda d: d["mlm:input"].clear(), "cannot be read"),
        (lambda d: d["mlm:input"][0]["input"].update(dim_order=["a"]), "dim_order"),
        (lambda d: d["mlm:output"][0].update({"classification:classes": "water"}), "not a list"),
    ],
)
def test_a_broken_document_is_one_sentence(change, message):
    document = json.loads(CONTRACT.to_json())
    change(document)
    with pytest.raises(ModelError, match=message):
        ModelContract.from_json(json.dumps(document))


@pytest.mark.parametrize("text", ["", "{", "[]", "3"])
def test_text_that_is_no_contract_is_refused(text):
    with pytest.raises(ModelError):
        ModelContract.from_json(text)


ODD = (None, "", "x", -1, 0, 2.5, True, [], {}, [[]], [{}], 10**400, "\x00", {"a": {"b": None}})


def places(node, path=()):
    """Yield the path of everything in a document."""
    if path:
        yield path
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in items:
        yield from places(child, (*path, key))


def replaced(text, path, value):
    document = json.loads(text)
    node = document
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    return json.dumps(document)


def test_whatever_a_document_holds_is_a_contract_that_can_be_told_or_one_error():
    steps = (Step("z-score", {"mean": (0.5, 0.4), "stddev": (0.2,)}),)
    text = replace(CONTRACT, normalisation=steps, parameters=3).to_json()
    refused = told = 0
    for path in places(json.loads(text)):
        for value in ODD:
            try:
                stated = ModelContract.from_json(replaced(text, path, value))
            except ContractError as error:
                assert error.problems
                refused += 1
            else:
                report = ModelReport(Path("a.onnx"), 1, None, None, stated, "", (), ())
                assert stated.name in report_text(report)
                assert Page(report_page(report)).text
                told += 1
    assert refused > 300
    assert told > 100
