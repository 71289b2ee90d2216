# SPDX-License-Identifier: GPL-2.0-or-later
"""The exit code and the text that a server sees."""

from __future__ import annotations

import pytest

from scripts import package
from tests.command_line import QgisProcess
from tests.scenes import random_stored, write_scene


@pytest.fixture(scope="module")
def qgis_process(tmp_path_factory):
    folder = tmp_path_factory.mktemp("staged")
    package.stage(folder / "plugins" / package.PLUGIN)
    return QgisProcess(folder / "profile", str(folder / "plugins"))


def test_the_algorithms_are_listed_and_explained(qgis_process):
    listing = qgis_process("list").output
    for name in ("pansharpen", "tile", "classify", "accuracy", "status"):
        assert f"s2landcover:{name}\t" in listing
    text = qgis_process("help", "s2landcover:classify").output
    assert "An ONNX file that says which bands it wants" in text
    assert "<b>" not in text


def test_a_map_is_made(qgis_process, image, model, tmp_path):
    done = qgis_process.run("classify", INPUT=image, MODEL=model, OUTPUT=tmp_path / "Kärtchen 1.tif")
    assert done.code == 0
    assert done.results["PROVIDER_USED"] == "cpu"
    assert done.results["NODATA_PIXELS"] == "16"
    assert (tmp_path / "Kärtchen 1.tif").is_file()
    assert (tmp_path / "Kärtchen 1.qml").is_file()


def listing(folder):
    # qgis_process opens the inputs before the algorithm is asked, and leaves statistics beside them.
    return sorted(path for path in folder.rglob("*") if path.name != "image.tif.aux.xml")


@pytest.mark.parametrize(
    ("bands", "output", "message"),
    [
        (("B02", "B04"), "map.tif", "B03"),
        (("B02", "B03", "B04"), "file.txt/map.tif", "file.txt"),
        (("B02", "B03", "B04"), "map.png", "end the file name in .tif"),
    ],
    ids=["while running", "while writing", "before running"],
)
def test_an_error_is_a_sentence_and_an_exit_code(qgis_process, model, tmp_path, bands, output, message):
    (tmp_path / "file.txt").write_text("a file where a folder should be")
    image = write_scene(tmp_path / "image.tif", random_stored(20, 24, len(bands)), bands)
    before = listing(tmp_path)
    done = qgis_process.run("classify", INPUT=image, MODEL=model, OUTPUT=tmp_path / output)
    assert done.code == 1
    assert message in done.errors
    assert "Traceback" not in done.output + done.errors
    assert listing(tmp_path) == before
