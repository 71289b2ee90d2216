# SPDX-License-Identifier: GPL-2.0-or-later
"""What users really hand over: each gets one clear sentence, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from qgis.core import QgsProcessingException

from s2landcover_plugin.core.raster import Grid
from tests.algorithms.log import Log
from tests.onnx_models import save_model
from tests.scenes import random_stored, write_scene


def listing(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def missing_band(folder):
    return {"INPUT": write_scene(folder / "two.tif", random_stored(20, 24, 2), ("B02", "B04"))}


def wrong_band_count(folder):
    return {"INPUT": write_scene(folder / "plain.tif", random_stored(20, 24, 2), ("", "")), "BAND_ORDER": "B02 B03 B04"}


def no_crs(folder):
    grid = Grid(20, 24, (600000.0, 10.0, 0.0, 5000000.0, 0.0, -10.0))
    return {"INPUT": write_scene(folder / "nowhere.tif", random_stored(20, 24), grid=grid)}


def all_nodata(folder):
    return {"INPUT": write_scene(folder / "empty.tif", np.zeros((3, 24, 20), np.uint16))}


def all_nan(folder):
    pixels = np.full((3, 24, 20), np.nan, np.float32)
    return {"INPUT": write_scene(folder / "nan.tif", pixels, nodata=None, scale=1.0)}


def model_without_contract(folder):
    node = onnx.helper.make_node("Identity", ["image"], ["classes"])
    return {"MODEL": save_model(folder / "bare.onnx", [node], inputs=("n", 3, "h", "w"), outputs=("n", 3, "h", "w"))}


def model_that_is_no_onnx(folder):
    (folder / "text.onnx").write_text("no model")
    return {"MODEL": folder / "text.onnx"}


def truncated(folder):
    path = Path(write_scene(folder / "cut.tif", random_stored(1200, 900)))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return {"INPUT": path}


def no_raster(folder):
    (folder / "notes.tif").write_text("no raster")
    return {"INPUT": folder / "notes.tif"}


def no_file(folder):
    return {"INPUT": folder / "gone.tif"}


def unwritable(folder):
    (folder / "file.txt").write_text("a file where a folder should be")
    return {"OUTPUT": folder / "file.txt" / "map.tif"}


def output_is_input(folder):
    image = write_scene(folder / "same.tif", random_stored(20, 24))
    return {"INPUT": image, "OUTPUT": image}


def output_is_confidence(folder):
    return {"CONFIDENCE": folder / "map.tif"}


def shares_beyond_all(folder):
    return {"VALIDATION_SHARE": 60, "TEST_SHARE": 60}


def overlap_as_large_as_tiles(folder):
    return {"TILE_SIZE": 16, "OVERLAP": 16}


CLASSIFY = {
    missing_band: "B03",
    wrong_band_count: "bands?",
    no_crs: "coordinate reference system",
    all_nodata: "no pixel that is valid",
    all_nan: "no pixel that is valid",
    model_without_contract: "does not say which bands",
    model_that_is_no_onnx: "text.onnx",
    truncated: "damaged or truncated|not a raster that can be opened",
    no_raster: "is not a raster that can be opened",
    no_file: "There is no file",
    unwritable: "file.txt",
    output_is_input: "is also an input",
    output_is_confidence: "map.tif",
}


@pytest.mark.parametrize(("damage", "message"), CLASSIFY.items(), ids=[case.__name__ for case in CLASSIFY])
def test_classify(run, image, model, tmp_path, damage, message):
    given = {"INPUT": image, "MODEL": model, "OUTPUT": tmp_path / "map.tif", **damage(tmp_path)}
    assert_refused(run, "classify", tmp_path, message, given)


def assert_refused(run, name, folder, message, given, log=None):
    before = listing(folder)
    with pytest.raises(QgsProcessingException, match=message) as raised:
        run(name, log, **given)
    sentence = str(raised.value)
    assert "\n" not in sentence
    assert "Traceback" not in sentence
    assert "should not have" not in sentence
    assert sentence.endswith((".", "?")) or "-m pip install" in sentence
    assert listing(folder) == before


ACCURACY = {
    no_crs: "coordinate reference system|bands",
    truncated: "damaged or truncated|bands|not a raster",
    no_raster: "is not a raster that can be opened",
    no_file: "There is no file",
    missing_band: "has 2 bands",
}


@pytest.mark.parametrize("parameter", ["INPUT", "REFERENCE"])
@pytest.mark.parametrize(("damage", "message"), ACCURACY.items(), ids=[case.__name__ for case in ACCURACY])
def test_accuracy(run, class_map, tmp_path, damage, message, parameter):
    given = {"INPUT": class_map, "REFERENCE": class_map, "OUTPUT_HTML": tmp_path / "report.html"}
    given[parameter] = damage(tmp_path)["INPUT"]
    assert_refused(run, "accuracy", tmp_path, message, given)


def test_a_report_does_not_replace_the_map(run, class_map, tmp_path):
    given = {"INPUT": class_map, "REFERENCE": class_map, "OUTPUT_HTML": class_map}
    assert_refused(run, "accuracy", tmp_path, "is also an input", given)


TILE = {
    no_crs: "coordinate reference system",
    all_nodata: "valid",
    truncated: "damaged or truncated|not a raster",
    no_file: "There is no file",
    unwritable: "file.txt",
    shares_beyond_all: "take more than all tiles",
    overlap_as_large_as_tiles: "does not fit tiles of 16",
}


@pytest.mark.parametrize(("damage", "message"), TILE.items(), ids=[case.__name__ for case in TILE])
def test_tile(run, image, tmp_path, damage, message):
    given = {"INPUT": image, "TILE_SIZE": 16, "OUTPUT": tmp_path / "dataset", **damage(tmp_path)}
    assert_refused(run, "tile", tmp_path, message, given)


def test_a_cancelled_run_leaves_nothing(run, model, tmp_path):
    image = write_scene(tmp_path / "large.tif", random_stored(700, 700))
    given = {"INPUT": image, "MODEL": model, "OUTPUT": tmp_path / "map.tif", "WINDOW_SIZE": 128}
    log = Log(cancel_at=40)
    assert_refused(run, "classify", tmp_path, "^Cancelled. No output was written.$", given, log)
    assert 0 < log.progress() < 100


def test_spaces_and_letters_beyond_ascii_are_fine(run, stored, model, tmp_path):
    folder = tmp_path / "Müller & Søn 土地"
    folder.mkdir()
    image = write_scene(folder / "Bild über Äcker.tif", stored)
    moved = model.rename(folder / "Modell é.onnx")
    results = run("classify", INPUT=image, MODEL=moved, OUTPUT=folder / "Kärtchen 1.tif")
    report = run(
        "accuracy", INPUT=results["OUTPUT"], REFERENCE=results["OUTPUT"], OUTPUT_HTML=folder / "Bericht ü.html"
    )
    assert report["OVERALL_ACCURACY"] == 1.0
    assert "Kärtchen 1.tif" in Path(report["OUTPUT_HTML"]).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("classify", {"INPUT": None}, r"'Image' \(INPUT\) is missing; give it a value"),
        ("classify", {"PROVIDER": "abacus"}, r"'Run on' \(PROVIDER\) cannot be 'abacus'; .* auto, cuda, "),
        ("classify", {"WINDOW_SIZE": -5}, r"\(WINDOW_SIZE\) cannot be '-5'"),
        ("tile", {"TILE_SIZE": 5000}, r"\(TILE_SIZE\) cannot be '5000'"),
        ("pansharpen", {"METHOD": "magic", "INPUT": "."}, r"\(METHOD\) cannot be 'magic'"),
    ],
)
def test_values_that_processing_refuses(run, image, model, tmp_path, name, given, message):
    usual = {"pansharpen": {}, "tile": {"INPUT": image}, "classify": {"INPUT": image, "MODEL": model}}[name]
    assert_refused(run, name, tmp_path, message, {**usual, "OUTPUT": tmp_path / "out.tif", **given})
