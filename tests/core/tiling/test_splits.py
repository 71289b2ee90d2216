# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest

from s2landcover_plugin.core.errors import InputError
from s2landcover_plugin.core.raster import Grid
from s2landcover_plugin.core.tiling.plan import plan_tiles
from s2landcover_plugin.core.tiling.splits import SplitShares, assign_blocks, tiles_per_block, without_leakage


def shares_of(sizes: dict[str, int], parts: dict[str, str]) -> dict[str, float]:
    total = sum(sizes.values())
    filled = Counter()
    for block, part in parts.items():
        filled[part] += sizes[block]
    return {part: count / total for part, count in filled.items()}


def test_the_parts_come_near_their_shares():
    rng = random.Random(1)
    sizes = {f"b{i}": rng.randint(4, 16) for i in range(60)}
    for seed in range(20):
        found = shares_of(sizes, assign_blocks(sizes, SplitShares(0.2, 0.1), seed))
        assert found["validation"] == pytest.approx(0.2, abs=0.015)
        assert found["test"] == pytest.approx(0.1, abs=0.015)


def test_the_seed_alone_decides():
    sizes = dict.fromkeys("abcdefghij", 4)
    first = assign_blocks(sizes, SplitShares(0.3, 0.3), 5)
    assert first == assign_blocks(dict(reversed(sizes.items())), SplitShares(0.3, 0.3), 5)
    assert first != assign_blocks(sizes, SplitShares(0.3, 0.3), 6)


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [(1, {"train": 1}), (2, {"train": 1, "validation": 1}), (3, {"train": 1, "validation": 1, "test": 1})],
)
def test_few_blocks_give_every_part_one_while_they_last(blocks, expected):
    parts = assign_blocks(dict.fromkeys("abc"[:blocks], 9), SplitShares(0.15, 0.15), 0)
    assert Counter(parts.values()) == expected


@pytest.mark.parametrize(
    ("shares", "only"), [((0, 0), {"train"}), ((0, 1), {"test"}), ((1, 0), {"validation"}), ((0.5, 0.5), None)]
)
def test_shares_at_their_limits(shares, only):
    parts = set(assign_blocks(dict.fromkeys("abcdef", 3), SplitShares(*shares), 0).values())
    assert parts == (only or {"validation", "test"})


@pytest.mark.parametrize("shares", [(-0.1, 0), (0, 1.1), (0.6, 0.5)])
def test_shares_that_cannot_be_are_refused(shares):
    with pytest.raises(InputError):
        SplitShares(*shares)


@pytest.mark.parametrize(
    ("plan", "block_size", "expected"),
    [((40, 40), 0, 4), ((10, 10), 0, 2), ((3, 3), 0, 1), ((40, 40), 1000, 4), ((40, 40), 1, 1)],
)
def test_blocks_are_as_large_as_asked_or_as_large_as_leaves_enough_of_them(plan, block_size, expected):
    assert tiles_per_block(*plan, tile_size=256, step=256, block_size=block_size) == expected


def test_blocks_of_overlapping_tiles_are_still_several_tiles_wide():
    assert tiles_per_block(200, 200, tile_size=256, step=64) == 16


def test_no_two_parts_share_a_pixel_and_nothing_is_dropped_without_need():
    rng = random.Random(7)
    for _ in range(60):
        size = rng.randint(1, 12)
        overlap = rng.randrange(size)
        grid = Grid(rng.randint(1, 70), rng.randint(1, 70), (0.0, 1.0, 0.0, 0.0, 0.0, -1.0))
        windows = [place.window for place in plan_tiles(grid, size, overlap)]
        parts = [rng.choice(("train", "validation", "test")) for _ in windows]
        keep = without_leakage(windows, parts)
        owners = np.full((80, 80), "", dtype="<U10")
        for window, part, stays in zip(windows, parts, keep):
            if stays:
                here = owners[window.rows, window.cols]
                assert np.isin(here, ["", part]).all()
                here[...] = part
        for window, part, stays in zip(windows, parts, keep):
            assert stays or not np.isin(owners[window.rows, window.cols], ["", part]).all()


def test_the_rarer_part_stays():
    grid = Grid(90, 10, (0.0, 1.0, 0.0, 0.0, 0.0, -1.0))
    windows = [place.window for place in plan_tiles(grid, 10, 2)]
    parts = ["train"] * 5 + ["test"] * 2 + ["train"] * 4
    assert without_leakage(windows, parts) == [*[True] * 4, False, True, True, False, *[True] * 3]


def test_tiles_that_touch_without_overlap_all_stay():
    grid = Grid(60, 60, (0.0, 1.0, 0.0, 0.0, 0.0, -1.0))
    windows = [place.window for place in plan_tiles(grid, 10, 0)]
    assert all(without_leakage(windows, [("train", "test")[i % 2] for i in range(len(windows))]))
