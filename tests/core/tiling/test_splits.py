# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest

from s2landcover_plugin.core.errors import InputError
from s2landcover_plugin.core.raster import Grid
from s2landcover_plugin.core.tiling.ground import Footprint
from s2landcover_plugin.core.tiling.plan import plan_tiles
from s2landcover_plugin.core.tiling.request import EdgeMode, SplitMethod, SplitOptions, SplitShares
from s2landcover_plugin.core.tiling.splits import Part, assign, assign_folds, assign_groups, without_leakage

SPLITS = ("train", "validation", "test")


def shares_of(sizes: dict[str, int], parts: dict[str, str]) -> dict[str, float]:
    total = sum(sizes.values())
    filled = Counter()
    for block, part in parts.items():
        filled[part] += sizes[block]
    return {part: count / total for part, count in filled.items()}


def footprints_of(windows):
    return [Footprint(0, w.col, w.row, w.col + w.width, w.row + w.height) for w in windows]


def tiles_of(width, height, size, overlap, edges=EdgeMode.SHIFT):
    return plan_tiles(Grid(width, height, (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)), size, overlap, edges)


def test_the_parts_come_near_their_shares():
    rng = random.Random(1)
    sizes = {f"b{i}": rng.randint(4, 16) for i in range(60)}
    for seed in range(20):
        found = shares_of(sizes, assign_groups(sizes, SplitShares(0.2, 0.1), seed))
        assert found["validation"] == pytest.approx(0.2, abs=0.015)
        assert found["test"] == pytest.approx(0.1, abs=0.015)


def test_the_seed_alone_decides():
    sizes = dict.fromkeys("abcdefghij", 4)
    first = assign_groups(sizes, SplitShares(0.3, 0.3), 5)
    assert first == assign_groups(dict(reversed(sizes.items())), SplitShares(0.3, 0.3), 5)
    assert first != assign_groups(sizes, SplitShares(0.3, 0.3), 6)


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [(1, {"train": 1}), (2, {"train": 1, "validation": 1}), (3, {"train": 1, "validation": 1, "test": 1})],
)
def test_few_groups_give_every_part_one_while_they_last(blocks, expected):
    parts = assign_groups(dict.fromkeys("abc"[:blocks], 9), SplitShares(0.15, 0.15), 0)
    assert Counter(parts.values()) == expected


@pytest.mark.parametrize(
    ("shares", "only"), [((0, 0), {"train"}), ((0, 1), {"test"}), ((1, 0), {"validation"}), ((0.5, 0.5), None)]
)
def test_shares_at_their_limits(shares, only):
    parts = set(assign_groups(dict.fromkeys("abcdef", 3), SplitShares(*shares), 0).values())
    assert parts == (only or {"validation", "test"})


@pytest.mark.parametrize("shares", [(-0.1, 0), (0, 1.1), (0.6, 0.5)])
def test_shares_that_cannot_be_are_refused(shares):
    with pytest.raises(InputError):
        SplitShares(*shares)


def test_folds_have_as_many_tiles_as_each_other_and_the_test_part_is_in_none():
    rng = random.Random(2)
    sizes = {f"b{i}": rng.randint(1, 9) for i in range(50)}
    options = SplitOptions(SplitMethod.FOLDS, test=0.2, folds=4, seed=3)
    parts = assign(sizes, options)
    filled = Counter()
    for group, part in parts.items():
        filled[part] += sizes[group]
    assert set(filled) == {Part("test"), Part("validation", 1), *(Part("train", fold) for fold in (2, 3, 4))}
    assert filled.pop(Part("test")) == pytest.approx(0.2 * sum(sizes.values()), abs=3)
    assert max(filled.values()) - min(filled.values()) <= 2
    assert parts == assign(dict(reversed(sizes.items())), options)
    assert assign_folds(sizes, options) != assign_folds(sizes, SplitOptions(SplitMethod.FOLDS, folds=4, seed=4))


@pytest.mark.parametrize("edges", EdgeMode)
@pytest.mark.parametrize("buffer", [0, 1, 6])
def test_no_two_parts_share_a_pixel_or_come_too_near_and_nothing_is_dropped_without_need(edges, buffer):
    rng = random.Random(7)
    for _ in range(25):
        size = rng.randint(1, 12)
        windows = tiles_of(rng.randint(1, 70), rng.randint(1, 70), size, rng.randrange(size), edges)
        parts = [Part(rng.choice(SPLITS)) for _ in windows]
        keep = without_leakage(footprints_of(windows), parts, buffer)
        # Each kept tile paints itself and the buffer around it in the colour of its part: no other may lie on that.
        owners = np.full((120, 120), "", dtype="<U10")
        around = [
            (
                slice(20 + w.row - buffer, 20 + w.row + w.height + buffer),
                slice(20 + w.col - buffer, 20 + w.col + w.width + buffer),
            )
            for w in windows
        ]
        inner = [(slice(20 + w.row, 20 + w.row + w.height), slice(20 + w.col, 20 + w.col + w.width)) for w in windows]
        for place, part, stays in zip(inner, parts, keep):
            if stays:
                assert np.isin(owners[place], ["", part.split]).all()
                owners[place] = part.split
        for place, part, stays in zip(around, parts, keep):
            assert stays == np.isin(owners[place], ["", part.split]).all()


def test_the_rarer_part_stays():
    parts = [*[Part("train")] * 5, *[Part("test")] * 2, *[Part("train")] * 4]
    keep = without_leakage(footprints_of(tiles_of(90, 10, 10, 2)), parts)
    assert keep == [*[True] * 4, False, True, True, False, *[True] * 3]


def test_tiles_that_touch_without_overlap_all_stay():
    windows = tiles_of(60, 60, 10, 0)
    parts = [Part(("train", "test")[i % 2]) for i in range(len(windows))]
    assert all(without_leakage(footprints_of(windows), parts))


def test_what_lies_in_another_region_is_never_near():
    footprints = [Footprint(region, 0, 0, 9, 9) for region in (0, 4)]
    assert without_leakage(footprints, [Part("train"), Part("test")], 5) == [True, True]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"block_size": -3}, "block size of -3"),
        ({"buffer": -1}, "buffer of -1"),
        ({"buffer": 1001}, "0 to 1000"),
        ({"method": SplitMethod.FOLDS, "folds": 1}, "1 fold"),
        ({"method": SplitMethod.GROUPS}, "needs either a table"),
    ],
)
def test_options_that_make_no_sense_are_refused(fields, message):
    with pytest.raises(InputError, match=message):
        SplitOptions(**fields)
