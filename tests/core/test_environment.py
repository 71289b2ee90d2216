# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import json
import platform
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from s2landcover_plugin.core import environment
from s2landcover_plugin.core.environment import describe, plugin_version
from s2landcover_plugin.core.errors import DependencyError
from s2landcover_plugin.core.models import bundled as models
from s2landcover_plugin.core.raster import backend_name
from tests.onnx_models import brightest_band_model


def look(host=None):
    return describe(host or {}, Path("packages"), "qgis_process run s2landcover:installruntime")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(models, "MODELS_FOLDER", tmp_path)
    return tmp_path


def test_everything_there_is_is_described(folder):
    size = brightest_band_model(folder / "tiny.onnx").stat().st_size
    found = look({"QGIS": "3.22.16", "GDAL": "3.6.2"})
    assert found.versions["QGIS"] == "3.22.16"
    assert found.versions["NumPy"] == np.__version__
    assert found.versions["onnxruntime"] == onnxruntime.__version__
    assert found.versions["Python"].startswith(platform.python_version())
    assert found.raster_library == backend_name()
    assert found.providers[-1] == "cpu"
    assert [(model.name, model.version, model.size, model.problem) for model in found.models] == [
        ("tiny", "1.0", size, "")
    ]
    assert found.missing == ()
    assert Path(found.runtime_folder, "onnxruntime", "__init__.py") == Path(onnxruntime.__file__)
    assert json.loads(json.dumps(found.to_json()))["models"][0]["name"] == "tiny"
    text = found.to_text()
    assert "GDAL: 3.6.2" in text
    assert "tiny 1.0 (0.0 MB)" in text
    assert text.endswith("Nothing is missing.")


def test_a_broken_bundled_model_is_named(folder):
    (folder / "bad.onnx").write_bytes(b"nonsense")
    assert "not an ONNX file" in look().models[0].problem
    assert "not an ONNX file" in look().to_text()


def test_what_is_missing_comes_with_its_command(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    found = look()
    assert (found.versions["onnxruntime"], found.providers) == ("", ())
    (package,) = found.missing
    assert (package.name, package.problem) == ("onnxruntime", "not installed")
    assert "onnxruntime: not installed" in found.to_text()
    assert "Settings > Options > Sentinel-2 land cover" in found.to_text()
    assert found.to_text().endswith("\n  qgis_process run s2landcover:installruntime")


def test_what_is_broken_says_why(folder, monkeypatch):
    def broken():
        raise DependencyError from ImportError("DLL load failed")

    monkeypatch.setattr(environment, "import_onnxruntime", broken)
    assert "it is installed and does not load: DLL load failed." in look().to_text()


def test_the_version_is_metadatas_wherever_it_lies(tmp_path, monkeypatch):
    monkeypatch.setattr(environment, "_PACKAGE", tmp_path / "plugin")
    (tmp_path / "plugin").mkdir()
    assert plugin_version() == "unknown"
    (tmp_path / "metadata.txt").write_text("[general]\nname=ä\nversion=1.2.3\nabout=100 %\n", encoding="utf-8")
    assert plugin_version() == "1.2.3"
    (tmp_path / "plugin" / "metadata.txt").write_text("[general]\nversion=4.5\n", encoding="utf-8")
    assert plugin_version() == "4.5"
