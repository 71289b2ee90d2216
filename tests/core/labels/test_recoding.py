# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.errors import InputError
from s2landcover_plugin.core.labels.class_table import ClassTable
from s2landcover_plugin.core.labels.recoding import ColourRecoding, ValueRecoding, palette_table

EVERYTHING = (slice(None), slice(None))


def recoded(recoding, array, valid=None, owned=EVERYTHING):
    array = np.asarray(array)[np.newaxis] if np.ndim(array) == 2 else np.asarray(array)
    valid = np.ones(array.shape, bool) if valid is None else np.asarray(valid)[np.newaxis]
    found = recoding.recode(array, valid, owned)
    assert set(np.unique(found.codes)) <= set(found.values)
    assert found.codes.dtype == np.uint8
    return found.codes.tolist()


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "int32", "uint32", "int64", "float32", "float64"])
def test_values_of_any_type_become_classes_and_the_rest_is_counted(dtype):
    recoding = ValueRecoding("labels.tif", {10: 1, 20: 2, 30: 0}, keep=False)
    array = np.array([[10, 20, 30], [99, 10, 99]], dtype)
    assert recoded(recoding, array) == [[1, 2, 0], [0, 1, 0]]
    assert recoding.unlisted == {"99": 2}


@pytest.mark.parametrize("dtype", ["uint8", "int32", "float32"])
def test_pixels_without_data_are_neither_classes_nor_counted(dtype):
    recoding = ValueRecoding("labels.tif", {10: 1}, keep=False)
    array = np.array([[10, 77], [99, 10]], dtype)
    assert recoded(recoding, array, [[True, False], [True, False]]) == [[1, 0], [0, 0]]
    assert recoding.unlisted == {"99": 1}
    assert recoded(recoding, array, np.zeros((2, 2), bool)) == [[0, 0], [0, 0]]
    assert recoding.unlisted == {"99": 1}


def test_only_what_a_window_owns_is_counted():
    recoding = ValueRecoding("labels.tif", {}, keep=False)
    recoded(recoding, np.full((4, 4), 5, np.uint8), owned=(slice(0, 2), slice(1, 4)))
    assert recoding.unlisted == {"5": 6}


def test_wide_ranges_are_recoded():
    recoding = ValueRecoding("labels.tif", {-2_000_000_000: 1, 2_000_000_000: 2}, keep=False)
    array = np.array([[-2_000_000_000, 2_000_000_000], [7, -2_000_000_000]], np.int32)
    assert recoded(recoding, array) == [[1, 2], [0, 1]]


def test_a_rare_value_in_a_large_window_is_found():
    array = np.full((100, 100), 3, np.uint8)
    array[37, 41] = 200
    recoding = ValueRecoding("labels.tif", {3: 3}, keep=False)
    assert np.count_nonzero(np.array(recoded(recoding, array)) == 0) == 1
    assert recoding.unlisted == {"200": 1}


def test_what_is_not_listed_can_be_kept_if_it_is_a_class_value():
    recoding = ValueRecoding("labels.tif", {1: 9}, keep=True)
    assert recoded(recoding, np.array([[1, 5]], np.uint16)) == [[9, 5]]
    assert recoding.unlisted == {"5": 1}
    with pytest.raises(InputError, match="holds the value 300; classes are numbers from 1 to 255"):
        recoded(recoding, np.array([[1, 300]], np.uint16))


def test_measurements_are_refused():
    with pytest.raises(InputError, match=r"holds the value 0\.25; labels are whole numbers"):
        recoded(ValueRecoding("ndvi.tif", {}, keep=False), np.array([[1.0, 0.25]], np.float32))


def rgb(*colours):
    return np.array([list(bytes.fromhex(colour)) for colour in colours], np.uint8).T[:, np.newaxis]


def test_colours_become_classes_within_a_tolerance():
    table = {"FF0000": 1, "00FF00": 2, "FA0000": 3}
    array = rgb("FF0000", "00FF00", "FC0000", "FD0000", "00FE02", "0000FF")
    exact = ColourRecoding("mask.png", table, 0)
    assert recoded(exact, array) == [[1, 2, 0, 0, 0, 0]]
    assert exact.unlisted == {"#FC0000": 1, "#FD0000": 1, "#00FE02": 1, "#0000FF": 1}
    near = ColourRecoding("mask.png", table, 3)
    assert recoded(near, array) == [[1, 2, 3, 1, 2, 0]]
    assert near.unlisted == {"#0000FF": 1}


def test_of_colours_equally_near_the_one_listed_first_counts():
    assert recoded(ColourRecoding("mask.png", {"040000": 4, "000000": 1}, 2), rgb("020000")) == [[4]]


def test_colours_need_a_table_and_a_sensible_tolerance():
    with pytest.raises(InputError, match="no class table lists any"):
        ColourRecoding("mask.png", {}, 0)
    with pytest.raises(InputError, match="expected 0 to 64"):
        ColourRecoding("mask.png", {"000000": 1}, 65)


def test_palettes_are_read_by_value_then_name_then_colour():
    table = ClassTable(values={1: 11}, names={"water": 12}, colours={"FF0000": 13})
    red = (255, 0, 0, 255)
    found = palette_table(table, {1: "Water", 2: "Water", 3: "Wood"}, {1: red, 2: red, 3: red, 4: (250, 0, 0, 255)}, 5)
    assert found == {1: 11, 2: 12, 3: 13, 4: 13}
