# SPDX-License-Identifier: GPL-2.0-or-later
"""Counting where maps and labels agree, tile by tile and over all devices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import distributed

from s2landcover_plugin.core.accuracy.figures import Counts

from .record import PlaceCounts

Positions = NDArray[np.int64]
"""Position in the legend plus 1, shape (rows, cols); 0 in labels is no label."""


@dataclass(frozen=True, eq=False)
class TileCounts:
    """What was counted in one tile.

    Attributes:
        split: the tile's split.
        place: its spatial group.
        counts: by who made the map, int64, shape (classes, classes); rows are the map, columns the labels.
    """

    split: str
    place: str
    counts: Mapping[str, Counts]


def count_pairs(found: Positions, truth: Positions, classes: int) -> Counts:
    """Return how often each class met each other, shape (classes, classes); pixels without a label do not count."""
    labelled = truth > 0
    pairs = (found[labelled] - 1) * classes + (truth[labelled] - 1)
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes).astype(np.int64)


def from_all_devices(tiles: Mapping[str, TileCounts]) -> dict[str, TileCounts]:
    """Return the counts of all processes by tile.

    With fewer tiles than processes, some are shown twice; by their ids, they count once.
    """
    if not (distributed.is_available() and distributed.is_initialized()):
        return dict(tiles)
    parts: list[Mapping[str, TileCounts]] = [{}] * distributed.get_world_size()
    distributed.all_gather_object(parts, tiles)
    return {name: counted for part in parts for name, counted in part.items()}


def by_place(tiles: Mapping[str, TileCounts]) -> tuple[PlaceCounts, ...]:
    """Return the sums of the tiles of each split and place, in the order of their names."""
    groups: dict[tuple[str, str], list[str]] = {}
    for name, tile in sorted(tiles.items()):
        groups.setdefault((tile.split, tile.place), []).append(name)
    return tuple(
        PlaceCounts(split, place, tuple(names), _summed(tiles[name].counts for name in names))
        for (split, place), names in sorted(groups.items())
    )


def _summed(counts: Iterable[Mapping[str, Counts]]) -> dict[str, Counts]:
    every = list(counts)
    return {who: np.sum([each[who] for each in every], axis=0) for who in every[0]}
