# SPDX-License-Identifier: GPL-2.0-or-later
import numpy as np
import pytest

from s2landcover_plugin.core.errors import BandError, GridError
from s2landcover_plugin.core.products.product import open_product
from s2landcover_plugin.core.raster import Grid, RasterReader, Window, crs_from_authority
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
    with pytest.raises(GridError, match=f"{message}.*ALIGN"):
        plan_stack(open_product(paths), (*GUIDES, "B05"))


@pytest.mark.parametrize(
    ("transform", "size"),
    [
        ((600005.0, 20, 0, 5000000.0, 0, -20), SIZE // 2),
        ((599980.0, 20, 0, 5000020.0, 0, -20), SIZE // 2 + 2),
        ((600000.0, 15, 0, 5000000.0, 0, -15), 16),
        ((599990.0, 5, 0, 5000010.0, 0, -5), 52),
    ],
)
def test_grids_that_do_not_nest_are_aligned_when_asked(tmp_path, transform, size):
    paths = write_loose(tmp_path, GUIDES)
    grid = Grid(size, size, transform, crs_from_authority("EPSG:32633"))
    cols = grid.xy(0, 0)[0] + (np.arange(size) + 0.5) * transform[1] - 600000
    ramp = 0.2 + cols[None] * 1e-4 * np.ones((size, 1))
    paths.append(str(write_band(tmp_path / "B05.tif", np.clip(ramp, 0.01, 0.4), 20, grid=grid)))
    product = open_product(paths)
    plan = plan_stack(product, (*GUIDES, "B05"), alignment=True)
    factor = plan.factors["B05"]
    assert (plan.grid.width, plan.guides, set(plan.moved)) == (SIZE, GUIDES if factor > 1 else (), {"B05"})
    assert plan.moved["B05"].refined(factor).matches(plan.grid)
    with StackReader(product, ("B05",), plan) as stack:
        image, valid = stack.read("B05", Window(0, 0, SIZE // factor, SIZE // factor))
    expected = 0.2 + (np.arange(SIZE // factor) + 0.5) * 10 * factor * 1e-4
    assert valid[1:-1, 1:-1].all()
    np.testing.assert_allclose(image[2:-2, 2:-2], np.broadcast_to(expected, image.shape)[2:-2, 2:-2], atol=3e-4)


def test_aligned_stacks_end_with_the_last_whole_coarse_pixel(tmp_path):
    paths = write_loose(tmp_path, GUIDES)
    grid = Grid(6, 6, (600010.0, 50, 0, 4999990.0, 0, -50), crs_from_authority("EPSG:32633"))
    paths.append(str(write_band(tmp_path / "B05.tif", np.full((6, 6), 0.1), 50, grid=grid)))
    plan = plan_stack(open_product(paths), ("B02", "B05"), alignment=True)
    assert (plan.grid.width, plan.factors["B05"], plan.moved["B05"].width) == (20, 5, 4)


def test_nodata_that_is_not_declared_is_not_blended(tmp_path):
    paths = write_loose(tmp_path, GUIDES)
    image = np.full((12, 12), 0.3)
    image[:, :5] = 0
    grid = Grid(12, 12, (600005.0, 20, 0, 5000000.0, 0, -20), crs_from_authority("EPSG:32633"))
    paths.append(str(write_band(tmp_path / "B05.tif", image, 20, grid=grid)))
    product = open_product(paths)
    with StackReader(product, ("B05",), plan_stack(product, ("B05",), alignment=True)) as stack:
        numbers, valid = stack.read("B05", Window(0, 0, 12, 12))
    assert set(np.unique(numbers[valid].round(4))) == {np.float32(0.3)}
    assert valid[:, 6:].all() and not valid[:, :5].any()


def test_bands_in_another_crs_are_aligned_by_their_nature(tmp_path):
    paths = write_loose(tmp_path, GUIDES)
    degrees = Grid(40, 40, (16.265, 0.0003, 0, 45.154, 0, -0.0003), crs_from_authority("EPSG:4326"))
    paths.append(str(write_band(tmp_path / "B05.tif", np.full((40, 40), 0.3), 20, grid=degrees)))
    product = open_product(paths)
    plan = plan_stack(product, ("B05",), alignment=True)
    with StackReader(product, ("B05",), plan) as stack:
        image, valid = stack.read("B05", Window(0, 0, 12, 12))
    assert plan.factors["B05"] == 2 and valid.all()
    np.testing.assert_allclose(image, 0.3, atol=1e-4)


def test_bands_that_nest_are_not_moved(tmp_path):
    product = open_product(write_loose(tmp_path, (*GUIDES, "B05", "B01")))
    assert plan_stack(product, ("B01", "B05"), alignment=True) == plan_stack(product, ("B01", "B05"))


def test_reading_gives_reflectance_and_validity(tmp_path):
    image = np.array([[0.0, 0.1], [0.2, 0.3]])
    product = open_product([str(write_band(tmp_path / "B04.tif", image, 10))])
    with StackReader(product, ("B04",)) as stack:
        reflectance, valid = stack.read("B04", Window(0, 0, 2, 2))
    np.testing.assert_allclose(reflectance, image, atol=1e-6)
    np.testing.assert_array_equal(valid, [[False, True], [True, True]])


@pytest.mark.parametrize(
    ("bands", "extent", "origin", "size"),
    [
        (("B02",), (600001, 4999901, 600029, 4999999), (0, 0), (3, 10)),
        (("B02", "B05"), (600030, 4999901, 600060, 4999970), (2, 2), (4, 8)),
        (("B02", "B01"), (600070, 4999930, 600100, 4999999), (6, 0), (6, 12)),
        (("B02", "B01"), (600060.0001, 4999880.0001, 600119.9999, 4999939.9999), (6, 6), (6, 6)),
        (("B02", "B01"), (0, 0, 1e7, 1e7), (0, 0), (SIZE, SIZE)),
    ],
)
def test_an_extent_grows_to_the_coarsest_pixels(tmp_path, bands, extent, origin, size):
    product = open_product(write_loose(tmp_path, (*GUIDES, "B05", "B01")))
    whole = plan_stack(product, bands)
    part = whole.within(extent)
    assert ((-part.scene.col, -part.scene.row), (part.grid.width, part.grid.height)) == (origin, size)
    assert (part.scene.width, part.scene.height) == (SIZE, SIZE)
    assert part.grid.xy(0, 0) == whole.grid.xy(*origin)
    assert (part.factors, part.guides) == (whole.factors, whole.guides)


def test_windows_of_a_part_count_from_its_corner(tmp_path):
    product = open_product(write_loose(tmp_path, (*GUIDES, "B05")))
    plan = plan_stack(product, ("B02", "B05")).within((600080, 4999900, 600120, 4999960))
    with StackReader(product, ("B02", "B05"), plan) as stack:
        fine, coarse = stack.read("B02", Window(1, 0, 3, 2))[0], stack.read("B05", Window(1, 0, 1, 3))[0]
        around = stack.read("B05", Window(-1, -2, 2, 3))[0]
    np.testing.assert_allclose(fine, pattern(10)[4:6, 9:12], atol=1e-4)
    np.testing.assert_allclose(coarse, pattern(20)[2:5, 5:6], atol=1e-4)
    np.testing.assert_allclose(around, pattern(20)[:3, 3:5], atol=1e-4)


def test_reading_on_lets_go_of_every_block_when_its_last_row_is_read(tmp_path, monkeypatch):
    image = np.arange(700 * 3).reshape(700, 3) / 10000
    product = open_product([str(write_band(tmp_path / "B04.tif", image, 10))])
    plan = plan_stack(product, ("B04",)).within((600000, 4993000, 600030, 4999000))
    read, log = RasterReader.read_masked, []
    monkeypatch.setattr(
        RasterReader, "read_masked", lambda self, window, bands: log.append(window) or read(self, window, bands)
    )
    with StackReader(product, ("B04",), plan) as stack:
        monkeypatch.setattr(type(stack._readers["B04"]), "forget", lambda self, band: log.append(band))
        ends = (10, 156, 412, 590, 600)
        pieces = [stack.read_on("B04", Window(0, start, 3, end - start))[0] for start, end in zip((-20, *ends), ends)]
    np.testing.assert_allclose(np.concatenate(pieces), image[80:], atol=1e-6)
    assert [entry if isinstance(entry, int) else (entry.row, entry.row + entry.height) for entry in log] == [
        (80, 110), (110, 256), 1, (256, 512), 1, (512, 690), (690, 700)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "extent", [(0, 0, 1, 1), (600240, 4999900, 600300, 4999960), (600100, 5000000, 600200, 5000010)]
)
def test_an_extent_outside_the_scene_is_refused(tmp_path, extent):
    plan = plan_stack(open_product(write_loose(tmp_path, ("B02",))), ("B02",))
    with pytest.raises(
        GridError, match=r"lies outside the product, which reaches from 600000, 4999760 to 600240.*EPSG:32633"
    ):
        plan.within(extent)


def test_guides_are_valid_together(tmp_path):
    first, second = np.full((2, 3), 0.1), np.full((2, 3), 0.2)
    first[0, 0] = second[1, 2] = 0
    paths = [write_band(tmp_path / f"{band}.tif", image, 10) for band, image in (("B02", first), ("B03", second))]
    product = open_product([str(path) for path in paths])
    with StackReader(product, ("B02", "B03")) as stack:
        images, valid = stack.read_guides(("B03", "B02"), Window(0, 0, 3, 2))
    np.testing.assert_array_equal(valid, [[False, True, True], [True, True, False]])
    np.testing.assert_allclose(images[:, 0, 1], [0.2, 0.1], atol=1e-6)
