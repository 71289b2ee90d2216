# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import zipfile

import numpy as np
import pytest

from s2landcover_plugin.core.errors import DependencyError
from s2landcover_plugin.core.installation.host_numpy import HostNumpy


@pytest.mark.parametrize("version", ["1.24.2", "1.24.2+vanilla"])
def test_the_stand_in_is_empty_and_the_only_one_allowed(tmp_path, version):
    constraint = HostNumpy(version).write(tmp_path / "links")
    assert constraint.read_text() == "numpy==1.24.2+host\n"
    (wheel,) = (tmp_path / "links").glob("*.whl")
    assert wheel.name == "numpy-1.24.2+host-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as file:
        assert all(name.startswith("numpy-1.24.2+host.dist-info/") for name in file.namelist())


def test_it_stands_for_the_numpy_in_use():
    assert HostNumpy().version == np.__version__


def test_only_the_stand_in_is_cleared_away(tmp_path):
    numpy = HostNumpy("1.24.2")
    (tmp_path / "numpy-1.24.2+host.dist-info").mkdir()
    (tmp_path / "onnxruntime").mkdir()
    numpy.clear_away(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["onnxruntime"]


@pytest.mark.parametrize("other", ["numpy", "numpy-2.4.6.dist-info"])
def test_another_numpy_is_refused(tmp_path, other):
    (tmp_path / other).mkdir()
    with pytest.raises(DependencyError, match=r"a NumPy of its own.*Nothing was installed"):
        HostNumpy("1.24.2").clear_away(tmp_path)
