# SPDX-License-Identifier: GPL-2.0-or-later
"""The archive, as a user installs it."""

from __future__ import annotations

import configparser
import shutil
import zipfile

import numpy as np
import pytest

from scripts import package
from tests.command_line import QgisProcess
from tests.scenes import random_stored, write_scene


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Build it, in a folder of its own."""
    if not shutil.which("zip") or not (shutil.which("pyrcc5") or shutil.which("rcc")):
        pytest.skip("building the archive needs zip and pyqt5-dev-tools")
    build = tmp_path_factory.mktemp("build")
    assert package.main(["--build", str(build)]) == 0
    return build / f"{package.PLUGIN}.zip"


def test_it_holds_the_plugin_and_nothing_else(archive):
    assert archive.stat().st_size < package.MAX_BYTES
    with zipfile.ZipFile(archive) as file:
        names = {name for name in file.namelist() if not name.endswith("/")}
    assert {name.split("/")[0] for name in names} == {package.PLUGIN}
    tracked = {path.relative_to(package.ROOT).as_posix() for path in package.plugin_files()}
    added = {f"{package.PLUGIN}/{name}" for name in ("metadata.txt", "LICENSE", "resources.py")}
    assert names == tracked | added
    assert not [name for name in names if "__pycache__" in name or "test" in name or "training" in name]


def test_compiled_resources_suit_either_qt(archive):
    with zipfile.ZipFile(archive) as file:
        text = file.read(f"{package.PLUGIN}/resources.py").decode()
    assert "from qgis.PyQt import QtCore" in text
    assert "import PyQt5" not in text
    assert "from PyQt5" not in text
    assert "icons/provider.svg" in (package.ROOT / "resources.qrc").read_text(encoding="utf-8")


def test_it_works_from_an_empty_profile(archive, tmp_path):
    profile = tmp_path / "profile"
    plugins = profile / "profiles" / "default" / "python" / "plugins"
    plugins.mkdir(parents=True)
    with zipfile.ZipFile(archive) as file:
        file.extractall(plugins)
    classes = write_scene(tmp_path / "map.tif", random_stored(9, 9, 1).astype(np.uint8), ("",), scale=1.0)
    qgis_process = QgisProcess(profile)
    done = qgis_process.run("accuracy", INPUT=classes, REFERENCE=classes, OUTPUT_HTML=tmp_path / "report.html")
    assert done.code == 0, done.errors
    assert done.results["OVERALL_ACCURACY"] == "1"
    assert (tmp_path / "report.html").is_file()
    status = qgis_process.run("status").output
    assert f"Plugin: {metadata()['version']}\n" in status


def metadata() -> configparser.SectionProxy:
    parser = configparser.ConfigParser()
    parser.read(package.ROOT / "metadata.txt", encoding="utf-8")
    return parser["general"]


REQUIRED = ("name", "qgisMinimumVersion", "description", "about", "version", "author", "email", "repository", "tracker")


@pytest.mark.parametrize("key", [*REQUIRED, "homepage", "tags", "icon", "license", "changelog"])
def test_metadata_is_complete(key):
    assert metadata()[key].strip()


def test_metadata_says_what_qgis_has_to_know():
    assert metadata()["qgisMinimumVersion"] == "3.22"
    assert metadata()["hasProcessingProvider"] == "yes"
    assert metadata()["supportsQt6"] == "True"
    assert metadata()["license"] == "GPL-2.0-or-later"
    assert metadata()["version"] in metadata()["changelog"]
    assert (package.ROOT / package.PLUGIN / metadata()["icon"]).is_file()


def test_versions_agree():
    project = (package.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'\nversion = "{metadata()["version"]}"\n' in project


def test_every_icon_is_a_resource():
    listed = (package.ROOT / "resources.qrc").read_text(encoding="utf-8")
    icons = list((package.ROOT / package.PLUGIN / "icons").glob("*.svg"))
    assert icons
    assert not [icon.name for icon in icons if f'alias="icons/{icon.name}"' not in listed]


def test_a_missing_tool_is_a_sentence(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(package.shutil, "which", lambda name: None)
    assert package.main(["--build", str(tmp_path)]) == 1
    assert "apt-get install zip" in capsys.readouterr().err
