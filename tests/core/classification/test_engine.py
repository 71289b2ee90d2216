# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import helper

from s2landcover_plugin.core import scene
from s2landcover_plugin.core.classification import map_output, strips
from s2landcover_plugin.core.classification.engine import classify
from s2landcover_plugin.core.classification.request import ClassificationRequest, MapPaths
from s2landcover_plugin.core.errors import Cancelled, InputError, ModelError, OutputError, RasterError
from s2landcover_plugin.core.models.inference import SegmentationModel
from s2landcover_plugin.core.raster import Grid, crs_from_authority, open_raster
from tests.listeners import Recorder
from tests.onnx_models import LEGEND, blurring_model, brightest_band_model, contract, save_model
from tests.scenes import random_stored, write_scene


def pixels(path: str) -> np.ndarray:
    with open_raster(path) as raster:
        return raster.read()[0]


def brightest(stored: np.ndarray) -> np.ndarray:
    return np.uint8(LEGEND.values)[stored[:3].argmax(axis=0)]


def listing(folder: Path) -> list[str]:
    return sorted(str(item.relative_to(folder)) for item in folder.rglob("*"))


SIZES = [(1, 1), (1, 40), (40, 1), (7, 5), (8, 8), (9, 8), (16, 17), (61, 47)]


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize(("window", "multiple"), [(0, 1), (0, 32), (8, 4), (16, 8)])
def test_every_size_is_classified(tmp_path, run, width, height, window, multiple):
    brightest_band_model(tmp_path / "model.onnx", contract(size_multiple=multiple))
    stored = random_stored(width, height)
    write_scene(tmp_path / "scene.tif", stored)
    result = run(window_size=window, overlap=-1 if window == 0 else 4)
    np.testing.assert_array_equal(pixels(result.outputs.classes), brightest(stored))
    assert sum(result.class_pixels.values()) == width * height
    assert result.nodata_pixels == 0


@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("window", [24, 32, 40])
@pytest.mark.parametrize("overlap", [6, 9])
def test_tiles_that_overlap_by_twice_the_context_give_what_a_single_pass_gives(tmp_path, run, window, layers, overlap):
    blurring_model(tmp_path / "model.onnx", layers)
    write_scene(tmp_path / "scene.tif", random_stored(101, 83))
    whole, tiled = run(name="whole", window_size=200), run(name="tiled", window_size=window, overlap=overlap)
    assert whole.window_size == (83, 101)
    assert tiled.window_size == (window, window)
    np.testing.assert_array_equal(pixels(tiled.outputs.classes), pixels(whole.outputs.classes))
    np.testing.assert_allclose(pixels(tiled.outputs.confidence), pixels(whole.outputs.confidence).astype(int), atol=1)
    assert len(set(whole.class_pixels.values())) == 3


def test_tiles_fill_gaps_alike_but_for_what_lies_beyond_them(tmp_path, run):
    blurring_model(tmp_path / "model.onnx")
    stored = random_stored(101, 83)
    stored[:, 30:33, 20:90] = 0
    write_scene(tmp_path / "scene.tif", stored)
    whole, tiled = run(name="whole", window_size=200), run(name="tiled", window_size=32, overlap=6)
    assert np.mean(pixels(tiled.outputs.classes) == pixels(whole.outputs.classes)) > 0.999


def test_nodata_stays_and_does_not_spread(tmp_path, run):
    brightest_band_model(tmp_path / "model.onnx")
    stored = random_stored(50, 40)
    hole = np.zeros((40, 50), bool)
    hole[:, :20] = hole[10:12, 30:] = True
    stored[1, hole] = 0
    write_scene(tmp_path / "scene.tif", stored)
    result = run(window_size=16, overlap=4)
    np.testing.assert_array_equal(pixels(result.outputs.classes), np.where(hole, 0, brightest(stored)))
    np.testing.assert_array_equal(pixels(result.outputs.confidence) == 255, hole)
    assert result.nodata_pixels == hole.sum()
    counted = {value: int((brightest(stored)[~hole] == value).sum()) for value in LEGEND.values}
    assert result.class_pixels == counted


def test_windows_without_data_are_not_computed(tmp_path, run, monkeypatch):
    brightest_band_model(tmp_path / "model.onnx")
    stored = random_stored(64, 64)
    stored[:, :, 16:] = 0
    write_scene(tmp_path / "scene.tif", stored)
    windows = []
    run_graph = SegmentationModel.run
    monkeypatch.setattr(
        SegmentationModel, "run", lambda self, feed, check: windows.append(feed) or run_graph(self, feed, check)
    )
    run(window_size=16, overlap=0)
    assert len(windows) == 4


