# SPDX-License-Identifier: GPL-2.0-or-later
"""One suite for both raster backends: it runs in an environment with osgeo and in one with rasterio."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from s2landcover_plugin.core.errors import GridError, InputError, OutputError, RasterError
from s2landcover_plugin.core.raster import (
    Grid,
    RasterSpec,
    Resampling,
    Window,
    backend_name,
    convert_raster,
    create_raster,
    crs_from_authority,
    crs_name,
    is_geographic,
    open_raster,
    same_crs,
    transformed,
)
from tests.scenes import utm_grid

UTM = crs_from_authority("EPSG:32633")
GRID = Grid(50, 40, (600000.0, 10.0, 0.0, 5000000.0, 0.0, -10.0), UTM)


def write(path: Path, array: np.ndarray, grid: Grid = GRID, **fields) -> str:
    names = fields.pop("band_names", tuple(f"B{i + 2:02d}" for i in range(len(array))))
    with create_raster(str(path), RasterSpec(grid, array.dtype.name, names, **fields)) as writer:
        writer.write(array)
    return str(path)


def ramp(bands: int = 2, grid: Grid = GRID, dtype: str = "uint16") -> np.ndarray:
    return np.arange(bands * grid.height * grid.width).reshape(bands, grid.height, grid.width).astype(dtype)


def test_a_raster_comes_back_as_it_was_written(tmp_path):
    array = ramp()
    path = write(tmp_path / "ä b.tif", array, nodata=7, scale=0.0001, tags={"S2LC_LEVEL": "L2A"})
    with open_raster(path) as raster:
        np.testing.assert_array_equal(raster.read(), array)
        assert [info.name for info in raster.bands] == ["B02", "B03"]
        assert {(info.dtype, info.nodata, info.scale, info.offset) for info in raster.bands} == {
            ("uint16", 7, 0.0001, 0)
        }
        assert raster.tags["S2LC_LEVEL"] == "L2A"
        assert raster.grid.matches(GRID)
        assert crs_name(raster.grid.crs) == "EPSG:32633"


def test_a_window_and_a_choice_of_bands_are_read_in_the_order_asked(tmp_path):
    array = ramp(3)
    with open_raster(write(tmp_path / "a.tif", array)) as raster:
        got = raster.read(Window(5, 7, 11, 3), [3, 1])
    np.testing.assert_array_equal(got, array[[2, 0], 7:10, 5:16])


def test_windows_and_bands_can_be_written_apart(tmp_path):
    array = ramp(2)
    with create_raster(str(tmp_path / "a.tif"), RasterSpec(GRID, "uint16", ("a", "b"))) as writer:
        writer.write(array[:, :20], Window(0, 0, 50, 20))
        writer.write(array[1:, 20:], Window(0, 20, 50, 20), [2])
        writer.write(array[:1, 20:], Window(0, 20, 50, 20), [1])
    with open_raster(str(tmp_path / "a.tif")) as raster:
        np.testing.assert_array_equal(raster.read(), array)


def test_the_mask_follows_nodata_and_nan(tmp_path):
    array = np.ones((1, 40, 50), dtype=np.float32)
    array[0, 3, 4], array[0, 5, 6] = np.nan, -9999
    with open_raster(write(tmp_path / "a.tif", array, nodata=-9999)) as raster:
        _, valid = raster.read_masked()
    assert not valid[0, 3, 4]
    assert not valid[0, 5, 6]
    assert valid.sum() == valid.size - 2


def test_class_names_and_colours_travel_with_the_raster(tmp_path):
    colours = {1: (65, 155, 223, 255), 3: (136, 176, 83, 255)}
    categories = {1: "water & <ice>", 3: "Wälder"}
    array = np.ones((1, 40, 50), dtype=np.uint8)
    path = write(tmp_path / "a.tif", array, nodata=0, colours=colours, categories=categories)
    with open_raster(path) as raster:
        assert dict(raster.categories) == categories
        assert {value: tuple(raster.colours[value]) for value in colours} == colours


def test_nearest_onto_a_coarser_grid_takes_the_pixel_under_the_centre(tmp_path):
    array = ramp(1)
    coarse = Grid(10, 8, (600000.0, 50.0, 0.0, 5000000.0, 0.0, -50.0), UTM)
    with open_raster(write(tmp_path / "a.tif", array)) as raster:
        got, valid = raster.onto(coarse).read_masked()
    np.testing.assert_array_equal(got[0], array[0, 2::5, 2::5])
    assert valid.all()


def test_overviews_which_hold_means_do_not_stand_in_for_pixels(tmp_path):
    fine = Grid(1024, 1024, (600000.0, 10.0, 0.0, 5000000.0, 0.0, -10.0), crs_from_authority("EPSG:32633"))
    classes = np.random.default_rng(0).choice(np.array([4, 9], np.uint8), (1, 1024, 1024))
    path = write(tmp_path / "a.tif", classes, fine)
    convert_raster(path, str(tmp_path / "b.tif"), "COG", {"OVERVIEW_RESAMPLING": "AVERAGE"})
    coarse = Grid(256, 256, (600000.0, 40.0, 0.0, 5000000.0, 0.0, -40.0), fine.crs)
    with open_raster(path) as plain, open_raster(str(tmp_path / "b.tif")) as pyramid:
        for resampling in (Resampling.NEAREST, Resampling.AVERAGE):
            expected = plain.onto(coarse, resampling).read()
            np.testing.assert_array_equal(pyramid.onto(coarse, resampling).read(), expected)


def test_pixels_outside_the_source_are_masked(tmp_path):
    shifted = Grid(50, 40, (600250.0, 10.0, 0.0, 5000000.0, 0.0, -10.0), UTM)
    with open_raster(write(tmp_path / "a.tif", ramp(1) + 1)) as raster:
        got, valid = raster.onto(shifted).read_masked()
    assert valid[0, :, :25].all()
    assert not valid[0, :, 25:].any()
    np.testing.assert_array_equal(got[0, :, :25], (ramp(1) + 1)[0, :, 25:])


def test_nodata_that_is_not_declared_is_blended_with_nothing(tmp_path):
    array = np.full((2, 6, 6), 300, dtype=np.uint16)
    array[0, :, :3] = 0
    path = write(tmp_path / "a.tif", array, Grid(6, 6, GRID.transform, UTM))
    shifted = Grid(5, 5, (600004.0, 10.0, 0.0, 4999996.0, 0.0, -10.0), UTM)
    with open_raster(path) as raster:
        blended = raster.onto(shifted, Resampling.BILINEAR).read()
        view = raster.onto(shifted, Resampling.BILINEAR, nodata=0)
        numbers, valid = view.read_masked()
    assert 0 < blended[0, 2, 2] < 300
    assert set(np.unique(numbers[0])) == {0, 300} and (numbers[1] == 300).all()
    np.testing.assert_array_equal(valid, numbers > 0)


def test_another_crs_is_brought_on_identically_by_both_backends(tmp_path):
    degrees = Grid(60, 60, (16.27, 0.0001, 0.0, 45.148, 0.0, -0.0001), crs_from_authority("EPSG:4326"))
    with open_raster(write(tmp_path / "a.tif", ramp(1), nodata=0)) as raster:
        got, valid = raster.onto(degrees, Resampling.NEAREST).read_masked()
    assert valid.sum() == 1439
    # One digest for both backends: what Debian's GDAL 3.6 and the newer GDAL in rasterio's wheel both give.
    assert hashlib.sha256(np.where(valid, got, 0).tobytes()).hexdigest()[:12] == "5f02952b5bd2"


def test_a_view_needs_a_crs_on_both_sides_or_on_none(tmp_path):
    bare = Grid(50, 40, GRID.transform)
    with open_raster(write(tmp_path / "a.tif", ramp(1))) as raster, pytest.raises(GridError, match="CRS"):
        raster.onto(bare)
    with open_raster(write(tmp_path / "b.tif", ramp(1), bare)) as raster:
        np.testing.assert_array_equal(raster.onto(bare).read(), ramp(1))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(RasterError, match=r"There is no file .*none\.tif"):
        open_raster(str(tmp_path / "none.tif"))


def test_what_is_no_raster_is_refused(tmp_path):
    (tmp_path / "a.tif").write_text("not a raster")
    with pytest.raises(RasterError, match="not a raster that can be opened"):
        open_raster(str(tmp_path / "a.tif"))


def test_a_truncated_file_is_reported_when_read(tmp_path):
    rng = np.random.default_rng(0)
    big = Grid(400, 400, GRID.transform, UTM)
    path = Path(write(tmp_path / "a.tif", rng.integers(0, 60000, (2, 400, 400)).astype(np.uint16), big))
    path.write_bytes(path.read_bytes()[:300000])
    with pytest.raises(RasterError, match="damaged or truncated"), open_raster(str(path)) as raster:
        raster.read()


def test_an_output_in_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(OutputError, match="could not be created"):
        create_raster(str(tmp_path / "none" / "a.tif"), RasterSpec(GRID, "uint8", ("a",)))


def test_a_window_beyond_the_raster_is_refused(tmp_path):
    with open_raster(write(tmp_path / "a.tif", ramp())) as raster, pytest.raises(GridError, match="beyond"):
        raster.read(Window(45, 0, 10, 10))


def test_a_band_that_is_not_there_is_refused(tmp_path):
    with open_raster(write(tmp_path / "a.tif", ramp())) as raster, pytest.raises(RasterError, match="band 3"):
        raster.read(bands=[3])


def test_conversion_to_jpeg2000_is_lossless_when_asked(tmp_path):
    array = ramp(1)
    options = {"QUALITY": "100", "REVERSIBLE": "YES", "YCBCR420": "NO"}
    convert_raster(write(tmp_path / "a.tif", array), str(tmp_path / "a.jp2"), "JP2OpenJPEG", options)
    with open_raster(str(tmp_path / "a.jp2")) as raster:
        np.testing.assert_array_equal(raster.read(), array)
        assert same_crs(raster.grid.crs, UTM)


def test_coordinate_reference_systems_are_compared_by_meaning():
    assert same_crs(UTM, crs_from_authority("EPSG:32633"))
    assert not same_crs(UTM, crs_from_authority("EPSG:32634"))
    assert not same_crs(UTM, "")
    assert same_crs("", "")
    assert is_geographic(crs_from_authority("EPSG:4326"))
    assert not is_geographic(UTM)
    with pytest.raises(InputError, match="EPSG:0"):
        crs_from_authority("EPSG:0")


def test_an_unknown_backend_is_refused(monkeypatch):
    monkeypatch.setenv("S2LANDCOVER_RASTER", "magic")
    with pytest.raises(InputError, match="magic"):
        backend_name()


def test_after_forgetting_the_same_is_read(tmp_path):
    array = ramp()
    with open_raster(write(tmp_path / "a.tif", array)) as raster:
        view = raster.onto(GRID.refined(2))
        for reader in (raster, view):
            before = reader.read()
            reader.forget(2)
            reader.forget()
            np.testing.assert_array_equal(reader.read(), before)


@pytest.mark.parametrize(("rows", "expected"), [(40, 48), (600, 256)])
def test_a_raster_says_how_tall_its_blocks_are(tmp_path, rows, expected):
    grid = utm_grid(20, rows)
    with open_raster(write(tmp_path / "a.tif", ramp(1, grid), grid)) as raster:
        assert raster.block_rows == expected


def test_flushing_in_between_changes_nothing(tmp_path):
    array = ramp()
    spec = RasterSpec(GRID, str(array.dtype), tuple(f"b{number}" for number in range(len(array))))
    with create_raster(str(tmp_path / "a.tif"), spec) as writer:
        for number, plane in enumerate(array, start=1):
            writer.write(plane[None], bands=[number])
            writer.flush()
    with open_raster(str(tmp_path / "a.tif")) as raster:
        np.testing.assert_array_equal(raster.read(), array)


def test_places_are_transformed_whatever_the_order_of_the_axes():
    degrees = crs_from_authority("EPSG:4326")
    places = np.array([[500000.0, 5000000.0], [600000.0, 5000000.0]])
    there = transformed(places, UTM, degrees)
    np.testing.assert_allclose(there, [[15.0, 45.153477], [16.272033, 45.146393]], atol=1e-6)
    np.testing.assert_allclose(transformed(there, degrees, UTM), places, atol=1e-3)
    assert transformed(places, UTM, UTM) is places


def test_a_place_that_has_no_equal_is_infinite():
    found = transformed(np.array([[15.0, 45.0], [15.0, 1000.0]]), crs_from_authority("EPSG:4326"), UTM)
    assert np.isfinite(found).tolist() == [[True, True], [False, False]]


def test_a_tolerance_moves_places_less_than_it_says(tmp_path):
    degrees = Grid(300, 200, (16.27, 0.00002, 0.0, 45.146, 0.0, -0.00002), crs_from_authority("EPSG:4326"))
    with open_raster(write(tmp_path / "a.tif", ramp(1))) as raster:
        exact, valid = raster.onto(degrees).read_masked()
        rough, there = raster.onto(degrees, tolerance=0.125).read_masked()
    # Pixels of 10 m are about 5 places wide, of which an eighth of one at either edge may change.
    assert valid.any()
    assert np.count_nonzero(exact != rough) <= 0.1 * exact.size
    assert np.count_nonzero(valid != there) <= 0.01 * valid.size
