# SPDX-License-Identifier: GPL-2.0-or-later
"""Training, validation and test parts that share no ground.

Neighbouring pixels resemble each other. A test on tiles that lie between the training tiles, or overlap them, finds a
model better than it is (Roberts et al. 2017, https://doi.org/10.1111/ecog.02881; Ploton et al. 2020,
https://doi.org/10.1038/s41467-020-18321-y). So whole blocks of tiles go into one part, and where tiles of two parts
still overlap at the blocks' edges, one of them is left out.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..errors import InputError
from ..raster import Window
from .dataset import SPLITS

_TRAIN, _VALIDATION, _TEST = SPLITS
_BLOCK_SIDES = (4, 3, 2, 1)
_ENOUGH_BLOCKS = 20


@dataclass(frozen=True)
class SplitShares:
    """The shares of the tiles held back, 0-1; training has the rest."""

    validation: float
    test: float

    def __post_init__(self) -> None:
        for name, share in (("validation", self.validation), ("test", self.test)):
            if not 0 <= share <= 1:
                raise InputError(f"The share for {name} is {share:g}; give a number from 0 to 1.")
        if self.validation + self.test > 1:
            raise InputError(
                f"Validation ({self.validation:g}) and test ({self.test:g}) together take more than all tiles; "
                "their shares may add up to 1 at most."
            )

    @property
    def rest(self) -> str:
        """The part that gets what the others leave: training, unless nothing was to be left for it."""
        if self.validation + self.test < 1:
            return _TRAIN
        return _TEST if self.test >= self.validation else _VALIDATION


def tiles_per_block(rows: int, cols: int, tile_size: int, step: int, block_size: int = 0) -> int:
    """Return how many tiles a block is high and wide.

    Args:
        rows: rows of tiles in the plan.
        cols: columns of tiles in the plan.
        tile_size: pixels.
        step: from one tile to the next, pixels.
        block_size: side of a block, pixels, rounded up to whole steps; 0 takes the largest of 4, 3, 2 and 1 tile sizes
            that gives 20 blocks or more, and one tile size if none does.
    """
    if block_size:
        return _divide_up(block_size, step)
    for side in _BLOCK_SIDES:
        count = _divide_up(side * tile_size, step)
        if _divide_up(rows, count) * _divide_up(cols, count) >= _ENOUGH_BLOCKS:
            return count
    return _divide_up(tile_size, step)


def assign_blocks(sizes: Mapping[str, int], shares: SplitShares, seed: int) -> dict[str, str]:
    """Put each block into a part, at random, so that the parts' tiles come near the shares.

    A part with a share above zero gets a block even if that is more than its share, as long as one is left over for
    the rest.

    Args:
        sizes: number of tiles by block.
        shares: what the parts should have.
        seed: the same seed gives the same parts.
    """
    left = sorted(sizes)
    random.Random(seed).shuffle(left)
    total = sum(sizes.values())
    parts = dict.fromkeys(left, shares.rest)
    for part, share in ((_VALIDATION, shares.validation), (_TEST, shares.test)):
        if part == shares.rest:
            continue
        taken = _take(left, sizes, share * total)
        if not taken and share > 0 and len(left) > 1:
            taken = left[:1]
        parts.update(dict.fromkeys(taken, part))
        left = [block for block in left if block not in taken]
    return parts


def _take(blocks: Sequence[str], sizes: Mapping[str, int], target: float) -> list[str]:
    """Return blocks, in order, as long as each brings the number of tiles nearer to the target."""
    taken, filled = [], 0
    for block in blocks:
        if target - filled > sizes[block] / 2:
            taken.append(block)
            filled += sizes[block]
    return taken


def without_leakage(windows: Sequence[Window], parts: Sequence[str]) -> list[bool]:
    """Say which tiles to keep so that no two of different parts share a pixel.

    Of two tiles that overlap, the one of the rarer part stays, so that validation and test keep their shares and
    training gives way; nothing goes without need.

    Args:
        windows: all of one size, on one scene.
        parts: the part of each.
    """
    counts = Counter(parts)
    kept: dict[tuple[int, int], list[int]] = {}
    for index in sorted(range(len(parts)), key=lambda index: (counts[parts[index]], parts[index], index)):
        window = windows[index]
        row, col = window.row // window.height, window.col // window.width
        # Cells as large as a tile: whatever overlaps it starts in its own cell or a neighbour.
        near = (other for i in (-1, 0, 1) for j in (-1, 0, 1) for other in kept.get((row + i, col + j), ()))
        if not any(parts[other] != parts[index] and _overlap(windows[other], window) for other in near):
            kept.setdefault((row, col), []).append(index)
    stay = {index for cell in kept.values() for index in cell}
    return [index in stay for index in range(len(parts))]


def _overlap(first: Window, second: Window) -> bool:
    return abs(first.row - second.row) < max(first.height, second.height) and abs(first.col - second.col) < max(
        first.width, second.width
    )


def _divide_up(number: int, divisor: int) -> int:
    return -(-number // divisor)