def test_nan_is_nodata(tmp_path, run):
    blurring_model(tmp_path / "model.onnx")
    stored = (random_stored(30, 20) / 10000).astype(np.float32)
    stored[2, 5, 6] = np.nan
    write_scene(tmp_path / "scene.tif", stored, nodata=None, scale=1.0)
    result = run(window_size=16, overlap=8)
    assert np.argwhere(pixels(result.outputs.classes) == 0).tolist() == [[5, 6]]


def test_confidence_is_the_probability_of_the_class_shown(tmp_path, run):
    brightest_band_model(tmp_path / "model.onnx", sharpness=1.0)
    write_scene(tmp_path / "scene.tif", np.uint16([[[7000]], [[1000]], [[1000]]]))
    result = run()
    expected = np.exp(0.7) / (np.exp(0.7) + 2 * np.exp(0.1))
    assert pixels(result.outputs.confidence).tolist() == [[round(100 * expected)]]


def test_the_result_says_what_was_done(tmp_path, run):
    brightest_band_model(tmp_path / "model.onnx", contract(context=1))
    write_scene(tmp_path / "scene.tif", random_stored(100, 30))
    listener = Recorder()
    result = run(listener, window_size=40, overlap=10)
    assert (result.model, result.provider) == ("tiny 1.0", "cpu")
    assert (result.window_size, result.overlap) == ((30, 40), (0, 10))
    assert result.seconds > 0
    assert "1 x 3 windows of 30 x 40 pixels" in listener.infos[-1]
    assert listener.fractions == sorted(listener.fractions)
    assert listener.fractions[-1] == 1
    with open_raster(result.outputs.classes) as raster:
        assert raster.tags["S2LC_MODEL"] == "tiny"
        assert raster.tags["S2LC_PROVIDER"] == "cpu"
    assert listing(tmp_path / "out") == ["map-confidence.tif", "map.qml", "map.tif", "map.tif.aux.xml"]


def test_a_model_of_one_fixed_size_runs_on_any_raster(tmp_path, run):
    sizes = (1, None, 16, 24)
    node = helper.make_node("Softmax", ["image"], ["classes"], axis=1)
    save_model(tmp_path / "model.onnx", [node], (), contract(), inputs=sizes, outputs=sizes)
    for width, height in ((5, 3), (60, 50)):
        stored = random_stored(width, height)
        write_scene(tmp_path / "scene.tif", stored)
        result = run()
        np.testing.assert_array_equal(pixels(result.outputs.classes), brightest(stored))
        assert result.window_size == (16, 24)


def test_a_rotated_grid_is_kept(tmp_path, run):
    brightest_band_model(tmp_path / "model.onnx")
    stored = random_stored(9, 7)
    grid = Grid(9, 7, (600000.0, 8.0, 6.0, 5000000.0, 6.0, -8.0), crs_from_authority("EPSG:32633"))
    write_scene(tmp_path / "scene.tif", stored, grid=grid)
    result = run()
    np.testing.assert_array_equal(pixels(result.outputs.classes), brightest(stored))
    with open_raster(result.outputs.classes) as raster:
        assert raster.grid.matches(grid)


def test_an_earlier_map_is_replaced(tmp_path, run):
    brightest_band_model(tmp_path / "model.onnx")
    for seed in (1, 2):
        stored = random_stored(9, 7, seed=seed)
        write_scene(tmp_path / "scene.tif", stored)
        result = run()
        np.testing.assert_array_equal(pixels(result.outputs.classes), brightest(stored))


def test_paths_may_hold_spaces_and_letters_of_any_language(tmp_path):
    folder = tmp_path / "Übung 1 çà ß"
    folder.mkdir()
    stored = random_stored(9, 7)
    model = brightest_band_model(folder / "modèle 1.onnx")
    path = write_scene(folder / "scène.tif", stored)
    result = classify(ClassificationRequest(path, str(model), MapPaths(str(folder / "carte é.tif"))), Recorder())
    np.testing.assert_array_equal(pixels(result.outputs.classes), brightest(stored))


def test_what_was_read_is_forgotten_now_and_then(tmp_path, run, monkeypatch):
    brightest_band_model(tmp_path / "model.onnx")
    stored = random_stored(16, 600)
    write_scene(tmp_path / "scene.tif", stored)
    forgotten = []
    reader = type(open_raster(str(tmp_path / "scene.tif")))
    forget = reader.forget
    monkeypatch.setattr(reader, "forget", lambda self: forgotten.append(self) or forget(self))
    monkeypatch.setattr(strips, "_CACHE_BYTES", 100 * 16 * 2 * 3)
    result = run(window_size=128, overlap=0)
    np.testing.assert_array_equal(pixels(result.outputs.classes), brightest(stored))
    assert len(forgotten) == 2  # after 256 and 512 rows, where blocks end


