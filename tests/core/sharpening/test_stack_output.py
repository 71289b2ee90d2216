# SPDX-License-Identifier: GPL-2.0-or-later
import numpy as np
import pytest

from s2landcover_plugin.core.errors import Cancelled, InputError
from s2landcover_plugin.core.legend import LandCoverClass, Legend, legend_of
from s2landcover_plugin.core.output_format import FORMATS
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.raster import open_raster
from s2landcover_plugin.core.sharpening.pansharpen import pansharpen
from s2landcover_plugin.core.sharpening.request import PansharpenRequest
from s2landcover_plugin.core.sharpening.stack_output import VALIDITY_LEGEND, validity_classes
from s2landcover_plugin.core.validity import Cover
from tests.html_page import Page
from tests.listeners import Recorder
from tests.safe_products import SIZE, pattern, write_band, write_safe

GUIDES = ("B02", "B03", "B04", "B08")


def request(inputs, folder, **options):
    paths = {"validity": str(folder / "validity.tif"), "quality": str(folder / "quality.html")}
    return PansharpenRequest(tuple(map(str, inputs)), str(folder / "stack.tif"), **{**paths, **options})


def test_classes_say_what_is_there():
    stored = np.array([[[0, 5, 5, 5, 0]], [[0, 5, 0, 5, 0]]], np.uint16)
    hidden = np.array([[False, False, False, True, True]])
    np.testing.assert_array_equal(validity_classes(stored, hidden), [[0, 1, 2, 3, 0]])
    np.testing.assert_array_equal(validity_classes(stored), [[0, 1, 2, 1, 0]])


@pytest.mark.parametrize("file_format", FORMATS)
def test_the_mask_tells_valid_incomplete_masked_and_empty_pixels(tmp_path, file_format):
    classes = np.full((SIZE // 2, SIZE // 2), 4)
    classes[:, :2] = 9
    safe = write_safe(tmp_path / "in", scl=classes)
    images = safe / "GRANULE/T/IMG_DATA"
    for band, gsd, empty in (*((guide, 10, 4) for guide in GUIDES), ("B05", 20, 4)):
        image = pattern(gsd) + 0.1
        image[: empty * 10 // gsd] = 0
        write_band(images / f"R{gsd}m" / f"T33UUB_{band}_{gsd}m.tif", image, gsd)
    options = {"bands": (*GUIDES, "B05", "B11"), "mask_classes": (9,), "file_format": file_format}
    result = pansharpen(request([safe], tmp_path / "out", quality="", **options), SilentProgress())
    # B11 has data everywhere, but above them no guides: the first rows are without data in every band.
    expected = np.ones((SIZE, SIZE))
    expected[:, :4], expected[:4] = 3, 0
    with open_raster(result.validity) as raster:
        values, grid = raster.read()[0], raster.grid
        assert raster.bands[0].dtype == "uint8" and raster.bands[0].nodata == 0
        named = tuple(LandCoverClass(c.value, c.name, c.colour) for c in VALIDITY_LEGEND)
        assert legend_of(raster) == Legend(named)
    np.testing.assert_array_equal(values, expected)
    with open_raster(result.output) as raster:
        np.testing.assert_array_equal((raster.read() > 0).all(axis=0), values == 1)
        assert raster.grid == grid
    assert "Incomplete" in (tmp_path / "out" / "validity.qml").read_text()


def test_the_mask_grows_over_the_seams_of_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr("s2landcover_plugin.core.sharpening.blocks._BLOCK_PIXELS", SIZE * 8)
    monkeypatch.setattr("s2landcover_plugin.core.sharpening.blocks._TILE_ROWS", 8)
    classes = np.full((SIZE // 2, SIZE // 2), 4)
    classes[3, 6] = 9
    options = {"bands": ("B02",), "mask_classes": (9,), "mask_growth": 3, "quality": ""}
    result = pansharpen(request([write_safe(tmp_path / "in", scl=classes)], tmp_path / "out", **options), Recorder())
    rows, cols = np.indices((SIZE, SIZE))
    near = [(rows - row) ** 2 + (cols - col) ** 2 <= 3**2 for row in (6, 7) for col in (12, 13)]
    with open_raster(result.validity) as raster:
        np.testing.assert_array_equal(raster.read()[0] == 3, np.logical_or.reduce(near))
    assert result.cover.shares[Cover.CLOUD] == 1 / 144  # of the scene, not of what is masked
    with pytest.raises(InputError, match="-1"):
        request(["a"], tmp_path, mask_growth=-1)


def test_a_band_with_a_hole_makes_pixels_incomplete(tmp_path):
    paths = [write_band(tmp_path / f"{band}.tif", pattern(10), 10) for band in GUIDES]
    hole = pattern(20)
    hole[3, 5] = 0
    paths.append(write_band(tmp_path / "B05.tif", hole, 20))
    result = pansharpen(request(paths, tmp_path / "out", quality=""), SilentProgress())
    with open_raster(result.validity) as raster:
        assert list(zip(*np.nonzero(raster.read()[0] == 2))) == [(6, 10), (6, 11), (7, 10), (7, 11)]


def test_quality_comes_with_the_stack(tmp_path):
    listener = Recorder()
    result = pansharpen(request([write_safe(tmp_path / "in")], tmp_path / "out", bands=("B02", "B05", "B11")), listener)
    assert result.quality.headline("none").rmse > 0
    page = Page((tmp_path / "out" / "quality.html").read_text(encoding="utf-8"))
    assert f"{result.quality.headline('regression').rmse:.1f}" in page.text
    assert listener.infos[-1].startswith("RMSE one scale down, reflectance x 10000: regression ")
    assert listener.fractions == sorted(listener.fractions) and listener.fractions[-1] == pytest.approx(1)


@pytest.mark.parametrize("bands", [("B02", "B03"), ("B02", "B09")])
def test_a_scene_that_cannot_be_measured_is_sharpened_all_the_same(tmp_path, bands):
    listener = Recorder()
    result = pansharpen(request([write_safe(tmp_path / "in")], tmp_path / "out", bands=bands), listener)
    assert result.quality.resolutions == () and result.quality.notes[0] in listener.warnings
    assert "nothing was measured" in (tmp_path / "out" / "quality.html").read_text(encoding="utf-8")


def test_cancelling_leaves_none_of_the_outputs(tmp_path):
    asked = request([write_safe(tmp_path / "in")], tmp_path / "out", bands=("B02", "B05"))
    listener = Recorder()
    pansharpen(asked, listener)
    for path in (tmp_path / "out").iterdir():
        path.unlink()
    with pytest.raises(Cancelled):
        pansharpen(asked, Recorder(cancel_after=listener.checks - 1))
    assert list((tmp_path / "out").iterdir()) == []
