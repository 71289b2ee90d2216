# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from qgis.core import QgsApplication, QgsProcessingOutputHtml

from tests.algorithms.log import Log
from tests.scenes import write_scene

WRONG = 5


@pytest.fixture
def reference(tmp_path, expected_classes, tiny_contract):
    """The map with its first five pixels of trees called built."""
    values = expected_classes.copy()
    values.flat[np.flatnonzero(values == 2)[:WRONG]] = 7
    return write_scene(
        tmp_path / "reference.tif",
        values[np.newaxis],
        ("classes",),
        scale=1.0,
        categories=tiny_contract.legend.names,
    )


def test_figures_are_outputs_and_agree_with_the_files(run, class_map, reference, tmp_path):
    paths = {f"OUTPUT_{kind.upper()}": tmp_path / f"report.{kind}" for kind in ("html", "csv", "json")}
    log = Log()
    results = run("accuracy", log, INPUT=class_map, REFERENCE=reference, **paths)
    assert results["PIXELS"] == 24 * 20 - 16
    assert results["OVERALL_ACCURACY"] == pytest.approx(1 - WRONG / results["PIXELS"])
    assert 0 < results["KAPPA"] < results["OVERALL_ACCURACY"]
    assert 0 < results["MEAN_IOU"] < results["MACRO_F1"] < 1
    headline = json.loads(paths["OUTPUT_JSON"].read_text(encoding="utf-8"))["headline"]
    assert headline["overall_accuracy"] == results["OVERALL_ACCURACY"]
    with paths["OUTPUT_CSV"].open(encoding="utf-8", newline="") as file:
        assert [row["name"] for row in csv.DictReader(file)] == ["water", "trees", "built"]
    assert "<html" in Path(results["OUTPUT_HTML"]).read_text(encoding="utf-8")
    assert f"Overall accuracy (0-1): {results['OVERALL_ACCURACY']:.4f}" in log.lines


def test_only_the_page_is_written_by_default(run, class_map, tmp_path):
    results = run("accuracy", INPUT=class_map, REFERENCE=class_map, OUTPUT_HTML=tmp_path / "out" / "report.html")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["report.html"]
    assert results["OVERALL_ACCURACY"] == 1.0
    assert "OUTPUT_CSV" not in results


def test_the_report_goes_to_the_results_viewer(provider):
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("s2landcover:accuracy")
    assert isinstance(algorithm.outputDefinition("OUTPUT_HTML"), QgsProcessingOutputHtml)


def test_undefined_figures_are_null(run, tmp_path):
    one = write_scene(tmp_path / "one.tif", np.ones((1, 5, 5), np.uint8), ("classes",), scale=1.0)
    log = Log()
    results = run("accuracy", log, INPUT=one, REFERENCE=one, OUTPUT_HTML=tmp_path / "report.html")
    assert results["KAPPA"] is None
    assert "Cohen's kappa: undefined" in log.lines
