# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import importlib
import shlex
import sys
import types

import numpy as np
import pytest

from s2landcover_plugin.core.errors import DependencyError
from s2landcover_plugin.core.installation.interpreter import interpreter
from s2landcover_plugin.core.models import dependencies
from s2landcover_plugin.core.models.dependencies import import_onnxruntime, onnxruntime_command


def test_the_command_pins_numpy_and_names_the_interpreter():
    words = shlex.split(onnxruntime_command())
    assert words[:4] == [interpreter(), "-m", "pip", "install"]
    assert words[4:] == ["onnxruntime>=1.16,<2", f"numpy=={np.__version__}"]


def test_inside_qgis_the_way_is_through_qgis(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    monkeypatch.setitem(sys.modules, "qgis.core", types.ModuleType("qgis.core"))
    with pytest.raises(DependencyError, match=r"Settings > Options.*qgis_process run s2landcover:installruntime$"):
        import_onnxruntime()


def test_elsewhere_it_is_pip(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    monkeypatch.delitem(sys.modules, "qgis.core", raising=False)
    with pytest.raises(DependencyError, match=r"is not installed\. Install it with: .*-m pip install"):
        import_onnxruntime()


def test_a_broken_onnxruntime_is_told_from_a_missing_one(monkeypatch):
    def broken(name):
        raise ImportError("DLL load failed")

    monkeypatch.setattr(dependencies.importlib, "import_module", broken)
    with pytest.raises(DependencyError, match=r"does not load \(DLL load failed\)"):
        import_onnxruntime()


def test_what_is_installed_is_imported():
    assert import_onnxruntime() is importlib.import_module("onnxruntime")
