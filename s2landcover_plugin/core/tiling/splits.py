# SPDX-License-Identifier: GPL-2.0-or-later
"""Training, validation and test parts that share no ground.

Neighbouring pixels resemble each other. A test on tiles that lie between the training tiles, or overlap them, finds a
model better than it is (Roberts et al. 2017, https://doi.org/10.1111/ecog.02881; Ploton et al. 2020,
https://doi.org/10.1038/s41467-020-18321-y). So whole groups of tiles go into one part, and where tiles of two parts
still overlap, or are too near each other, one of them is left out.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .dataset import SPLITS
from .ground import Footprint, Neighbours
from .request import SplitMethod, SplitOptions, SplitShares

_TRAIN, _VALIDATION, _TEST = SPLITS
VALIDATION_FOLD = 1
"""The fold that is for validation unless training is told otherwise."""


@dataclass(frozen=True)
class Part:
    """What a group of tiles is for.

    Attributes:
        split: `train`, `validation` or `test`.
        fold: number of the fold, from 1; None without folds, and for what is held back from all of them.
    """

    split: str
    fold: int | None = None


def assign(sizes: Mapping[str, int], options: SplitOptions) -> dict[str, Part]:
    """Put each group of tiles into a part, at random, so that the parts' tiles come near their shares.

    Args:
        sizes: number of tiles by group.
        options: what the parts should have.
    """
    splits = assign_groups(sizes, options.shares, options.seed)
    if options.method is not SplitMethod.FOLDS:
        return {group: Part(split) for group, split in splits.items()}
    folds = assign_folds({group: sizes[group] for group in sizes if splits[group] != _TEST}, options)
    parts = {group: Part(_VALIDATION if fold == VALIDATION_FOLD else _TRAIN, fold) for group, fold in folds.items()}
    return {**{group: Part(_TEST) for group in sizes if group not in folds}, **parts}


def assign_groups(sizes: Mapping[str, int], shares: SplitShares, seed: int) -> dict[str, str]:
    """Put each group into a split, at random, so that the splits' tiles come near the shares.

    A split with a share above zero gets a group even if that is more than its share, as long as one is left over for
    the rest.

    Args:
        sizes: number of tiles by group.
        shares: what the splits should have.
        seed: the same seed gives the same splits.
    """
    left = sorted(sizes)
    random.Random(seed).shuffle(left)
    total, rest = sum(sizes.values()), _rest(shares)
    parts = dict.fromkeys(left, rest)
    for part, share in ((_VALIDATION, shares.validation), (_TEST, shares.test)):
        if part == rest:
            continue
        taken = _take(left, sizes, share * total)
        if not taken and share > 0 and len(left) > 1:
            taken = left[:1]
        parts.update(dict.fromkeys(taken, part))
        left = [group for group in left if group not in taken]
    return parts


def _rest(shares: SplitShares) -> str:
    """Return the split that gets what the others leave: training, unless nothing was to be left for it."""
    if shares.validation + shares.test < 1:
        return _TRAIN
    return _TEST if shares.test >= shares.validation else _VALIDATION


def _take(groups: Sequence[str], sizes: Mapping[str, int], target: float) -> list[str]:
    """Return groups, in order, as long as each brings the number of tiles nearer to the target."""
    taken, filled = [], 0
    for group in groups:
        if target - filled > sizes[group] / 2:
            taken.append(group)
            filled += sizes[group]
    return taken


def assign_folds(sizes: Mapping[str, int], options: SplitOptions) -> dict[str, int]:
    """Return the fold of each group, from 1: at random, the largest first, each into the fold with the fewest tiles."""
    groups = sorted(sizes)
    random.Random(options.seed).shuffle(groups)
    filled = dict.fromkeys(range(1, options.folds + 1), 0)
    folds = {}
    for group in sorted(groups, key=lambda name: -sizes[name]):
        folds[group] = min(filled, key=lambda fold: filled[fold])
        filled[folds[group]] += sizes[group]
    return folds


def without_leakage(footprints: Sequence[Footprint], parts: Sequence[Part], buffer: float = 0.0) -> list[bool]:
    """Say which tiles to keep so that no two of different parts share a pixel or are nearer than a buffer.

    Of two tiles that do, the one of the rarer part stays, so that validation and test keep their shares and training
    gives way; nothing goes without need.

    Args:
        footprints: where the tiles lie.
        parts: the part of each.
        buffer: least distance, across or down, pixels.
    """
    counts = Counter(parts)
    order = sorted(range(len(parts)), key=lambda index: (counts[parts[index]], str(parts[index]), index))
    kept = Neighbours(footprints, buffer)
    stay = [False] * len(parts)
    for index in order:
        if all(parts[other] == parts[index] for other in kept.near(index)):
            kept.add(index)
            stay[index] = True
    return stay
