# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import csv

import numpy as np
import pytest

from s2landcover_plugin.core.areas import class_areas, pixel_areas, write_area_table, write_attribute_table
from s2landcover_plugin.core.errors import OutputError
from s2landcover_plugin.core.raster import Grid, crs_from_authority, open_raster
from tests.onnx_models import LEGEND
from tests.scenes import utm_grid, write_scene

WGS84 = crs_from_authority("EPSG:4326")


def test_a_pixel_of_a_projected_grid_is_as_large_as_its_sides_say():
    np.testing.assert_allclose(pixel_areas(utm_grid(5, 3)), [100.0] * 3)


def test_feet_are_converted():
    grid = Grid(2, 2, (0.0, 100.0, 0.0, 0.0, 0.0, -100.0), crs_from_authority("EPSG:2225"))
    np.testing.assert_allclose(pixel_areas(grid), [(100 * 1200 / 3937) ** 2] * 2)


def test_a_rotated_projected_grid_has_the_area_of_its_parallelograms():
    grid = Grid(2, 2, (0.0, 6.0, 8.0, 0.0, 8.0, -6.0), utm_grid(1, 1).crs)
    np.testing.assert_allclose(pixel_areas(grid), [100.0] * 2)


@pytest.mark.parametrize(
    ("code", "degrees", "expected"),
    [
        # The whole ellipsoid: 510 065 621.724 km2 (WGS 84, NIMA TR8350.2).
        ("EPSG:4326", 1.0, 510_065_621.724e6),
        ("EPSG:4326", 90.0, 510_065_621.724e6),
        # A sphere of 6 370 997 m.
        ("EPSG:4052", 1.0, 4 * np.pi * 6_370_997.0**2),
    ],
)
def test_the_pixels_of_the_whole_earth_have_its_surface(code, degrees, expected):
    width, height = int(360 / degrees), int(180 / degrees)
    grid = Grid(width, height, (-180.0, degrees, 0.0, 90.0, 0.0, -degrees), crs_from_authority(code))
    areas = pixel_areas(grid)
    assert areas.shape == (height,)
    assert areas.sum() * width == pytest.approx(expected, rel=1e-9)
    np.testing.assert_allclose(areas, areas[::-1], rtol=1e-9)


def test_a_small_pixel_has_the_area_of_its_arcs():
    """At latitude 47: lengths of a degree from the radii of curvature of WGS 84."""
    grid = Grid(1, 1, (12.0, 1e-4, 0.0, 47.00005, 0.0, -1e-4), WGS84)
    squared, sine = 0.00669437999014, np.sin(np.radians(47))
    prime = 6378137.0 / np.sqrt(1 - squared * sine**2)
    meridian = 6378137.0 * (1 - squared) / (1 - squared * sine**2) ** 1.5
    assert pixel_areas(grid)[0] == pytest.approx(
        meridian * prime * np.cos(np.radians(47)) * np.radians(1e-4) ** 2, rel=1e-6
    )


def test_grads_are_angles_too():
    paris = crs_from_authority("EPSG:4807")
    grid = Grid(400, 200, (-200.0, 1.0, 0.0, 100.0, 0.0, -1.0), paris)
    assert pixel_areas(grid).sum() * 400 == pytest.approx(5.1e14, rel=1e-3)


def test_turning_a_grid_of_degrees_a_little_hardly_changes_its_areas():
    straight = Grid(20, 20, (12.0, 1e-4, 0.0, 47.0, 0.0, -1e-4), WGS84)
    sine, cosine = np.sin(0.1) * 1e-4, np.cos(0.1) * 1e-4
    turned = Grid(20, 20, (12.0, cosine, sine, 47.0, sine, -cosine), WGS84)
    np.testing.assert_allclose(pixel_areas(turned), pixel_areas(straight), rtol=1e-4)


