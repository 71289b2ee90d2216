# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.errors import InputError
from s2landcover_plugin.core.refinement.context import Neighbourhood, majority, probability_weighted


def around(shape, row, col, size, is_round):
    """Pixels of a neighbourhood that lie on the raster."""
    reach = size // 2
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            inside = 0 <= row + down < shape[0] and 0 <= col + right < shape[1]
            if inside and (not is_round or down * down + right * right <= size * size / 4):
                yield row + down, col + right


def elect(votes, own):
    most = max(votes.values(), default=0)
    winners = [value for value, count in votes.items() if count == most]
    return winners[0] if len(winners) == 1 else own


def padded(values, radius):
    return np.pad(values, ((radius, radius), (0, 0)))


@pytest.mark.parametrize("is_round", [False, True])
@pytest.mark.parametrize("size", [3, 5, 7])
def test_the_most_frequent_class_wins_and_ties_change_nothing(size, is_round):
    rng = np.random.default_rng(size)
    values = rng.integers(0, 5, (9, 11)).astype(np.uint8)
    expected = values.copy()
    for row, col in zip(*np.nonzero(values)):
        votes = {}
        for place in around(values.shape, row, col, size, is_round):
            if values[place]:
                votes[int(values[place])] = votes.get(int(values[place]), 0) + 1
        expected[row, col] = elect(votes, values[row, col])
    got = majority(padded(values, size // 2), Neighbourhood(size, is_round))
    np.testing.assert_array_equal(got, expected)
    assert (got != values).any()


@pytest.mark.parametrize("is_round", [False, True])
def test_the_class_most_probable_around_wins(is_round):
    rng = np.random.default_rng(1)
    values = rng.choice([0, 2, 7, 9], (8, 9)).astype(np.uint8)
    classes, numbers = (2, 7, 9), rng.integers(0, 5, (3, 8, 9)).astype(np.uint16) * 2500
    numbers[:, values == 0] = 0
    expected = values.copy()
    for row, col in zip(*np.nonzero(values)):
        places = list(around(values.shape, row, col, 5, is_round))
        sums = {value: sum(int(plane[place]) for place in places) for value, plane in zip(classes, numbers)}
        expected[row, col] = elect(sums, values[row, col])
    planes = np.pad(numbers, ((0, 0), (2, 2), (0, 0)))
    got = probability_weighted(padded(values, 2), planes, classes, Neighbourhood(5, is_round))
    np.testing.assert_array_equal(got, expected)
    assert (got != values).any()


def test_sums_do_not_overflow_on_wide_rows():
    numbers = np.full((51, 70_000), 10_000, np.uint16)
    sums = Neighbourhood(51).sums(numbers)
    assert sums[0, 35_000] == 51 * 51 * 10_000
    assert sums[0, 0] == 51 * 26 * 10_000


def test_a_round_neighbourhood_lacks_the_corners():
    one = np.zeros((5, 5), np.bool_)
    one[2, 2] = True
    counts = np.stack(
        [Neighbourhood(5, True).sums(np.roll(np.pad(one, ((2, 2), (0, 0))), s, 0))[2] for s in range(-2, 3)]
    )
    assert counts.tolist() == [[0, 1, 1, 1, 0], [1] * 5, [1] * 5, [1] * 5, [0, 1, 1, 1, 0]]


@pytest.mark.parametrize("size", [0, 1, 4, 53, -3])
def test_neighbourhoods_without_a_centre_are_refused(size):
    with pytest.raises(InputError, match="odd number from 3 to 51"):
        Neighbourhood(size)
