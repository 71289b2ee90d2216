# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import importlib
import shlex
import subprocess
import sys

import numpy as np
import pytest

from s2landcover_plugin.core.errors import DependencyError
from s2landcover_plugin.core.models import dependencies
from s2landcover_plugin.core.models.dependencies import import_onnxruntime, interpreter, onnxruntime_command


def test_the_interpreter_is_a_python_with_the_same_packages():
    code = "import numpy, sys; print(numpy.__version__, sys.prefix)"
    output = subprocess.run([interpreter(), "-c", code], capture_output=True, text=True, check=True).stdout
    assert output.split(maxsplit=1) == [np.__version__, f"{sys.prefix}\n"]


def test_the_host_is_not_taken_for_an_interpreter(tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3").write_text("")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(sys, "exec_prefix", str(tmp_path))
    monkeypatch.setattr(sys, "executable", "/Applications/QGIS.app/Contents/MacOS/QGIS")
    assert interpreter() == str(tmp_path / "bin" / "python3")


def test_the_command_pins_numpy_and_names_the_interpreter():
    words = shlex.split(onnxruntime_command())
    assert words[:4] == [interpreter(), "-m", "pip", "install"]
    assert words[-2:] == ["onnxruntime>=1.16,<2", f"numpy=={np.__version__}"]
    assert "--user" not in words  # the tests run in an environment of their own


@pytest.mark.parametrize("guarded", [False, True])
def test_outside_an_environment_packages_go_to_the_users_folder(tmp_path, monkeypatch, guarded):
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path))
    monkeypatch.setattr(dependencies.sysconfig, "get_path", lambda name: str(tmp_path))
    if guarded:
        (tmp_path / "EXTERNALLY-MANAGED").write_text("[externally-managed]")
    words = shlex.split(onnxruntime_command())
    assert "--user" in words
    assert ("--break-system-packages" in words) == guarded


def test_where_pip_is_missing_it_comes_first(monkeypatch):
    monkeypatch.setattr(dependencies.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(dependencies.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert onnxruntime_command().startswith("sudo apt-get install python3-pip && ")


def test_a_broken_onnxruntime_is_told_from_a_missing_one(monkeypatch):
    def broken(name):
        raise ImportError("DLL load failed")

    monkeypatch.setattr(dependencies.importlib, "import_module", broken)
    with pytest.raises(DependencyError, match=r"does not load \(DLL load failed\).*--force-reinstall --no-deps"):
        import_onnxruntime()


def test_what_is_installed_is_imported():
    assert import_onnxruntime() is importlib.import_module("onnxruntime")
