# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.errors import GridError
from s2landcover_plugin.core.pixel_size import fits_gsd, gsd_doubt, pixel_metres, resampled
from s2landcover_plugin.core.raster import Grid, crs_from_authority, open_raster
from tests.scenes import random_stored, utm_grid, write_scene


def degrees(width: int, height: int, latitude: float) -> Grid:
    transform = (10.0, 0.0001, 0.0, latitude + height * 0.00005, 0.0, -0.0001)
    return Grid(width, height, transform, crs_from_authority("EPSG:4326"))


def test_degrees_are_measured_at_the_rasters_latitude():
    width, height = pixel_metres(degrees(100, 100, 60.0))
    assert width == pytest.approx(5.57, abs=0.01)
    assert height == pytest.approx(11.13, abs=0.01)


@pytest.mark.parametrize(("gsd", "fits"), [(10.0, True), (11.9, True), (20.0, False), (5.0, False)])
def test_pixels_of_about_the_size_do(gsd, fits):
    assert fits_gsd(utm_grid(6, 5, gsd), 10.0) is fits
    assert (gsd_doubt(utm_grid(6, 5, gsd), 10.0) == "") is fits


def test_the_doubt_names_the_resolution_to_warp_to_in_the_units_of_the_crs():
    assert gsd_doubt(utm_grid(6, 5, 20.0), 10.0).endswith("and an output resolution of 10.")
    assert gsd_doubt(degrees(10, 10, 60.0), 100.0).endswith("and an output resolution of 0.00179662.")


def test_finer_pixels_are_averaged_and_coarser_ones_interpolated(tmp_path):
    stored = random_stored(8, 6, 1)
    with open_raster(write_scene(tmp_path / "a.tif", stored, ("B02",))) as raster:
        coarser, finer = resampled(raster, 20.0), resampled(raster, 5.0)
        np.testing.assert_allclose(coarser.read()[0], stored.reshape(3, 2, 4, 2).mean(axis=(1, 3)), atol=0.51)
        assert finer.grid.width == 16
        assert finer.read()[0].mean() == pytest.approx(stored.mean(), rel=0.02)
        assert finer.bands[0].name == "B02"
        assert resampled(raster, 10.0) is raster


def test_ground_of_a_part_of_a_pixel_is_kept(tmp_path):
    with open_raster(write_scene(tmp_path / "a.tif", random_stored(7, 5, 1), ("B02",))) as raster:
        assert (resampled(raster, 20.0).grid.width, resampled(raster, 20.0).grid.height) == (4, 3)


def test_a_rotated_grid_is_refused(tmp_path):
    grid = Grid(6, 5, (600000.0, 8.0, 6.0, 5000000.0, 6.0, -8.0), utm_grid(1, 1).crs)
    with (
        open_raster(write_scene(tmp_path / "a.tif", random_stored(6, 5), grid=grid)) as raster,
        pytest.raises(GridError, match="rotated grid"),
    ):
        resampled(raster, 20.0)