@pytest.mark.parametrize("window", [32, 200])
def test_memory_does_not_depend_on_the_height(tmp_path, run, monkeypatch, window):
    """The rows that are read and not yet written never exceed one strip of windows for each step that waits."""
    brightest_band_model(tmp_path / "model.onnx")
    write_scene(tmp_path / "scene.tif", random_stored(8, 4000))
    monkeypatch.setattr(strips, "_AHEAD_BYTES", 4 * window * 8 * 3 * 2)
    monkeypatch.setattr(strips, "_READ_ROWS", (window,))
    rows, reads, ahead = {"read": 0, "written": 0}, [], []
    read, write = scene.Scene.read, map_output.MapWriter.write

    def counting_read(scene, part):
        rows["read"] += part.height
        reads.append(part.height)
        ahead.append(rows["read"] - rows["written"])
        return read(scene, part)

    def counting_write(maps, part, *arrays):
        write(maps, part, *arrays)
        rows["written"] += part.height

    monkeypatch.setattr(scene.Scene, "read", counting_read)
    monkeypatch.setattr(map_output.MapWriter, "write", counting_write)
    run(window_size=window, overlap=4)
    assert sum(reads) == rows["written"] == 4000  # every row once
    assert max(ahead) <= (6 + 4) * window


def test_cancelling_leaves_nothing(tmp_path, run):
    brightest_band_model(tmp_path / "model.onnx")
    write_scene(tmp_path / "scene.tif", random_stored(64, 64))
    (tmp_path / "out").mkdir()
    before = listing(tmp_path)
    listener = Recorder(cancel_after=5)
    with pytest.raises(Cancelled):
        run(listener, window_size=16, overlap=0)
    assert len(listener.fractions) <= 5
    assert listing(tmp_path) == before


def test_a_truncated_raster_leaves_nothing(tmp_path, run):
    brightest_band_model(tmp_path / "model.onnx")
    path = Path(
        write_scene(tmp_path / "scene.tif", np.random.default_rng(0).integers(1, 9999, (3, 600, 64), np.uint16))
    )
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    before = listing(tmp_path)
    with pytest.raises(RasterError, match="damaged or truncated"):
        run(window_size=64, overlap=0)
    assert [name for name in listing(tmp_path) if name != "out"] == before


def test_a_model_that_gives_nan_leaves_nothing(tmp_path, run):
    save_model(tmp_path / "model.onnx", [helper.make_node("Log", ["image"], ["classes"])], (), contract())
    write_scene(tmp_path / "scene.tif", random_stored(20, 20), offset=-1.0)
    with pytest.raises(ModelError, match="NaN"):
        run()
    assert listing(tmp_path / "out") == []


def test_a_raster_without_data_says_what_to_check(tmp_path, run):
    brightest_band_model(tmp_path / "model.onnx")
    write_scene(tmp_path / "scene.tif", np.zeros((3, 20, 20), np.uint16))
    with pytest.raises(InputError, match="no pixel that is valid in all of the bands used; check its nodata value"):
        run()
    assert listing(tmp_path / "out") == []


def test_a_failing_second_output_takes_the_first_with_it(tmp_path, run):
    brightest_band_model(tmp_path / "model.onnx")
    write_scene(tmp_path / "scene.tif", random_stored(20, 20))
    (tmp_path / "confidence.tif").mkdir()
    with pytest.raises(OutputError, match="already a folder"):
        run(outputs=MapPaths(str(tmp_path / "out" / "map.tif"), str(tmp_path / "confidence.tif")))
    assert listing(tmp_path / "out") == []


@pytest.mark.parametrize("name", ["scene.tif", "model.onnx"])
@pytest.mark.parametrize("output", ["classes", "confidence"])
def test_an_output_must_not_be_an_input(tmp_path, run, name, output):
    brightest_band_model(tmp_path / "model.onnx")
    write_scene(tmp_path / "scene.tif", random_stored(20, 20))
    before = (tmp_path / name).read_bytes()
    with pytest.raises(OutputError, match="also an input"):
        run(outputs=MapPaths(**{"classes": str(tmp_path / "map.tif"), output: str(tmp_path / name)}))
    assert (tmp_path / name).read_bytes() == before


@pytest.mark.parametrize("fields", [{"window_size": -1}, {"overlap": -2}, {"memory": 0}])
def test_a_request_out_of_range_is_refused(run, fields):
    with pytest.raises(InputError, match="no way to run a model"):
        run(**fields)


def test_an_overlap_as_large_as_the_window_is_refused(tmp_path, run):
    brightest_band_model(tmp_path / "model.onnx")
    write_scene(tmp_path / "scene.tif", random_stored(64, 64))
    with pytest.raises(InputError, match="smaller overlap"):
        run(window_size=16, overlap=16)
