# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from s2landcover_plugin.core.errors import BandError, GridError
from s2landcover_plugin.core.raster import Grid, Window
from s2landcover_plugin.core.scene import open_scene
from tests.listeners import Recorder
from tests.onnx_models import contract
from tests.scenes import random_stored, utm_grid, write_scene

ALL = Window(0, 0, 6, 5)


def read(path: str, bands=("B02", "B03", "B04"), order=(), listener: Recorder | None = None, **fields):
    with open_scene(path, contract(bands=bands, **fields), order, listener or Recorder()) as scene:
        stored, valid = scene.read(ALL)
        return scene.to_reflectance(stored), valid


def test_bands_are_taken_by_name_in_the_models_order(tmp_path):
    stored = random_stored(6, 5, 4)
    path = write_scene(tmp_path / "a.tif", stored, ("B8A", "B02", "nir", "B04_10m"))
    reflectance, valid = read(path, ("B04", "B08", "B02"))
    np.testing.assert_allclose(reflectance, stored[[3, 2, 1]] * 0.0001, rtol=1e-6)
    assert reflectance.dtype == np.float32
    assert valid.all()


def test_a_missing_band_is_named(tmp_path):
    path = write_scene(tmp_path / "a.tif", random_stored(6, 5), ("B02", "B03", "B8A"))
    with pytest.raises(BandError, match=r"lacks B04, B12, .*it has B02, B03, B8A"):
        read(path, ("B02", "B04", "B12"))


def test_an_ambiguous_band_is_named(tmp_path):
    path = write_scene(tmp_path / "a.tif", random_stored(6, 5), ("B02", "B03", "B02"))
    with pytest.raises(BandError, match="more than one band named B02"):
        read(path, ("B02", "B03"))


def test_nameless_bands_in_the_right_number_are_taken_in_order_with_a_warning(tmp_path):
    stored, listener = random_stored(6, 5), Recorder()
    reflectance, _ = read(write_scene(tmp_path / "a.tif", stored, ("", "", "")), listener=listener)
    np.testing.assert_allclose(reflectance, stored * 0.0001, rtol=1e-6)
    assert "not named; they are taken in the model's order: B02, B03, B04" in listener.warnings[0]


def test_nameless_bands_in_another_number_need_an_order(tmp_path):
    stored = random_stored(6, 5, 4)
    path = write_scene(tmp_path / "a.tif", stored, ("a", "b", "c", "d"))
    with pytest.raises(BandError, match=r"4 band.s. without names, and the model needs 3"):
        read(path)
    reflectance, _ = read(path, order=("B04", "B8A", "B02", "B03"))
    np.testing.assert_allclose(reflectance, stored[[2, 3, 0]] * 0.0001, rtol=1e-6)


def test_an_order_of_another_length_is_refused(tmp_path):
    path = write_scene(tmp_path / "a.tif", random_stored(6, 5))
    with pytest.raises(BandError, match=r"names 2 bands \(B02, B03\), but .* has 3"):
        read(path, order=("B02", "B03"))


def test_the_same_reflectance_is_read_however_it_is_stored(tmp_path):
    stored = random_stored(6, 5).astype(np.int32)
    ways = [
        write_scene(tmp_path / "a.tif", stored.astype(np.uint16)),
        write_scene(tmp_path / "b.tif", (stored + 1000).astype(np.uint16), scale=0.0001, offset=-0.1),
        write_scene(tmp_path / "c.tif", (stored / 10000).astype(np.float32), scale=1.0, nodata=None),
        write_scene(tmp_path / "d.tif", stored.astype(np.int16), scale=1.0),
    ]
    for path in ways:
        np.testing.assert_allclose(read(path)[0], stored / 10000, atol=1e-6)


