# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.errors import InputError
from s2landcover_plugin.core.labels.overlap import LabelBlock, nested_axis
from s2landcover_plugin.core.labels.voting import Ballot, Method, parse_weights, resolve_weights
from s2landcover_plugin.core.legend import LandCoverClass, Legend


def winner(codes, ballot):
    """Return the class of one image pixel with these labels."""
    codes = np.asarray(codes, np.uint8)
    axis = nested_axis(1, len(codes)).overlap(0, 1)
    return ballot.winners(LabelBlock(codes, tuple(np.unique(codes).tolist()), axis, axis)).tolist()[0][0]


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([[1, 2], [2, 2]], 2),
        ([[5, 5], [3, 3]], 3),  # level: the lower value
        ([[0, 0], [7, 7]], 7),
        ([[0, 0], [0, 7]], 0),  # labels on a quarter
        ([[4, 4], [4, 4]], 4),
    ],
)
def test_the_class_that_covers_most_wins(codes, expected):
    assert winner(codes, Ballot()) == expected


def test_how_much_needs_labels_can_be_chosen():
    thin = [[0, 0], [0, 7]]
    assert [winner(thin, Ballot(least=least)) for least in (0, 25, 26, 100)] == [7, 7, 0, 0]


def test_weights_let_thin_classes_survive():
    road = [[1, 1, 1], [9, 9, 9], [1, 1, 1]]
    assert winner(road, Ballot(Method.WEIGHTED, {9: 1.5})) == 1
    assert winner(road, Ballot(Method.WEIGHTED, {9: 2.5})) == 9
    assert winner(road, Ballot(Method.WEIGHTED, {9: 2.0})) == 9  # level: the larger weight
    assert winner(road, Ballot(Method.WEIGHTED, {1: 0.5})) == 9  # level again
    assert winner(road, Ballot(Method.MODE, {9: 2.5})) == 1


def test_nearest_takes_the_centre():
    assert winner([[1, 1, 1], [1, 9, 1], [1, 1, 1]], Ballot(Method.NEAREST)) == 9


def test_weights_are_read_and_found_by_name_or_value():
    weights = parse_weights("Road: 3, 7=0.5; a: b: 2,")
    assert weights == {"Road": 3.0, "7": 0.5, "a: b": 2.0}
    legend = Legend((LandCoverClass(4, "road", "FF0000"), LandCoverClass(5, "A: b", "00FF00")))
    assert resolve_weights(weights, [None, legend]) == {4: 3.0, 7: 0.5, 5: 2.0}
    assert parse_weights("  ") == {}


@pytest.mark.parametrize("text", ["Road", "Road: x", ": 3", "Road: 0", "Road: 1001", "Road: nan"])
def test_weights_that_make_no_sense_are_refused(text):
    with pytest.raises(InputError, match=r"weight '.*' is not understood"):
        parse_weights(text)


def test_a_weight_for_no_class_is_refused():
    with pytest.raises(InputError, match=r"no class 'Rode' to weight; the classes have Road\."):
        resolve_weights({"Rode": 2.0}, [Legend((LandCoverClass(4, "Road", "FF0000"),))])


def test_weighted_needs_weights_and_shares_are_per_cent():
    with pytest.raises(InputError, match="needs weights"):
        Ballot(Method.WEIGHTED)
    with pytest.raises(InputError, match="expected 0 to 100"):
        Ballot(least=101)


def counted(cell, weights, least):
    """Return the class of one image pixel by counting its labels one by one."""
    labels = [value for value in cell.ravel().tolist() if value]
    if len(labels) * 100 < least * cell.size:
        return 0
    weight = {value: weights.get(value, 1.0) for value in set(labels)}
    ranked = sorted(weight, key=lambda value: (-labels.count(value) * weight[value], -weight[value], value))
    return ranked[0] if ranked else 0


@pytest.mark.parametrize("share", [0.0, 0.2, 0.6, 1.0])  # of the pixels that have several labels
@pytest.mark.parametrize("least", [0, 50, 100])
def test_pixels_with_one_label_and_with_several_get_what_counting_says(share, least):
    rng = np.random.default_rng(1)
    rows, cols, down, across = 12, 10, 3, 4
    cells = np.broadcast_to(rng.integers(0, 4, (rows, cols, 1, 1), dtype=np.uint8), (rows, cols, down, across)).copy()
    several = rng.random((rows, cols)) < share
    cells[several] = rng.integers(0, 4, (int(several.sum()), down, across))
    codes = cells.transpose(0, 2, 1, 3).reshape(rows * down, cols * across)
    axes = nested_axis(rows, down).overlap(0, rows), nested_axis(cols, across).overlap(0, cols)
    block = LabelBlock(codes, tuple(np.unique(codes).tolist()), *axes)
    for ballot in (Ballot(least=least), Ballot(Method.WEIGHTED, {2: 2.5, 3: 0.5}, least)):
        expected = [[counted(cells[row, col], ballot.weights, least) for col in range(cols)] for row in range(rows)]
        np.testing.assert_array_equal(ballot.winners(block), expected)
