# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from s2landcover_plugin.core.installation.interpreter import interpreter, qgis_process


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


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (("qgis_process",), "qgis_process"),
        (("qgis_process", "qgis_process.bin"), "qgis_process.bin"),
        (("bin/qgis_process",), "bin/qgis_process"),
        (("qgis_process-qgis-ltr-bin.exe", "qgis_process-qgis-ltr.bat"), "qgis_process-qgis-ltr.bat"),
    ],
    ids=["Linux", "Debian", "macOS", "Windows"],
)
def test_qgis_process_is_found_beside_qgis(tmp_path, files, expected):
    (tmp_path / "bin").mkdir()
    for name in files:
        (tmp_path / name).write_text("")
    assert qgis_process(tmp_path) == str(tmp_path / expected)


def test_where_there_is_none_its_name_has_to_do(tmp_path):
    assert qgis_process(tmp_path) == "qgis_process"
