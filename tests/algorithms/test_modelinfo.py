# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from qgis.core import QgsProcessingException

from s2landcover_plugin.core.models.bundled import find_model
from tests.algorithms.log import Log


def test_the_bundled_model_is_described(run, tmp_path):
    log = Log()
    results = run("modelinfo", log, OUTPUT_HTML=tmp_path / "page.html")
    assert (results["VALID"], results["PROBLEMS"]) == (True, 0)
    assert results["NAME"] == "s2-landcover-10band"
    assert results["BANDS"] == "B02 B03 B04 B05 B06 B07 B08 B8A B11 B12"
    assert results["CLASSES"].startswith("1 Water, 2 Trees")
    assert (results["GSD"], results["LICENSE"]) == (10.0, "Apache-2.0")
    assert results["SHA256"] == hashlib.sha256(find_model("").read_bytes()).hexdigest()
    assert results["TEXT"].splitlines() == log.lines
    assert "Snow and ice" in Path(results["OUTPUT_HTML"]).read_text(encoding="utf-8")


def test_a_model_that_cannot_be_used_is_described_too(run, tmp_path):
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"nonsense")
    results = run("modelinfo", MODEL=broken)
    assert (results["VALID"], results["PROBLEMS"], results["BANDS"]) == (False, 1, "")
    assert "not an ONNX file" in results["TEXT"]
    assert "OUTPUT_HTML" not in results


def test_it_needs_no_onnxruntime(run, no_onnxruntime):
    assert run("modelinfo")["VALID"] is True


def test_the_page_does_not_replace_the_model(run, model):
    with pytest.raises(QgsProcessingException, match="is also an input"):
        run("modelinfo", MODEL=model, OUTPUT_HTML=model)


def test_an_unknown_model_is_one_sentence(run):
    with pytest.raises(QgsProcessingException, match="no model 'third'"):
        run("modelinfo", MODEL="third")
