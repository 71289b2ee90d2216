# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.accuracy.class_matching import match_classes
from s2landcover_plugin.core.errors import InputError
from s2landcover_plugin.core.legend import LandCoverClass, Legend


def legend(names: dict[int, str]) -> Legend:
    return Legend(tuple(LandCoverClass(value, name, "336699") for value, name in names.items()))


def table(pairs: dict[tuple[int, int], int]) -> np.ndarray:
    counts = np.zeros((256, 256), dtype=np.int64)
    for pair, pixels in pairs.items():
        counts[pair] = pixels
    return counts


MAP = legend({1: "water", 2: "trees"})


def test_classes_are_matched_by_value_and_nodata_is_left_alone():
    found = match_classes(table({(1, 1): 5, (1, 3): 2, (0, 2): 9, (2, 0): 9}), MAP, None)
    assert found.matrix.legend.names == {1: "water", 3: "Class 3"}
    assert found.matrix.counts.tolist() == [[5, 2], [0, 0]]
    assert (found.by_name, found.note) == (False, "")


def test_names_win_where_the_numbers_differ():
    found = match_classes(table({(1, 20): 5, (2, 20): 1, (2, 10): 7}), MAP, legend({10: "Trees ", 20: "WATER"}))
    assert found.by_name
    assert found.matrix.legend.names == {1: "water", 2: "trees"}
    assert found.matrix.counts.tolist() == [[5, 0], [1, 7]]


def test_a_class_that_only_the_reference_names_keeps_apart():
    reference = legend({10: "trees", 20: "water", 1: "snow"})
    found = match_classes(table({(1, 1): 3, (1, 20): 4, (2, 10): 5}), MAP, reference)
    assert found.by_name
    assert found.matrix.legend.names == {1: "water", 2: "trees", 3: "snow"}
    assert found.matrix.counts.tolist() == [[4, 0, 3], [0, 5, 0], [0, 0, 0]]


def test_other_names_for_the_same_values_are_said():
    found = match_classes(table({(1, 1): 3}), MAP, legend({1: "lakes", 2: "forest"}))
    assert not found.by_name
    assert "value 1 is called 'water' on the map and 'lakes' in the reference" in found.note
    assert found.matrix.legend.names == {1: "water"}


def test_the_same_numbering_is_matched_by_value():
    found = match_classes(table({(1, 1): 3, (2, 1): 1}), MAP, legend({1: "Water", 2: "Trees", 3: "built"}))
    assert (found.by_name, found.note) == (False, "")
    assert found.matrix.counts.tolist() == [[3, 0], [1, 0]]


def test_more_classes_than_values_are_refused():
    named = legend({value: f"m{value}" for value in range(1, 256)})
    with pytest.raises(InputError, match="more than 255 classes"):
        match_classes(table({(1, 2): 1, (1, 1): 1}), named, legend({2: "m1"}))
