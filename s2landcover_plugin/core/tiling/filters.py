# SPDX-License-Identifier: GPL-2.0-or-later
"""Which tiles are worth keeping, and why others are not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..progress import Progress
from ..validity import Cover
from .cutting import CutTile
from .ground import Footprint, Neighbours
from .request import TileFilters

_HIDING = (Cover.CLOUD, Cover.SHADOW)
_SAME_PLACE = 0.5  # share of a tile from which on another shows the same place


def objection(tile: CutTile, filters: TileFilters, is_labelled: bool) -> str:
    """Say what speaks against a tile, as the end of a sentence about several; empty if nothing does.

    Args:
        tile: the tile.
        filters: what is asked for.
        is_labelled: whether the dataset has labels.
    """
    labelled = sum(tile.class_pixels.values()) / tile.area
    if not tile.sums or tile.valid_fraction < filters.min_valid:
        return "have too few valid pixels"
    for cover, share in filters.max_covers.items():
        if tile.covers.get(cover, 0.0) > share:
            return f"have too much {cover.value}"
    if is_labelled and (not labelled or labelled < filters.min_labelled):
        return "have too few labels"
    if filters.only_classes and is_labelled and set(tile.class_pixels) <= set(filters.only_classes):
        return f"show no class but {', '.join(map(str, filters.only_classes))}"
    return ""


def report(objections: Counter[str], total: int, progress: Progress) -> None:
    """Say how many of all tiles were left out, a line for each reason."""
    for reason, count in sorted(objections.items()):
        progress.info(f"{count} of {total} tiles {reason} and were left out.")


def most_usable(tiles: Sequence[CutTile], footprints: Sequence[Footprint]) -> list[bool]:
    """Say which tiles to keep so that no place is shown by tiles of two scenes: the most usable ones.

    Two tiles show the same place if they share more than half of the smaller one's ground.

    Args:
        tiles: the tiles.
        footprints: where they lie.
    """
    order = sorted(range(len(tiles)), key=lambda index: (-_usability(tiles[index]), tiles[index].id))
    kept, stay = Neighbours(footprints, 0.0), [False] * len(tiles)
    for index in order:
        here = footprints[index]
        if not any(
            tiles[other].source != tiles[index].source
            and here.shared(footprints[other]) > _SAME_PLACE * min(here.area, footprints[other].area)
            for other in kept.near(index)
        ):
            kept.add(index)
            stay[index] = True
    return stay


def _usability(tile: CutTile) -> float:
    return tile.valid_fraction - sum(tile.covers.get(cover, 0.0) for cover in _HIDING)
