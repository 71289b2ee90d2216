# SPDX-License-Identifier: GPL-2.0-or-later
"""How much a wall-to-wall comparison would vary over ground like this: a bootstrap of whole blocks of ground.

Neighbouring pixels repeat each other, so a million of them say no more than some hundreds of places. Drawing pixels
would give an interval of almost no width; drawing whole blocks keeps together what belongs together (block bootstrap:
Künsch 1989, https://doi.org/10.1214/aos/1176347265; bootstrap: Efron 1979, https://doi.org/10.1214/aos/1176344552).
Blocks should be larger than the distance over which errors resemble each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from .figures import Counts, FloatArray

LEAST_BLOCKS = 10
"""Fewer blocks with data than this give no interval."""

_TOGETHER = 50  # draws that are computed at a time
_PIECE = 64  # blocks that are added up at a time


@dataclass(frozen=True)
class Bootstrap:
    """How blocks are drawn.

    Attributes:
        draws: how often all blocks are drawn anew, with replacement.
        confidence: share of the draws inside the interval.
        seed: the same seed gives the same interval.
    """

    draws: int = 1000
    confidence: float = 0.95
    seed: int = 0

    def __post_init__(self) -> None:
        if self.draws < 100:
            raise InputError(f"{self.draws} draws are too few for an interval; take 100 or more.")
        if not 0 < self.confidence < 1:
            raise InputError(f"The confidence is {self.confidence:g}; give a number between 0 and 1, such as 0.95.")


def block_intervals(
    blocks: Counts, figures: Callable[[Counts], FloatArray], bootstrap: Bootstrap | None = None
) -> FloatArray:
    """Return a percentile interval for figures of a confusion matrix that is made up of blocks.

    Args:
        blocks: a confusion matrix a block of ground, int64, shape (blocks, classes, classes). Empty ones are left out.
        figures: takes sums of some blocks, shape (draws, classes, classes), and returns numbers, shape
            (draws, figures).
        bootstrap: how to draw; the defaults if left out.

    Returns:
        Lower and upper ends, shape (2, figures). NaN with fewer than `LEAST_BLOCKS` blocks, and for a figure that is
        undefined in more than half of the draws; other undefined draws are left out.
    """
    bootstrap = bootstrap or Bootstrap()
    blocks = blocks[blocks.any(axis=(1, 2))]
    if len(blocks) < LEAST_BLOCKS:
        return np.full((2, figures(blocks.sum(axis=0)[np.newaxis]).shape[1]), np.nan)
    found = np.concatenate([figures(counts) for counts in _resampled(blocks, bootstrap)])
    tail = (1 - bootstrap.confidence) / 2
    ends = [_quantiles(values[np.isfinite(values)], len(found), (tail, 1 - tail)) for values in found.T]
    return np.array(ends).T


def _resampled(blocks: Counts, bootstrap: Bootstrap) -> Iterator[Counts]:
    """Yield sums of blocks that were drawn with replacement, shape (some draws, classes, classes)."""
    random = np.random.default_rng(bootstrap.seed)
    number, side = blocks.shape[:2]
    filled = -(-number // _PIECE) * _PIECE
    # Products of integers are slow in NumPy; counts of a map are far below the 2**53 that a float64 holds exactly.
    flat = np.zeros((filled, side * side))
    flat[:number] = blocks.reshape(number, -1)
    pieces = flat.reshape(-1, _PIECE, side * side)
    for start in range(0, bootstrap.draws, _TOGETHER):
        draws = min(_TOGETHER, bootstrap.draws - start)
        chosen = random.integers(number, size=(draws, number), dtype=np.int32)
        weights = np.array([np.bincount(row, minlength=filled) for row in chosen], dtype=np.float64)
        # Products this small are computed in one thread; on a busy machine, waiting for a second takes far longer.
        sums = np.matmul(weights.reshape(draws, -1, _PIECE).swapaxes(0, 1), pieces).sum(axis=0)
        yield sums.astype(np.int64).reshape(draws, side, side)


def _quantiles(values: FloatArray, draws: int, shares: tuple[float, float]) -> FloatArray:
    if 2 * len(values) < draws:
        return np.full(2, np.nan)
    return np.asarray(np.quantile(values, shares))
