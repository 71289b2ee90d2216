# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import hashlib
import json
import sys

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from s2landcover_plugin.core.errors import ModelError
from s2landcover_plugin.core.models.bundled import find_model
from s2landcover_plugin.core.models.report import examine
from s2landcover_plugin.core.models.report_page import report_page, write_report
from s2landcover_plugin.core.models.report_text import report_text
from s2landcover_plugin.core.pages.text import UNDEFINED
from s2landcover_plugin.core.progress import SilentProgress
from tests.html_page import Page
from tests.onnx_models import brightest_band_model, contract, save_model


def look(path):
    return examine(path, SilentProgress())


def with_contract(path, text):
    model = onnx.load(brightest_band_model(path))
    helper.set_model_props(model, {"s2landcover": text})
    onnx.save(model, path)
    return path


def test_the_bundled_model_has_nothing_wrong():
    path = find_model("")
    report = look(path)
    assert (report.problems, report.doubts, report.is_valid) == ((), (), True)
    assert report.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    text = report_text(report)
    for expected in ("can be used", "B02 B03 B04 B05", "1 Water #419BDF", "overall accuracy: 0.88", report.sha256):
        assert expected in text


def test_everything_that_is_wrong_is_told_at_once(tmp_path):
    document = json.loads(contract().to_json())
    document["gsd"], document["version"], document["mlm:input"][0]["context"] = -1, " ", 1.5
    report = look(with_contract(tmp_path / "a.onnx", json.dumps(document)))
    assert len(report.problems) == 3
    assert not report.is_valid
    for words in ("'gsd' is -1", "'version' is ' '", "'context' is 1.5"):
        assert any(words in problem for problem in report.problems)
    assert "cannot be used, 3 problems" in report_text(report)


def test_the_graph_is_compared_with_the_contract(tmp_path):
    stated = contract(bands=("B02", "B03", "B04", "B08"))
    path = with_contract(tmp_path / "a.onnx", stated.to_json())
    assert look(path).problems == (
        "The model does not fit its contract: its input has 3 channels, and the contract names 4 bands.",
    )


def test_a_file_that_is_no_model_is_described_all_the_same(tmp_path):
    path = tmp_path / "a.onnx"
    path.write_bytes(b"hello")
    report = look(path)
    assert report.graph is None
    assert report.size == 5
    assert "not an ONNX file" in report.problems[0]
    assert "SHA-256" in report_text(report)


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(ModelError, match="There is no model file"):
        look(tmp_path / "a.onnx")


def test_foreign_operators_are_named(tmp_path):
    node = helper.make_node("Magic", ["image"], ["classes"], domain="com.example")
    problems = look(save_model(tmp_path / "a.onnx", [node], (), contract())).problems
    assert "operators of 'com.example'" in problems[0]


@pytest.mark.parametrize(
    ("node", "message"),
    [
        (
            helper.make_node("MaxPool", ["image"], ["classes"], kernel_shape=[2, 2], strides=[2, 2]),
            "expected 1 x 3 x 64",
        ),
        (helper.make_node("Sqrt", ["minus"], ["classes"]), "NaN or infinite"),
    ],
    ids=["size", "nan"],
)
def test_a_trial_shows_what_only_a_run_can(tmp_path, node, message):
    minus = helper.make_node("Sub", ["zero", "image"], ["minus"])
    zero = numpy_helper.from_array(np.float32(-1).reshape(()), "zero")
    report = look(save_model(tmp_path / "a.onnx", [minus, node], [zero], contract()))
    assert message in report.problems[0]


def test_without_onnxruntime_everything_else_is_told(tmp_path, monkeypatch):
    path = brightest_band_model(tmp_path / "a.onnx")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    report = look(path)
    assert report.is_valid
    assert any("onnxruntime is not installed" in doubt for doubt in report.doubts)


def test_doubts_are_told(tmp_path):
    stated = contract(license="unknown", activation="logits")
    path = with_contract(tmp_path / "a.onnx", stated.to_json())
    (tmp_path / "a.json").write_text("{}", encoding="utf-8")
    doubts = " ".join(look(path).doubts)
    for words in ("a.json lies next to the model", "under which licence", "what it was trained on", "ends in Softmax"):
        assert words in doubts


def test_the_page_stands_alone_and_escapes(tmp_path):
    stated = contract(
        name="<b>net</b>", description="<script>alert(1)</script>", provenance={"a<": {"b": [1, 2.5, None]}}
    )
    path = brightest_band_model(tmp_path / "a.onnx", stated)
    write_report(look(path), tmp_path / "page.html")
    html = (tmp_path / "page.html").read_text(encoding="utf-8")
    page = Page(html)
    assert not {"script", "b", "a", "link"} & set(page.tags)
    for words in ("<b>net</b>", "alert(1)", "#419BDF", f"1, 2.5, {UNDEFINED}", "What goes in", "CC0-1.0", "a<"):
        assert words in page.text


def test_the_page_of_a_broken_model_says_what_is_wrong(tmp_path):
    page = Page(report_page(look(with_contract(tmp_path / "a.onnx", "{"))))
    assert "What is wrong" in page.text
    assert "not valid JSON" in page.text
