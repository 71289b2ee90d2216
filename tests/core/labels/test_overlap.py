# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.errors import GridError
from s2landcover_plugin.core.labels.overlap import Axis, LabelBlock, nested_axis


def block(codes, down, across):
    codes = np.asarray(codes, np.uint8)
    return LabelBlock(codes, tuple(np.unique(codes).tolist()), down, across)


def areas(found):
    return {value: (area / found.total).tolist() for value, area in found.areas(found.values)}


def test_nested_labels_are_counted_whole():
    axis = nested_axis(2, 2)
    overlap = axis.overlap(0, 2)
    assert (overlap.start, overlap.stop, overlap.nested, overlap.total) == (0, 4, 2, 2)
    found = block([[1, 1, 2, 2], [1, 3, 2, 2], [0, 0, 3, 1], [0, 0, 1, 3]], overlap, overlap)
    assert areas(found) == {
        1: [[0.75, 0.0], [0.0, 0.5]],
        2: [[0.0, 1.0], [0.0, 0.0]],
        3: [[0.25, 0.0], [0.0, 0.5]],
    }


def test_a_label_that_two_pixels_share_is_divided():
    # Three label pixels of 2/3 of an image pixel each over two image pixels: the middle one belongs half to either.
    overlap = Axis(3, 0.0, 1.5).overlap(0, 2)
    assert overlap.nested == 0
    assert overlap.parts.tolist() == [0, 1, 1, 2]
    assert (overlap.lengths / overlap.total).tolist() == pytest.approx([2 / 3, 1 / 3, 1 / 3, 2 / 3])
    whole = nested_axis(1, 1).overlap(0, 1)
    assert areas(block([[1, 2, 1]], whole, overlap))[2] == [[1 / 3, 1 / 3]]


def test_labels_begin_before_and_end_behind_those_that_exist():
    overlap = Axis(4, -1.0, 2.0).overlap(0, 3)
    assert (overlap.start, overlap.stop) == (-1, 5)
    assert overlap.owned == slice(0, 6)


@pytest.mark.parametrize("axis", [Axis(100, 3.7, 2.3), Axis(100, -5.25, 10.0), Axis(100, 0.1, 0.4), Axis(9, 0.5, 1)])
def test_windows_see_what_the_whole_sees(axis):
    whole = axis.overlap(0, 12)
    parts, lengths, centres, owned = [], [], [], []
    for first, stop in ((0, 5), (5, 6), (6, 12)):
        part = axis.overlap(first, stop)
        parts += (part.parts + part.start).tolist()
        lengths += (part.lengths / part.total).tolist()
        centres += (part.centres + part.start).tolist()
        owned += list(range(part.stop - part.start))[part.owned] and list(range(part.start, part.stop))[part.owned]
    assert parts == (whole.parts + whole.start).tolist()
    assert lengths == pytest.approx((whole.lengths / whole.total).tolist())
    assert centres == (whole.centres + whole.start).tolist()
    assert owned == list(range(whole.start, whole.stop))[whole.owned]


def test_rounding_noise_in_the_grids_leaves_nested_labels_nested():
    assert Axis(100, 1e-10, 10.0000000001).overlap(3, 5).nested == 10


def test_labels_coarser_than_the_image():
    overlap = Axis(2, 0.0, 0.4).overlap(0, 5)
    assert overlap.parts.tolist() == [0, 0, 0, 1, 1, 1]
    assert overlap.firsts.tolist() == [0, 1, 2, 4, 5]
    assert overlap.centres.tolist() == [0, 0, 1, 1, 1]


@pytest.mark.parametrize("step", [0.0, -1.0, 10_001.0])
def test_impossible_ratios_are_refused(step):
    with pytest.raises(GridError, match="label pixels along the side"):
        Axis(10, 0.0, step)
