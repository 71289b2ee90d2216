# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import os
import sys

import pytest

from s2landcover_plugin.core.errors import OutputError
from s2landcover_plugin.core.installation.packages import (
    InstalledPackage,
    activate,
    deactivate,
    installed_runtime,
    packages_folder,
    place_of_runtime,
    put_in_place,
    remove,
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "packages" / "onnxruntime_gpu-1.20.0.dist-info").mkdir(parents=True)
    metadata = "Metadata-Version: 2.1\nName: onnxruntime-gpu\nVersion: 1.20.0\n"
    (tmp_path / "packages" / "onnxruntime_gpu-1.20.0.dist-info" / "METADATA").write_text(metadata)
    return tmp_path / "packages"


def test_each_python_has_a_folder_of_its_own(tmp_path, monkeypatch):
    here = packages_folder(tmp_path)
    assert here.parent == tmp_path / "s2landcover" / "packages"
    monkeypatch.setattr(sys.implementation, "cache_tag", "cpython-399")
    assert packages_folder(tmp_path).name.startswith("cpython-399-")
    assert packages_folder(tmp_path) != here


def test_the_folder_comes_last_and_once(folder):
    before = list(sys.path)
    activate(folder)
    activate(folder)
    assert sys.path == [*before, str(folder)]
    deactivate(folder)
    assert sys.path == before


def test_what_is_not_there_is_not_on_the_path(tmp_path):
    activate(tmp_path / "nothing")
    assert str(tmp_path / "nothing") not in sys.path


def test_any_variant_is_found(folder, tmp_path):
    assert installed_runtime(folder) == InstalledPackage("onnxruntime-gpu", "1.20.0")
    assert str(installed_runtime(folder)) == "onnxruntime-gpu 1.20.0"
    assert installed_runtime(tmp_path / "nothing") is None


def test_where_it_is_imported_from_is_known_without_importing_it(folder, monkeypatch):
    monkeypatch.setattr(sys, "path", [])
    assert place_of_runtime() == ""
    activate(folder)
    (folder / "onnxruntime").mkdir()
    (folder / "onnxruntime" / "__init__.py").write_text("raise AssertionError")
    assert place_of_runtime() == str(folder)


def test_removing_deletes_it_and_takes_it_off_the_path(folder, tmp_path):
    activate(folder)
    remove(folder)
    remove(folder)
    assert str(folder) not in sys.path
    assert list(tmp_path.iterdir()) == []


def test_a_new_folder_replaces_the_old_one_completely(folder, tmp_path):
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "file").write_text("")
    put_in_place(tmp_path / "new", folder)
    assert [path.name for path in tmp_path.rglob("*")] == ["packages", "file"]


def test_a_replacement_that_fails_leaves_the_old_folder(folder, tmp_path):
    with pytest.raises(OutputError, match="cannot be replaced"):
        put_in_place(tmp_path / "does not exist", folder)
    assert installed_runtime(folder) is not None


def test_libraries_in_use_are_a_sentence(folder, monkeypatch):
    def refuse(source, target):
        raise PermissionError(13, "Access is denied")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OutputError, match=r"Access is denied.*Start QGIS again"):
        remove(folder)
    assert installed_runtime(folder) is not None
