# SPDX-License-Identifier: GPL-2.0-or-later
"""The parts of a dataset: which tiles stay, and which part each goes into."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..progress import Progress
from .cutting import CutTile
from .dataset import SPLITS
from .description import PlacedTile
from .filters import most_usable, report
from .ground import Footprint, Ground
from .grouping import group_names
from .request import SplitMethod, SplitOptions, TileRequest
from .source import SourceInfo
from .splits import assign, without_leakage

_WORSE = "show a place that another image shows better"
_NOWHERE = "lie in no polygon that has a group"
_TOO_NEAR = "overlap a tile of another part, or are too near one,"


@dataclass(frozen=True)
class _Lying:
    """Tiles and where they lie."""

    tiles: Sequence[CutTile]
    footprints: Sequence[Footprint]

    def keep(self, stay: Sequence[bool], reason: str, progress: Progress) -> _Lying:
        """Return those that stay, and say how many do not, and why."""
        if not all(stay):
            report(Counter({reason: list(stay).count(False)}), len(stay), progress)
        chosen = [index for index, stays in enumerate(stay) if stays]
        return _Lying([self.tiles[index] for index in chosen], [self.footprints[index] for index in chosen])


def keep_apart(
    tiles: Sequence[CutTile], infos: Sequence[SourceInfo], request: TileRequest, progress: Progress
) -> list[PlacedTile]:
    """Put tiles into parts, and leave out those that would share ground with another part.

    Args:
        tiles: what was cut, in the order of the scenes.
        infos: the scenes.
        request: says how.
        progress: hears what was left out, and how large the parts are.

    Raises:
        GridError: if scenes near each other cannot be compared, or polygons lie on no tile.
        InputError: if an image has no group where groups are asked for, or polygons cannot say them.
        RasterError: if polygons cannot be read.
    """
    ground = Ground([info.grid for info in infos])
    lying = _Lying(tiles, _footprints(tiles, ground))
    if request.filters.is_unique:
        lying = lying.keep(most_usable(lying.tiles, lying.footprints), _WORSE, progress)
    if request.split.method is SplitMethod.RANDOM:
        progress.warning(
            "The parts are drawn tile by tile: neighbours resemble each other, so that figures on the test part will "
            "look better than the model is. Use blocks of ground for figures that hold."
        )
    groups = group_names(request, infos, ground, lying.footprints, lying.tiles, progress)
    lying = lying.keep([bool(group) for group in groups], _NOWHERE, progress)
    groups = [group for group in groups if group]
    parts = assign(Counter(groups), request.split)
    placed = {tile.id: PlacedTile(tile, group, parts[group]) for tile, group in zip(lying.tiles, groups)}
    apart = without_leakage(lying.footprints, [parts[group] for group in groups], request.split.buffer)
    kept = [placed[tile.id] for tile in lying.keep(apart, _TOO_NEAR, progress).tiles]
    _report_parts(kept, len(parts), request, progress)
    return kept


def _footprints(tiles: Sequence[CutTile], ground: Ground) -> list[Footprint]:
    found: list[Footprint] = []
    for source, of_source in itertools.groupby(tiles, key=lambda tile: tile.source):
        found += ground.footprints(source, [tile.window for tile in of_source])
    return found


def _report_parts(kept: Sequence[PlacedTile], groups: int, request: TileRequest, progress: Progress) -> None:
    counts = Counter(item.part.split for item in kept)
    numbers = ", ".join(f"{counts[name]} {name}" for name in SPLITS)
    progress.info(f"{len(kept)} tiles in {groups} groups: {numbers}.")
    empty = [name for name in _wanted(request.split) if not counts[name]]
    if request.split.method is SplitMethod.FOLDS:
        folds = {item.part.fold for item in kept}
        empty += [f"fold {fold}" for fold in range(1, request.split.folds + 1) if fold not in folds]
    if empty:
        progress.warning(
            f"No tile is left for {' and '.join(empty)}: there is too little ground for this size of tiles, blocks and "
            "buffer. Take smaller ones, or more and larger images."
        )


def _wanted(split: SplitOptions) -> list[str]:
    """Return the splits that are to have tiles."""
    shares = split.shares
    held = {SPLITS[0]: 1 - shares.validation - shares.test, SPLITS[1]: shares.validation, SPLITS[2]: shares.test}
    return [name for name, share in held.items() if share > 0]
