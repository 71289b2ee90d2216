# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.classification.limits import Limits, region
from s2landcover_plugin.core.errors import GridError, InputError
from s2landcover_plugin.core.raster import Window, open_raster
from tests.onnx_models import blurring_model
from tests.scenes import random_stored, utm_grid, write_scene

GRID = utm_grid(90, 70)
EXACT = 6  # an overlap of twice the model's context


@pytest.fixture
def scene(tmp_path):
    """A scene and a model that looks three pixels far."""
    blurring_model(tmp_path / "model.onnx")
    return write_scene(tmp_path / "scene.tif", random_stored(90, 70))


def pixels(path: str) -> np.ndarray:
    with open_raster(path) as raster:
        return raster.read()[0]


def bounds(window: Window) -> tuple[float, float, float, float]:
    return GRID.crop(window).bounds


def write_mask(path, values: np.ndarray, nodata: float | None = None, **fields) -> str:
    return write_scene(path, values[np.newaxis].astype(np.uint8), ("mask",), nodata=nodata, scale=1.0, **fields)


@pytest.mark.parametrize("window", [Window(20, 30, 25, 17), Window(0, 0, 90, 70), Window(89, 69, 1, 1)])
@pytest.mark.parametrize("size", [16, 200])
def test_an_extent_has_the_whole_runs_labels(scene, run, window, size):
    whole = run(name="whole", window_size=200)
    part = run(name="part", window_size=size, overlap=EXACT, limits=Limits(extent=bounds(window)))
    np.testing.assert_array_equal(pixels(part.outputs.classes), pixels(whole.outputs.classes)[window.rows, window.cols])
    np.testing.assert_allclose(
        pixels(part.outputs.confidence), pixels(whole.outputs.confidence)[window.rows, window.cols].astype(int), atol=1
    )
    assert sum(part.class_pixels.values()) + part.nodata_pixels == window.width * window.height
    with open_raster(part.outputs.classes) as raster:
        assert raster.grid.matches(GRID.crop(window))


def test_an_extent_grows_to_whole_pixels_and_stops_at_the_scene(scene, run):
    left, bottom, right, top = bounds(Window(80, 60, 5, 5))
    result = run(limits=Limits(extent=(left + 1, bottom - 900, right + 900, top - 9)))
    with open_raster(result.outputs.classes) as raster:
        assert raster.grid.matches(GRID.crop(Window(80, 60, 10, 10)))


def test_an_area_leaves_out_what_lies_beside_it(scene, run):
    whole = run(name="whole")
    triangle = [GRID.xy(10, 10), GRID.xy(60, 10), GRID.xy(10, 50)]
    result = run(window_size=16, overlap=EXACT, limits=Limits(area=([triangle],)))
    rows, cols = np.mgrid[0:40, 0:50] + 0.5
    inside = cols / 50 + rows / 40 < 1
    expected = np.where(inside, pixels(whole.outputs.classes)[10:50, 10:60], 0)
    np.testing.assert_array_equal(pixels(result.outputs.classes), expected)
    assert result.nodata_pixels == (~inside).sum()


def test_extent_and_area_together(scene, run):
    square = [GRID.xy(10, 10), GRID.xy(40, 10), GRID.xy(40, 40), GRID.xy(10, 40)]
    result = run(limits=Limits(extent=bounds(Window(30, 0, 30, 30)), area=([square],)))
    with open_raster(result.outputs.classes) as raster:
        assert raster.grid.matches(GRID.crop(Window(30, 10, 10, 20)))


@pytest.mark.parametrize(("values", "left_out"), [((), (1, 2, 3)), ((2, 3), (2, 3)), ((9,), ())])
def test_masked_values_are_left_out_and_nothing_else_changes(tmp_path, scene, run, values, left_out):
    mask = np.random.default_rng(0).integers(0, 4, (70, 90))
    path = write_mask(tmp_path / "mask.tif", mask)
    whole = run(name="whole")
    result = run(window_size=24, overlap=EXACT, limits=Limits(mask=path, mask_values=values))
    hidden = np.isin(mask, left_out)
    np.testing.assert_array_equal(pixels(result.outputs.classes), np.where(hidden, 0, pixels(whole.outputs.classes)))
    np.testing.assert_array_equal(pixels(result.outputs.confidence) == 255, hidden)


