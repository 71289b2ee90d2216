# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest
from qgis.core import QgsProcessingException

from s2landcover_plugin.algorithms import installruntime
from s2landcover_plugin.core.installation.packages import deactivate
from scripts import package
from tests.algorithms.log import Log
from tests.command_line import QgisProcess
from tests.wheels import RUNTIME, write_wheel


@pytest.fixture
def wheels(tmp_path):
    write_wheel(tmp_path / "wheels", "onnxruntime", "1.20.0", RUNTIME, ("numpy>=1.20",))
    write_wheel(tmp_path / "wheels", "onnxruntime", "1.99.0", RUNTIME, ("numpy>=99",))
    return tmp_path / "wheels"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(installruntime, "profile_packages", lambda: tmp_path / "packages")
    yield tmp_path / "packages"
    deactivate(tmp_path / "packages")


def test_it_installs_and_says_what_stands_in_its_way(run, wheels, folder):
    log = Log()
    results = run("installruntime", log, WHEELS=wheels)
    assert results == {"FOLDER": str(folder), "VERSION": "onnxruntime 1.20.0"}
    assert [path.name for path in folder.glob("*.dist-info")] == ["onnxruntime-1.20.0.dist-info"]
    assert any("holds another onnxruntime" in line for line in log.lines), "that of the tests comes first"


def test_a_folder_without_wheels_is_refused_before_anything_happens(run, tmp_path, folder):
    with pytest.raises(QgsProcessingException, match="no wheel file"):
        run("installruntime", WHEELS=tmp_path)
    assert not folder.exists()


def test_a_server_installs_it_and_uses_it(wheels, tmp_path):
    """The real qgis_process, with QGIS's own packages only."""
    package.stage(tmp_path / "plugins" / package.PLUGIN)
    qgis_process = QgisProcess(tmp_path / "profile", str(tmp_path / "plugins"), packages="")
    installed = qgis_process.run("installruntime", WHEELS=wheels)
    if "has no pip" in installed.errors or "holds another onnxruntime" in installed.output + installed.errors:
        pytest.skip("QGIS's own Python has no pip, or has an onnxruntime")
    assert installed.code == 0, installed.errors
    assert installed.results["FOLDER"].startswith(str(tmp_path / "profile"))
    after = qgis_process.run("status").output
    assert "\nonnxruntime: 1.20.0\n" in after
    assert f"\nNumPy: {np.__version__}\n" in after
    assert "Nothing is missing." in after
