# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.errors import InputError
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.raster import Window, open_raster
from s2landcover_plugin.core.validity import (
    Cover,
    CoverMask,
    MaskKind,
    ValidityOptions,
    cover_shares,
    covers_of,
    dilated,
    grown,
    has_values,
    kind_of,
    left_out,
    usable,
)
from tests.scenes import utm_grid, write_scene

EVERYWHERE = np.ones((1, 5), bool)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32"])
def test_numbers_are_found_in_arrays_of_any_type(dtype):
    array = np.array([[0, 3, 8, 9, 255 if dtype == "uint8" else -4]], dtype)
    np.testing.assert_array_equal(has_values(array, (3, 9, 300)), [[False, True, False, True, False]])


def test_a_mask_leaves_out_what_is_named_or_all_but_zero_and_nothing_where_it_has_no_data():
    array, known = np.array([[0, 1, 2, 2]], np.int16), np.array([[True, True, True, False]])
    np.testing.assert_array_equal(left_out(array, known, (2,)), [[False, False, True, False]])
    np.testing.assert_array_equal(left_out(array, known, ()), [[False, True, True, False]])
    np.testing.assert_array_equal(left_out(array, known, (0,)), [[True, False, False, False]])


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        (MaskKind.SCL, [3, 8, 10, 11, 4], {"cloud": [1, 2], "shadow": [0], "snow": [3]}),
        (MaskKind.QA60, [0, 1024, 2048, 3072, 512], {"cloud": [1, 2, 3]}),
        (MaskKind.PROBABILITY, [0, 39, 40, 100, 41], {"cloud": [2, 3, 4]}),
    ],
)
def test_every_kind_of_mask_tells_its_covers(kind, values, expected):
    found = covers_of(np.array([values], np.uint16), EVERYWHERE, kind, 40)
    assert {cover.value: np.flatnonzero(where).tolist() for cover, where in found.items()} == expected
    assert not any(where.any() for where in covers_of(np.array([values]), ~EVERYWHERE, kind, 40).values())


@pytest.mark.parametrize("radius", [0, 1, 2, 5, 30])
def test_growing_is_that_of_a_disc(radius):
    mask = np.random.default_rng(radius).random((23, 31)) < 0.02
    places = np.argwhere(mask)
    rows, cols = np.indices(mask.shape)
    near = [(rows - row) ** 2 + (cols - col) ** 2 <= radius**2 for row, col in places]
    np.testing.assert_array_equal(dilated(mask, radius), np.logical_or.reduce(near))


@pytest.mark.parametrize("radius", [0, 1, 4])
def test_what_is_marked_around_a_window_grows_into_it(radius):
    mask = np.random.default_rng(radius).random((20, 30)) < 0.05
    whole = dilated(mask, radius)
    for window in (Window(0, 0, 7, 5), Window(9, 6, 8, 7), Window(23, 13, 7, 7)):
        found = grown(lambda part: mask[part.rows, part.cols], utm_grid(30, 20), window, radius)
        np.testing.assert_array_equal(found, whole[window.rows, window.cols])


def test_what_shows_the_ground():
    stored = np.full((2, 1, 7), 100, np.uint16)
    stored[1, 0, 6] = 65535 - 1000
    valid = np.array([[False, True, True, True, True, True, True]])
    found = {Cover.CLOUD: np.array([[False, False, False, True, False, False, False]])}
    options = ValidityOptions((Cover.CLOUD, Cover.SNOW), dilation=1, edge=1, drop_saturated=True)
    np.testing.assert_array_equal(usable(stored, valid, found, options), [[0, 0, 0, 0, 0, 1, 0]])
    np.testing.assert_array_equal(usable(stored, valid, found, ValidityOptions()), valid)
    assert (options.reach, ValidityOptions(dilation=9).reach) == (1, 0)
    with pytest.raises(InputError, match="-1"):
        ValidityOptions(edge=-1)


def test_a_coarser_mask_comes_onto_the_grid_and_its_shares_are_counted(tmp_path):
    classes = np.array([[[4, 9, 9], [3, 11, 0]]], np.uint8)
    path = write_scene(tmp_path / "SCL.tif", classes, ("SCL",), scale=1.0, grid=utm_grid(3, 2, 20.0))
    with open_raster(path) as raster:
        mask = CoverMask(raster, utm_grid(6, 4), *kind_of(raster))
        cloud = mask.covers(Window(1, 0, 3, 2))[Cover.CLOUD]
        shares = cover_shares(mask, SilentProgress())
    np.testing.assert_array_equal(cloud, [[False, True, True]] * 2)
    assert shares == {Cover.CLOUD: 2 / 5, Cover.SHADOW: 1 / 5, Cover.SNOW: 1 / 5}


@pytest.mark.parametrize(
    ("file", "bands", "expected"),
    [
        ("T33UUB_20200101_SCL_20m", ("",), (1, MaskKind.SCL)),
        ("a", ("B02", "B03", "QA60"), (3, MaskKind.QA60)),
        ("MSK_CLDPRB_20m", ("",), (1, MaskKind.PROBABILITY)),
        ("mask", ("cloud_probability",), (1, MaskKind.PROBABILITY)),
        ("scl_and_more", ("B02", "B03"), None),
        ("muscle", ("",), None),
    ],
)
def test_kinds_are_told_by_name(tmp_path, file, bands, expected):
    path = write_scene(tmp_path / f"{file}.tif", np.ones((len(bands), 2, 2), np.uint16), bands)
    with open_raster(path) as raster:
        assert kind_of(raster) == expected
