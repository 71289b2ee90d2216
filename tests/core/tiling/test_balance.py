# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

from s2landcover_plugin.core.tiling.balance import repeats


def test_tiles_with_rare_classes_are_repeated_by_the_root_of_their_rarity():
    # Classes 1, 2, 3 have 0.90, 0.08 and 0.02 of the pixels: factors 0.6, 2.04 and 4.08.
    common, some, rare, speck = {1: 1.0}, {1: 0.9, 2: 0.1}, {1: 0.9, 3: 0.1}, {1: 1.0, 3: 0.005}
    tiles = [common] * 5 + [{1: 0.6, 2: 0.4}, {1: 0.4, 2: 0.4, 3: 0.2}, {}, {1: 1.0}, {1: 1.0}, {1: 1.0}]
    assert repeats(tiles, 9) == [1, 1, 1, 1, 1, 2, 4, 1, 1, 1, 1]
    assert repeats(tiles, 3)[6] == 3
    assert repeats(tiles, 1) == [1] * len(tiles)
    assert repeats([common] * 20 + [some] + [rare] + [speck], 99)[-3:] == [9, 9, 1]


def test_without_labels_nothing_is_repeated():
    assert repeats([{}, {}], 9) == [1, 1]
