# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import pytest

from s2landcover_plugin.core.errors import InputError
from s2landcover_plugin.core.raster import Window
from s2landcover_plugin.core.tiling.cutting import CutTile
from s2landcover_plugin.core.tiling.filters import most_usable, objection
from s2landcover_plugin.core.tiling.ground import Footprint
from s2landcover_plugin.core.tiling.request import TileFilters
from s2landcover_plugin.core.tiling.statistics import BandSums
from s2landcover_plugin.core.validity import Cover

SUMS = (BandSums(1, 1, 1, 1, 1),)


def tile(name="t", source=0, valid=0.8, covers=None, classes=None):
    return CutTile(name, source, Window(0, 0, 10, 10), valid, covers or {}, classes or {}, SUMS if valid else ())


@pytest.mark.parametrize(
    ("given", "filters", "expected"),
    [
        ({}, {}, ""),
        ({"valid": 0.0}, {}, "have too few valid pixels"),
        ({"valid": 0.5}, {"min_valid": 0.5}, ""),
        ({"valid": 0.49}, {"min_valid": 0.5}, "have too few valid pixels"),
        ({"covers": {Cover.CLOUD: 0.2}}, {"max_covers": {Cover.CLOUD: 0.1}}, "have too much cloud"),
        ({"covers": {Cover.CLOUD: 0.1}}, {"max_covers": {Cover.CLOUD: 0.1, Cover.SNOW: 0.0}}, ""),
        ({"covers": {Cover.SNOW: 0.1}}, {"max_covers": {Cover.SNOW: 0.0}}, "have too much snow"),
    ],
)
def test_images_are_kept_or_not(given, filters, expected):
    assert objection(tile(**given), TileFilters(**filters), is_labelled=False) == expected


@pytest.mark.parametrize(
    ("classes", "filters", "expected"),
    [
        ({1: 5}, {}, ""),
        ({}, {}, "have too few labels"),
        ({1: 5, 4: 4}, {"min_labelled": 0.1}, "have too few labels"),
        ({1: 5, 4: 5}, {"min_labelled": 0.1}, ""),
        ({1: 5}, {"only_classes": (1, 2)}, "show no class but 1, 2"),
        ({1: 5, 2: 7}, {"only_classes": (1, 2)}, "show no class but 1, 2"),
        ({1: 5, 4: 1}, {"only_classes": (1, 2)}, ""),
    ],
)
def test_labelled_tiles_are_kept_or_not(classes, filters, expected):
    assert objection(tile(classes=classes), TileFilters(**filters), is_labelled=True) == expected


def test_of_two_images_of_a_place_the_clearer_one_stays():
    here, shifted, beside = Footprint(0, 0, 0, 10, 10), Footprint(0, 3, 0, 13, 10), Footprint(0, 6, 0, 16, 10)
    tiles = [
        tile("cloudy", 0, 1.0, {Cover.CLOUD: 0.4}),
        tile("clear", 1, 0.9, {Cover.CLOUD: 0.1, Cover.SNOW: 0.9}),
        tile("half beside", 2, 0.2),
        tile("same image", 1, 0.1),
    ]
    assert most_usable(tiles, [here, shifted, beside, here]) == [False, True, False, True]
    assert most_usable(tiles[:2], [here, beside]) == [True, True]


def test_shares_beyond_their_limits_are_refused():
    for fields in ({"min_valid": 1.5}, {"min_labelled": -1}, {"max_covers": {Cover.SNOW: 2}}):
        with pytest.raises(InputError, match="from 0 to 1"):
            TileFilters(**fields)
