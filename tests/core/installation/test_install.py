# SPDX-License-Identifier: GPL-2.0-or-later
"""The real pip, on a folder of wheels made by hand."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from s2landcover_plugin.core.errors import Cancelled, DependencyError, OutputError
from s2landcover_plugin.core.installation import install as module
from s2landcover_plugin.core.installation.install import install
from s2landcover_plugin.core.installation.interpreter import interpreter
from s2landcover_plugin.core.installation.packages import InstalledPackage, deactivate, installed_runtime
from s2landcover_plugin.core.installation.plan import Installation
from s2landcover_plugin.core.progress import SilentProgress
from tests.listeners import Recorder
from tests.wheels import RUNTIME, write_wheel


@pytest.fixture
def folder(tmp_path):
    yield tmp_path / "packages" / "here"
    deactivate(tmp_path / "packages" / "here")


@pytest.fixture
def wheels(tmp_path):
    """Two versions: the newer one asks for a NumPy that is not the host's, and the folder has that as well."""
    write_wheel(tmp_path / "wheels", "onnxruntime", "1.20.0", RUNTIME, ("numpy>=1.20", "helper"))
    write_wheel(tmp_path / "wheels", "onnxruntime", "1.99.0", RUNTIME, ("numpy>=99", "helper"))
    write_wheel(tmp_path / "wheels", "numpy", "99.0", "__version__ = '{version}'")
    write_wheel(tmp_path / "wheels", "helper", "1.0", "")
    return tmp_path / "wheels"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_hosts_numpy_stays_where_plain_pip_would_replace_it(wheels, folder, tmp_path):
    plain = [interpreter(), "-m", "pip", "install", "--isolated", "--no-index", "--find-links", wheels]
    subprocess.run([*plain, "--target", tmp_path / "plain", "onnxruntime"], check=True, capture_output=True)
    assert {"numpy", "numpy-99.0.dist-info", "onnxruntime-1.99.0.dist-info"} <= set(names(tmp_path / "plain"))

    (folder.parent / ".incomplete-killed" / "packages").mkdir(parents=True)
    listener = Recorder()
    assert install(Installation(folder, wheels=wheels), listener) == InstalledPackage("onnxruntime", "1.20.0")
    assert names(folder) == ["helper", "helper-1.0.dist-info", "onnxruntime", "onnxruntime-1.20.0.dist-info"]
    assert names(folder.parent) == ["here"], "what a killed run left is gone as well"
    assert sys.path[-1] == str(folder)
    assert any("Successfully installed" in line for line in listener.infos), "pip's lines are passed on"


def test_no_runtime_for_this_numpy_is_a_sentence(wheels, folder):
    (wheels / "onnxruntime-1.20.0-py3-none-any.whl").unlink()
    with pytest.raises(DependencyError, match=f"was not installed: .*with NumPy {np.__version__}; .*pip download"):
        install(Installation(folder, wheels=wheels), SilentProgress())
    assert names(folder.parent) == []


def test_what_brings_a_numpy_undeclared_leaves_everything_as_it_was(wheels, folder):
    write_wheel(wheels, "onnxruntime", "1.50.0", RUNTIME, more={"numpy/__init__.py": ""})
    (folder / "earlier").mkdir(parents=True)
    with pytest.raises(DependencyError, match="a NumPy of its own"):
        install(Installation(folder, wheels=wheels), SilentProgress())
    assert names(folder) == ["earlier"]
    assert names(folder.parent) == ["here"]


def test_cancelling_leaves_nothing(wheels, folder):
    with pytest.raises(Cancelled):
        install(Installation(folder, wheels=wheels), Recorder(cancel_after=2))
    assert names(folder.parent) == []
    assert installed_runtime(folder) is None


def test_a_folder_that_cannot_be_made_is_a_sentence(wheels, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written to"):
        install(Installation(tmp_path / "file" / "packages", wheels=wheels), SilentProgress())


def test_without_pip_the_way_to_it_is_named(wheels, folder, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "shadow"))
    (tmp_path / "shadow" / "pip").mkdir(parents=True)
    (tmp_path / "shadow" / "pip" / "__init__.py").write_text("raise ImportError")
    monkeypatch.setattr(module.shutil, "which", lambda name: f"/usr/bin/{name}")
    with pytest.raises(DependencyError, match=r"has no pip.*sudo apt-get install python3-pip"):
        install(Installation(folder, wheels=wheels), SilentProgress())