def test_what_is_left_out_grows_across_windows(tmp_path, scene, run):
    mask = np.zeros((70, 90))
    mask[23:25, 22:26] = 9
    limits = Limits(mask=write_mask(tmp_path / "mask.tif", mask), mask_values=(9,), mask_growth=3)
    result = run(window_size=24, limits=limits)
    rows, cols = np.indices(mask.shape)
    near = np.logical_or.reduce([(rows - row) ** 2 + (cols - col) ** 2 <= 9 for row, col in np.argwhere(mask)])
    np.testing.assert_array_equal(pixels(result.outputs.classes) == 0, near)


def test_a_coarser_mask_is_brought_onto_the_scene(tmp_path, scene, run):
    coarse = np.random.default_rng(0).integers(0, 2, (35, 45))
    path = write_mask(tmp_path / "mask.tif", coarse, grid=utm_grid(45, 35, 20.0))
    result = run(limits=Limits(mask=path))
    hidden = coarse.repeat(2, axis=0).repeat(2, axis=1).astype(bool)
    np.testing.assert_array_equal(pixels(result.outputs.classes) == 0, hidden)


def test_where_the_mask_has_no_data_nothing_is_left_out(tmp_path, scene, run):
    mask = np.ones((70, 90), np.uint8)
    mask[:, :30] = 255
    path = write_mask(tmp_path / "mask.tif", mask, nodata=255)
    result = run(limits=Limits(mask=path))
    assert (pixels(result.outputs.classes)[:, :30] != 0).all()
    assert (pixels(result.outputs.classes)[:, 30:] == 0).all()


def test_if_everything_is_left_out_it_says_so(tmp_path, scene, run):
    path = write_mask(tmp_path / "mask.tif", np.ones((70, 90)))
    with pytest.raises(InputError, match=r"no pixel that is valid .* inside the extent, area and mask"):
        run(limits=Limits(mask=path))


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(extent=(0, 0, 10, 10)), r"The extent \(0 to 10, 0 to 10\) lies outside the image, which reaches from"),
        (Limits(area=([[(0, 0), (9, 0), (9, 9)]],)), "No part of the area lies on the image"),
        (
            Limits(bounds(Window(0, 0, 5, 5)), ([[GRID.xy(9, 9), GRID.xy(20, 9), GRID.xy(20, 20)]],)),
            "extent and the area have nothing in common",
        ),
    ],
)
def test_limits_beside_the_scene_are_refused(scene, run, limits, message):
    with pytest.raises(GridError, match=message):
        run(limits=limits)


def test_a_mask_does_not_shrink():
    with pytest.raises(InputError, match="-1 pixels"):
        Limits(mask="m.tif", mask_growth=-1)


def test_values_without_a_mask_are_refused():
    with pytest.raises(InputError, match="no mask that has them"):
        Limits(mask_values=(3,))


def test_the_network_sees_its_context_in_step_with_the_whole_scene():
    assert region(GRID, Window(40, 30, 10, 10), context=5, multiple=8).processed == Window(32, 24, 24, 24)
    assert region(GRID, Window(0, 65, 90, 5), context=5, multiple=8).processed == Window(0, 56, 90, 14)


def test_finished_rows_are_cropped_to_what_is_written():
    part = region(GRID, Window(40, 30, 10, 10), context=5, multiple=8)
    rows = np.arange(24 * 24).reshape(1, 24, 24)
    array, window = part.crop(0, rows)
    assert window == Window(0, 0, 10, 10)
    np.testing.assert_array_equal(array, rows[:, 6:16, 8:18])
    array, window = part.crop(8, rows[:, 8:])
    assert window == Window(0, 2, 10, 8)
    assert part.crop(16, rows[:, 16:]) is None
