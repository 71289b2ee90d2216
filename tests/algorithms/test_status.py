# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import json
import re

import numpy as np
from osgeo import gdal
from qgis.core import Qgis

from s2landcover_plugin.core import environment
from tests.algorithms.log import Log


def test_versions_are_told_and_written(run, tmp_path):
    log = Log()
    results = run("status", log, OUTPUT_JSON=tmp_path / "status.json")
    assert results["TEXT"].splitlines() == log.lines
    versions = json.loads((tmp_path / "status.json").read_text(encoding="utf-8"))["versions"]
    assert versions["QGIS"] == Qgis.QGIS_VERSION
    assert versions["GDAL"] == gdal.VersionInfo("RELEASE_NAME")
    assert versions["NumPy"] == np.__version__
    assert versions["onnxruntime"]
    assert any(line.startswith("Execution providers:") and "cpu" in line for line in log.lines)
    assert results["READY"] is True


def test_it_runs_without_any_parameter(run):
    assert "OUTPUT_JSON" not in run("status")


def test_the_missing_package_comes_with_its_command(run, no_onnxruntime):
    results = run("status")
    assert environment.plugin_version() in results["TEXT"]
    assert re.search(r'^  "\S*qgis_process\S*" run s2landcover:installruntime$', results["TEXT"], re.MULTILINE)
    assert results["READY"] is False