def test_classes_are_measured_with_their_names(tmp_path):
    values = np.uint8([[1, 1, 2], [0, 9, 2]])
    fields = {"scale": 1.0, "categories": LEGEND.names, "colours": LEGEND.colours}
    areas = class_areas(write_scene(tmp_path / "map.tif", values[np.newaxis], ("",), **fields))
    rows = [(area.item.value, area.item.name, area.pixels, area.hectares, area.share) for area in areas.classes]
    assert rows == [
        (1, "water", 2, pytest.approx(0.02), pytest.approx(0.4)),
        (2, "trees", 2, pytest.approx(0.02), pytest.approx(0.4)),
        (7, "built", 0, 0.0, 0.0),
        (9, "Class 9", 1, pytest.approx(0.01), pytest.approx(0.2)),
    ]
    assert (areas.pixels, areas.nodata_pixels) == (5, 1)
    assert areas.lines() == ["water: 40.0%, 0.02 ha", "trees: 40.0%, 0.02 ha", "Class 9: 20.0%, 0.01 ha"]


def test_rows_towards_the_pole_count_less(tmp_path):
    values = np.repeat(np.uint8([[1], [2]]), 300, axis=0)[:, :1]
    grid = Grid(1, 600, (12.0, 0.1, 0.0, 60.0, 0.0, -0.1), WGS84)
    path = write_scene(tmp_path / "map.tif", values[np.newaxis], ("",), grid=grid, scale=1.0)
    north, south = class_areas(path).classes
    assert north.pixels == south.pixels == 300
    expected = pixel_areas(grid)
    assert north.hectares == pytest.approx(expected[:300].sum() / 1e4)
    assert south.hectares == pytest.approx(expected[300:].sum() / 1e4)
    assert north.hectares < 0.8 * south.hectares


def test_a_map_without_any_class_has_no_area(tmp_path):
    areas = class_areas(write_scene(tmp_path / "map.tif", np.zeros((1, 2, 2), np.uint8), ("",), scale=1.0), LEGEND)
    assert (areas.pixels, areas.nodata_pixels, areas.lines()) == (0, 4, [])


def test_the_table_says_the_same(tmp_path):
    values = np.uint8([[[1, 2, 2]]])
    areas = class_areas(write_scene(tmp_path / "map.tif", values, ("",), scale=1.0), LEGEND)
    write_area_table(areas, str(tmp_path / "areas.csv"))
    with (tmp_path / "areas.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[1] == {"value": "2", "name": "trees", "pixels": "2", "area_ha": "0.0200", "share": "0.666667"}
    assert [row["value"] for row in rows] == ["1", "2", "7"]
    (tmp_path / "file").write_text("a file, not a folder")
    with pytest.raises(OutputError):
        write_area_table(areas, str(tmp_path / "file" / "areas.csv"))


def test_the_attribute_table_goes_beside_the_class_names(tmp_path):
    fields = {"scale": 1.0, "categories": LEGEND.names, "colours": LEGEND.colours}
    path = write_scene(tmp_path / "map.tif", np.uint8([[[1, 2, 2]]]), ("",), **fields)
    for _ in range(2):
        write_attribute_table(class_areas(path), path)
    with open_raster(path) as raster:
        assert dict(raster.categories) == LEGEND.names
    gdal = pytest.importorskip("osgeo.gdal", reason="only GDAL's own bindings read attribute tables")
    dataset = gdal.Open(path)
    table = dataset.GetRasterBand(1).GetDefaultRAT()
    usages = [table.GetUsageOfCol(col) for col in range(table.GetColumnCount())]
    assert usages == [
        gdal.GFU_MinMax,
        gdal.GFU_Name,
        gdal.GFU_Red,
        gdal.GFU_Green,
        gdal.GFU_Blue,
        gdal.GFU_PixelCount,
        0,
    ]
    rows = [[table.GetValueAsString(row, col) for col in range(6)] for row in range(table.GetRowCount())]
    trees = next(item for item in LEGEND if item.value == 2)
    assert rows[1] == ["2", "trees", *map(str, trees.rgba[:3]), "2"]
    assert [table.GetValueAsDouble(row, 6) for row in range(3)] == [0.01, 0.02, 0.0]
    assert table.GetTypeOfCol(6) == gdal.GFT_Real
