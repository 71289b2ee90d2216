# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.accuracy.class_matching import (
    Matching,
    check_common_class,
    confusion_matrix,
    translation,
)
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


def matched(pairs, map_legend, reference_legend, matching=Matching.AUTO):
    """Return the translation, and the matrix that it makes of counts."""
    found = translation(map_legend, reference_legend, matching)
    return found, confusion_matrix(found.recoded(table(pairs)), map_legend, found.legend)


def test_classes_are_matched_by_value_and_nodata_is_left_alone():
    found, matrix = matched({(1, 1): 5, (1, 3): 2, (0, 2): 9, (2, 0): 9}, MAP, None)
    assert matrix.legend.names == {1: "water", 3: "Class 3"}
    assert matrix.counts.tolist() == [[5, 2], [0, 0]]
    assert (found.by_name, found.note) == (False, "")


def test_names_win_where_the_numbers_differ():
    found, matrix = matched({(1, 20): 5, (2, 20): 1, (2, 10): 7}, MAP, legend({10: "Trees ", 20: "WATER"}))
    assert found.by_name
    assert matrix.legend.names == {1: "water", 2: "trees"}
    assert matrix.counts.tolist() == [[5, 0], [1, 7]]
    assert found.apply(np.array([[20, 10, 0]], np.uint8)).tolist() == [[1, 2, 0]]


def test_a_class_that_only_the_reference_names_keeps_apart():
    reference = legend({10: "trees", 20: "water", 1: "snow"})
    found, matrix = matched({(1, 1): 3, (1, 20): 4, (2, 10): 5, (2, 3): 1}, MAP, reference)
    assert found.by_name
    assert matrix.legend.names == {1: "water", 2: "trees", 3: "snow", 254: "Class 254"}
    assert matrix.counts[:2].tolist() == [[4, 0, 3, 0], [0, 5, 0, 1]]


def test_other_names_for_the_same_values_are_said():
    found, matrix = matched({(1, 1): 3}, MAP, legend({1: "lakes", 2: "forest"}))
    assert not found.by_name
    assert "value 1 is called 'water' on the map and 'lakes' in the reference" in found.note
    assert matrix.legend.names == {1: "water"}


def test_the_same_numbering_is_matched_by_value():
    found, matrix = matched({(1, 1): 3, (2, 1): 1}, MAP, legend({1: "Water", 2: "Trees", 3: "built"}))
    assert (found.by_name, found.note) == (False, "")
    assert matrix.counts.tolist() == [[3, 0], [1, 0]]


def test_the_user_has_the_last_word():
    reference = legend({1: "Trees", 2: "Water", 5: "snow"})
    by_value, matrix = matched({(1, 1): 3, (2, 1): 1}, MAP, reference, Matching.VALUE)
    assert (by_value.by_name, by_value.note, matrix.counts.tolist()) == (False, "", [[3, 0], [1, 0]])
    by_name, matrix = matched(
        {(1, 1): 3, (2, 1): 1}, legend({1: "water", 2: "trees", 3: "x"}), reference, Matching.NAME
    )
    assert by_name.by_name
    assert matrix.counts.tolist() == [[0, 3], [0, 1]]
    with pytest.raises(InputError, match="share no class name"):
        translation(MAP, None, Matching.NAME)


def test_more_classes_than_values_are_refused():
    named = legend({value: f"m{value}" for value in range(1, 256)})
    with pytest.raises(InputError, match="more than 255 classes"):
        matched({(1, 2): 1, (1, 1): 1}, named, legend({2: "m1"}))
    assert matched({(1, 2): 1}, named, legend({2: "m1"}))[1].counts.tolist() == [[1]]


def test_no_common_class_is_one_sentence_with_both_sides():
    _, matrix = matched({(1, 7): 3, (2, 8): 1}, MAP, None)
    with pytest.raises(
        InputError, match=r"the map shows water \(1\), trees \(2\), the reference Class 7 \(7\), Class 8"
    ):
        check_common_class(matrix)
