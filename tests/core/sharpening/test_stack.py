# SPDX-License-Identifier: GPL-2.0-or-later
import numpy as np
import pytest

from s2landcover_plugin.core.errors import BandError, GridError
from s2landcover_plugin.core.products.product import open_product
from s2landcover_plugin.core.raster import Grid, Window, crs_from_authority
from s2landcover_plugin.core.sharpening.stack import StackReader, plan_stack
from tests.safe_products import SIZE, pattern, write_band, write_loose

GUIDES = ("B02", "B03", "B04", "B08")


def test_factors_follow_from_the_grids(tmp_path):
    product = open_product(write_loose(tmp_path, (*GUIDES, "B05", "B01")))
    plan = plan_stack(product, ("B01", "B04", "B05"))
    assert dict(plan.factors) == {"B01": 6, "B04": 1, "B05": 2}
    assert plan.coarse == ("B01", "B05")
    assert plan.guides == GUIDES
    assert (plan.grid.width, plan.grid.pixel_size[0]) == (SIZE, 10)


def test_bands_on_one_grid_need_no_guides(tmp_path):
    product = open_product(write_loose(tmp_path, ("B05", "B11")))
    plan = plan_stack(product, ("B05", "B11"))
    assert (plan.coarse, plan.guides, plan.grid.pixel_size[0]) == ((), (), 20)


def test_coarse_bands_come_to_ten_metres_even_when_no_fine_band_is_wanted(tmp_path):
    product = open_product(write_loose(tmp_path, (*GUIDES, "B05")))
    assert plan_stack(product, ("B05",)).grid.pixel_size[0] == 10


def test_missing_guides_are_named(tmp_path):
    product = open_product(write_loose(tmp_path, ("B02", "B04", "B05")))
    with pytest.raises(BandError, match=r"Sharpening needs B02, B03, B04, B08 at 10 m; .* has no such B03, B08"):
        plan_stack(product, ("B02", "B05"))


def test_without_a_crs_the_place_is_not_known(tmp_path):
    grid = Grid(SIZE, SIZE, (0, 10, 0, 0, 0, -10), "")
    product = open_product([str(write_band(tmp_path / "B02.tif", pattern(10), 10, grid=grid))])
    with pytest.raises(GridError, match=r"has no CRS.*Assign Projection"):
        plan_stack(product, ("B02",))


@pytest.mark.parametrize(
    ("transform", "size", "code", "message"),
    [
        ((600005.0, 20, 0, 5000000.0, 0, -20), SIZE // 2, "EPSG:32633", "does not nest in the grid of band B02"),
        ((600000.0, 20, 0, 5000000.0, 0, -20), SIZE // 2 - 1, "EPSG:32633", "does not nest"),
        ((600000.0, 15, 0, 5000000.0, 0, -15), 16, "EPSG:32633", "does not nest"),
        ((600000.0, 20, 0, 5000000.0, 0, -20), SIZE // 2, "EPSG:32634", "has the CRS EPSG:32634 and band B02"),
    ],
)
def test_grids_that_do_not_nest_are_refused(tmp_path, transform, size, code, message):
    paths = write_loose(tmp_path, GUIDES)
    grid = Grid(size, size, transform, crs_from_authority(code))
    paths.append(str(write_band(tmp_path / "B05.tif", np.full((size, size), 0.1), 20, grid=grid)))
    with pytest.raises(GridError, match=message):
        plan_stack(open_product(paths), (*GUIDES, "B05"))


def test_reading_gives_reflectance_and_validity(tmp_path):
    image = np.array([[0.0, 0.1], [0.2, 0.3]])
    product = open_product([str(write_band(tmp_path / "B04.tif", image, 10))])
    with StackReader(product, ("B04",)) as stack:
        reflectance, valid = stack.read("B04", Window(0, 0, 2, 2))
    np.testing.assert_allclose(reflectance, image, atol=1e-6)
    np.testing.assert_array_equal(valid, [[False, True], [True, True]])


def test_guides_are_valid_together(tmp_path):
    first, second = np.full((2, 3), 0.1), np.full((2, 3), 0.2)
    first[0, 0] = second[1, 2] = 0
    paths = [write_band(tmp_path / f"{band}.tif", image, 10) for band, image in (("B02", first), ("B03", second))]
    product = open_product([str(path) for path in paths])
    with StackReader(product, ("B02", "B03")) as stack:
        images, valid = stack.read_guides(("B03", "B02"), Window(0, 0, 3, 2))
    np.testing.assert_array_equal(valid, [[False, True, True], [True, True, False]])
    np.testing.assert_allclose(images[:, 0, 1], [0.2, 0.1], atol=1e-6)
