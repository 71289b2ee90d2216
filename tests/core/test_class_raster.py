# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.class_raster import class_legend, class_values, legend_for, open_class_raster
from s2landcover_plugin.core.errors import GridError, InputError
from s2landcover_plugin.core.legend import LandCoverClass, Legend
from s2landcover_plugin.core.raster import Grid, RasterSpec, create_raster, crs_from_authority

GRID = Grid(2, 2, (0.0, 10.0, 0.0, 0.0, 0.0, -10.0), crs_from_authority("EPSG:32633"))


def write(path, bands=1, grid=GRID, **fields) -> str:
    names = tuple(f"b{i}" for i in range(bands))
    with create_raster(str(path), RasterSpec(grid, "uint8", names, **fields)) as writer:
        writer.write(np.ones((bands, 2, 2), dtype=np.uint8))
    return str(path)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint32", "float32", "float64"])
def test_values_of_any_type_become_bytes(dtype):
    array = np.array([[1, 255], [0, 77]], dtype=dtype)
    valid = np.array([[True, True], [True, False]])
    values = class_values(array, valid, "map.tif")
    assert values.dtype == np.uint8
    assert values.tolist() == [[1, 255], [0, 0]]


@pytest.mark.parametrize(
    ("number", "dtype", "message"),
    [
        (256, "int16", "value 256"),
        (-1, "int16", "value -1"),
        (2.5, "float32", "value 2.5"),
        (1e9, "float64", "1e[+]09"),
    ],
)
def test_values_that_are_no_classes_are_refused(number, dtype, message):
    array = np.array([[1, number]], dtype=dtype)
    with pytest.raises(InputError, match=message):
        class_values(array, np.ones(array.shape, dtype=bool), "map.tif")
    assert class_values(array, np.array([[True, False]]), "map.tif").tolist() == [[1, 0]]


def test_nan_may_stand_where_nothing_is_valid():
    array = np.array([[3, np.nan]], dtype=np.float32)
    assert class_values(array, np.array([[True, False]]), "map.tif").tolist() == [[3, 0]]


def test_several_bands_are_no_class_raster(tmp_path):
    with pytest.raises(InputError, match="has 3 bands"):
        open_class_raster(write(tmp_path / "rgb.tif", 3))


def test_a_raster_without_crs_is_refused(tmp_path):
    with pytest.raises(GridError, match="Assign Projection"):
        open_class_raster(write(tmp_path / "a.tif", grid=Grid(2, 2, GRID.transform)))


def test_a_legend_that_names_two_classes_alike_counts_as_none(tmp_path):
    with open_class_raster(write(tmp_path / "a.tif", categories={1: "forest", 2: "forest"})) as raster:
        assert class_legend(raster) is None


def test_names_come_from_the_first_legend_that_knows_the_value():
    first = Legend((LandCoverClass(1, "water", "0000FF"),))
    second = Legend((LandCoverClass(1, "sea", "0000AA"), LandCoverClass(5, "water", "00FF00", "lakes")))
    legend = legend_for([5, 1, 9], first, None, second)
    assert legend.names == {1: "water", 5: "water (5)", 9: "Class 9"}
    assert [item.colour for item in legend][:2] == ["0000FF", "00FF00"]
    assert legend.classes[1].description == "lakes"