def test_what_is_assumed_is_said(tmp_path):
    listener = Recorder()
    read(write_scene(tmp_path / "a.tif", random_stored(6, 5), scale=1.0), listener=listener)
    assert listener.infos == ["The numbers are taken as reflectance x 10000; the raster declares no scale."]
    assert not listener.warnings
    read(write_scene(tmp_path / "b.tif", (random_stored(6, 5) // 30).astype(np.uint8), scale=1.0), listener=listener)
    assert "scale the raster first" in listener.warnings[0]


def test_a_pixel_is_valid_only_if_all_bands_used_are(tmp_path):
    stored = random_stored(6, 5, 4)
    stored[0, 1, 1] = stored[2, 2, 2] = stored[3, 3, 3] = 0
    path = write_scene(tmp_path / "a.tif", stored, ("B02", "B03", "B04", "B08"))
    _, valid = read(path)
    assert sorted(zip(*np.nonzero(~valid))) == [(1, 1), (2, 2)]


@pytest.mark.parametrize(("nodata", "padded_is_valid"), [(None, False), (65535, True)])
def test_zero_in_every_band_is_no_data_unless_the_raster_says_what_is(tmp_path, nodata, padded_is_valid):
    stored = random_stored(8, 6)
    stored[:, 0], stored[0, 1] = 0, 0
    log = Recorder()
    with open_scene(write_scene(tmp_path / "a.tif", stored, nodata=nodata), contract(), (), log) as scene:
        _, valid = scene.read(Window(0, 0, 8, 6))
    assert (valid[0] == padded_is_valid).all()
    assert valid[1:].all()
    assert any("0 in every band" in line for line in log.infos) is not padded_is_valid


def test_a_raster_without_a_crs_is_refused(tmp_path):
    path = write_scene(tmp_path / "a.tif", random_stored(6, 5), grid=Grid(6, 5, (0, 10, 0, 0, 0, -10)))
    with pytest.raises(GridError, match="Assign Projection"):
        read(path)


@pytest.mark.parametrize(("level", "warns"), [("L1C", True), ("L2A", False)])
def test_another_level_is_warned_about(tmp_path, level, warns):
    listener = Recorder()
    path = write_scene(tmp_path / "a.tif", random_stored(6, 5), tags={"S2LC_LEVEL": level})
    read(path, listener=listener, levels=("L2A",))
    assert [f"is {level}" in warning for warning in listener.warnings] == [True] * warns


@pytest.mark.parametrize(("gsd", "warns"), [(10.0, False), (20.0, True)])
def test_another_pixel_size_is_warned_about(tmp_path, gsd, warns):
    listener = Recorder()
    read(write_scene(tmp_path / "a.tif", random_stored(6, 5), grid=utm_grid(6, 5, gsd)), listener=listener)
    assert ["trained for 10 m" in warning for warning in listener.warnings] == [True] * warns


def test_another_pixel_size_is_resampled_if_asked_for(tmp_path):
    listener, stored = Recorder(), random_stored(12, 10)
    path = write_scene(tmp_path / "a.tif", stored, grid=utm_grid(12, 10, 5.0))
    with open_scene(path, contract(), (), listener, resample=True) as scene:
        assert (scene.grid.width, scene.grid.height, scene.grid.pixel_size) == (6, 5, (10.0, 10.0))
        numbers, valid = scene.read(ALL)
        means = stored.reshape(3, 5, 2, 6, 2).mean(axis=(2, 4)) / 10000
        np.testing.assert_allclose(scene.to_reflectance(numbers), means, atol=1e-4)
    assert valid.all()
    assert not listener.warnings


def test_undeclared_padding_is_not_blended_with_the_ground(tmp_path):
    stored = random_stored(12, 10)
    stored[:, :, :5] = 0
    path = write_scene(tmp_path / "a.tif", stored, grid=utm_grid(12, 10, 5.0), nodata=None)
    with open_scene(path, contract(), (), Recorder(), resample=True) as scene:
        numbers, valid = scene.read(ALL)
    assert valid.tolist() == [[False, False, True, True, True, True]] * 5
    np.testing.assert_allclose(numbers[:, :, 2], stored[:, :, 5].reshape(3, 5, 2).mean(axis=2), atol=0.51)


def test_models_for_byte_images_get_the_first_bands_as_they_are(tmp_path):
    listener = Recorder()
    stored = np.random.default_rng(0).integers(1, 256, (4, 5, 6)).astype(np.uint8)
    path = write_scene(tmp_path / "a.tif", stored, ("Red", "Green", "Blue", "Alpha"), scale=1.0, nodata=None)
    numbers, _ = read(path, ("1", "2", "3"), listener=listener, values="stored")
    np.testing.assert_array_equal(numbers, stored[:3])
    assert not listener.warnings
    with pytest.raises(BandError, match=r"has 4 band.s., and the model takes the first 5"):
        read(path, ("1", "2", "3", "4", "5"), values="stored")
    with pytest.raises(BandError, match="leave the order empty"):
        read(path, ("1", "2"), ("B02", "B03", "B04", "B08"), values="stored")


def test_larger_numbers_than_bytes_are_warned_about(tmp_path):
    listener = Recorder()
    read(write_scene(tmp_path / "a.tif", random_stored(6, 5)), ("1", "2"), listener=listener, values="stored")
    assert "as a rule bytes from 0 to 255" in listener.warnings[0]


def test_a_scene_without_valid_pixels_still_opens(tmp_path):
    path = write_scene(tmp_path / "a.tif", np.zeros((3, 5, 6), np.uint16), scale=1.0)
    assert not read(path)[1].any()


def test_the_file_is_closed_after_an_error(tmp_path):
    path = Path(write_scene(tmp_path / "a.tif", random_stored(6, 5)))
    with pytest.raises(BandError):
        read(str(path), ("B12",))
    path.unlink()
