# SPDX-License-Identifier: GPL-2.0-or-later
"""Statistics of tiles that can be added up: exact whole-number sums, so their order does not matter."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..radiometry import STORED_SCALE, BoolArray
from .dataset import BandStatistics


@dataclass(frozen=True)
class BandSums:
    """Sums over the valid pixels of one band, in stored units (reflectance x 10000, or bytes)."""

    count: int
    total: int
    squares: int
    smallest: int
    largest: int

    def statistics(self, scale: float = STORED_SCALE) -> BandStatistics:
        """Return mean, standard deviation (of the population), minimum and maximum, in reflectance.

        Args:
            scale: of one stored unit.
        """
        mean = self.total / self.count
        variance = (self.squares * self.count - self.total**2) / self.count**2
        return BandStatistics(
            mean=mean * scale,
            std=math.sqrt(variance) * scale,
            minimum=self.smallest * scale,
            maximum=self.largest * scale,
        )


def sum_bands(stored: NDArray[np.uint16] | NDArray[np.uint8], valid: BoolArray) -> tuple[BandSums, ...]:
    """Return the sums of a tile.

    Args:
        stored: reflectance x 10000 or bytes, shape (bands, rows, cols), 0 where not valid.
        valid: shape (rows, cols), one pixel at least.
    """
    count = int(np.count_nonzero(valid))
    return tuple(
        BandSums(
            count=count,
            total=int(plane.sum(dtype=np.uint64)),
            # 65535 squared just fits 32 bits.
            squares=int(np.square(plane, dtype=np.uint32).sum(dtype=np.uint64)),
            smallest=int(plane.min(where=valid, initial=np.iinfo(plane.dtype).max)),
            largest=int(plane.max()),
        )
        for plane in stored
    )


def add_up(parts: Iterable[BandSums]) -> BandSums:
    """Return the sums of several tiles of one band together; at least one."""
    columns = list(zip(*((p.count, p.total, p.squares, p.smallest, p.largest) for p in parts)))
    counts, totals, squares, smallest, largest = columns
    return BandSums(sum(counts), sum(totals), sum(squares), min(smallest), max(largest))
