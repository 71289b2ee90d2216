# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.errors import DependencyError
from s2landcover_plugin.core.installation import trial
from s2landcover_plugin.core.installation.trial import try_out
from tests.wheels import RUNTIME


@pytest.fixture
def packages(tmp_path):
    (tmp_path / "packages" / "onnxruntime").mkdir(parents=True)
    return tmp_path / "packages"


def write(packages, code):
    (packages / "onnxruntime" / "__init__.py").write_text(code)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("raise ImportError('no such library')", r"does not run here \(ImportError: no such library\)"),
        (RUNTIME.replace('feed["x"].copy()', 'feed["x"] + 1'), "does not run here"),
        ("import os; os._exit(7)", r"does not run here \(exit code 7\)"),
    ],
    ids=["does not load", "computes wrongly", "crashes"],
)
def test_what_does_not_work_is_refused(packages, code, message):
    write(packages, code)
    with pytest.raises(DependencyError, match=message):
        try_out(packages)


def test_the_onnxruntime_that_is_installed_runs_the_graph(tmp_path):
    """An empty folder leaves the one that the tests have: it has to take the bytes of the graph."""
    pytest.importorskip("onnxruntime")
    try_out(tmp_path)


def test_another_numpy_than_the_hosts_is_refused(packages, monkeypatch):
    write(packages, RUNTIME)
    monkeypatch.setattr(trial.np, "__version__", "0.0.1")
    with pytest.raises(DependencyError, match=f"has NumPy {np.__version__}|QGIS has NumPy 0.0.1"):
        try_out(packages)
