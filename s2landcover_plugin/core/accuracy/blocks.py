# SPDX-License-Identifier: GPL-2.0-or-later
"""Counts of class pairs by block of ground, and the intervals that follow from them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..class_raster import ClassArray
from ..errors import InputError
from ..legend import Legend
from ..raster import Grid, Window
from .bootstrap import LEAST_BLOCKS, Bootstrap, block_intervals
from .class_matching import VALUES, Translation
from .figures import Counts, FloatArray, class_values, headline_values
from .result import BlockDesign, Interval, Intervals

_ROWS = 32  # that are counted at a time, so that what is computed in between stays in the processor's cache
_MOST_PAIRS = 1 << 23  # of all blocks that are remembered; with more, blocks are joined
_MOST_NUMBERS = 1 << 22  # in the matrices of all blocks together; with more, blocks are joined
_PAIRS = VALUES * VALUES
_VALUE_BITS, _PAIR_BITS = 8, 16  # of a value and of a pair in a key; shifts are much faster than divisions


class BlockPairs:
    """Counts value pairs of a map and a reference by square blocks of the map's pixels.

    Args:
        grid: of the map.
        size: of a block, pixels.

    Raises:
        InputError: if the size is no positive number.
    """

    def __init__(self, grid: Grid, size: int) -> None:
        if size < 1:
            raise InputError(f"A block of {size} pixels is none; give a size of 1 or more.")
        self._size = size
        self._across = -(-grid.width // size)
        self._found: list[tuple[NDArray[np.int64], Counts]] = []
        self._kept = 0

    def add(self, window: Window, mapped: ClassArray, actual: ClassArray) -> None:
        """Add the pixels of a window: class values, 0 = no data, shape (rows, cols)."""
        rows, columns = (int(values.max(initial=0)) + 1 for values in (mapped, actual))
        down, right = (
            np.arange(start, start + length) // self._size
            for start, length in ((window.row, window.height), (window.col, window.width))
        )
        span = int(right[-1] - right[0]) + 1
        # As few bins as the values need: a handful fits the fastest cache, 65536 a block do not.
        bins = rows * columns
        counts = np.zeros((int(down[-1] - down[0]) + 1, span * bins), dtype=np.int64)
        across = (right - right[0]) * bins
        for part in _strips(down):
            keys = np.multiply(mapped[part], columns, dtype=np.int64)
            keys += actual[part]
            keys += across
            counts[down[part.start] - down[0]] += np.bincount(keys.ravel(), minlength=span * bins)
        self._keep(counts.ravel(), (int(down[0]), int(right[0])), span, (rows, columns))

    def _keep(self, counts: Counts, first: tuple[int, int], span: int, shape: tuple[int, int]) -> None:
        used = np.flatnonzero(counts)
        block, pair = np.divmod(used, shape[0] * shape[1])
        down, right = np.divmod(block, span)
        mapped, actual = np.divmod(pair, shape[1])
        number = (down + first[0]) * self._across + right + first[1]
        self._found.append(((number << _PAIR_BITS) | (mapped << _VALUE_BITS) | actual, counts[used]))
        self._kept += len(used)
        if self._kept > _MOST_PAIRS:
            self._join()

    def table(self) -> Counts:
        """Return the pairs of all blocks, shape (256, 256), rows = map, columns = reference, 0 = no data."""
        keys, counts = self._together()
        return np.bincount(keys & (_PAIRS - 1), counts, _PAIRS).astype(np.int64).reshape(VALUES, VALUES)

    def matrices(self, legend: Legend, translation: Translation) -> tuple[Counts, int]:
        """Return a confusion matrix for each block that has data, and the size of the blocks.

        Args:
            legend: the classes, in the order of rows and columns.
            translation: from the reference's values to the map's.

        Returns:
            int64, shape (blocks, classes, classes); and pixels. Where all matrices together would take much memory,
            blocks are joined by fours until they do not.
        """
        position = np.full(VALUES, -1)
        position[list(legend.values)] = np.arange(len(legend))
        classes = len(legend)
        blocks, cells, counts = self._cells(position, translation)
        while (blocks.max() + 1) * classes**2 > _MOST_NUMBERS and blocks.max() >= 4 * LEAST_BLOCKS:
            self._join()
            blocks, cells, counts = self._cells(position, translation)
        flat = np.bincount(blocks * classes**2 + cells, counts, (int(blocks.max()) + 1) * classes**2)
        return flat.astype(np.int64).reshape(-1, classes, classes), self._size

    def _cells(
        self, position: NDArray[np.int64], translation: Translation
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], Counts]:
        """Return the number of each block that has data, from 0, its cells in a flat matrix, and their counts."""
        keys, counts = self._together()
        place = position[:, np.newaxis] * (position.max() + 1) + position[translation.values]
        place[(position < 0)[:, np.newaxis] | (position[translation.values] < 0)] = -1
        cells = place.ravel()[keys & (_PAIRS - 1)]
        known = cells >= 0
        number = keys[known] >> _PAIR_BITS
        rank = np.cumsum(np.bincount(number) > 0) - 1
        return rank[number], cells[known], counts[known]

    def _together(self) -> tuple[NDArray[np.int64], Counts]:
        keys, counts = (np.concatenate(parts) for parts in zip(*self._found))
        return keys, counts

    def _join(self) -> None:
        """Make one block of each four."""
        keys, counts = self._together()
        number, pair = keys >> _PAIR_BITS, keys & (_PAIRS - 1)
        down, right = np.divmod(number, self._across)
        self._size *= 2
        self._across = -(-self._across // 2)
        joined = ((down // 2 * self._across + right // 2) << _PAIR_BITS) | pair
        keys, place = np.unique(joined, return_inverse=True)
        self._found = [(keys, np.bincount(place.ravel(), counts).astype(np.int64))]
        self._kept = len(keys)


def block_figures(matrices: Counts, size: int, legend: Legend, bootstrap: Bootstrap) -> tuple[Intervals, BlockDesign]:
    """Return intervals of all figures from blocks of ground, and what they rest on.

    Args:
        matrices: a confusion matrix for each block with data, shape (blocks, classes, classes).
        size: of a block, pixels.
        legend: the classes.
        bootstrap: how to draw.
    """
    ends = block_intervals(matrices, _all_figures, bootstrap)
    names = list(headline_values(matrices[:1]))
    pairs = [_interval(low, high) for low, high in ends.T]
    headline = {name: pair for name, pair in zip(names, pairs) if pair is not None}
    rest = iter(pairs[len(names) :])
    classes: dict[int, dict[str, Interval]] = {value: {} for value in legend.values}
    for name in class_values(matrices[:1]):
        for value in legend.values:
            pair = next(rest)
            if pair is not None:
                classes[value][name] = pair
    design = BlockDesign(size, len(matrices), bootstrap.draws, bootstrap.seed)
    return Intervals(headline, classes), design


def _strips(blocks: NDArray[np.int64]) -> Iterator[slice]:
    """Yield stretches of rows of which none lies in two blocks; `blocks` numbers them, row by row."""
    edges = [0, *(np.flatnonzero(np.diff(blocks)) + 1).tolist(), len(blocks)]
    for first, stop in zip(edges, edges[1:]):
        for start in range(first, stop, _ROWS):
            yield slice(start, min(start + _ROWS, stop))


def _all_figures(tables: Counts) -> FloatArray:
    headline = np.stack(list(headline_values(tables).values()), axis=1)
    return np.concatenate([headline, *class_values(tables).values()], axis=1)


def _interval(low: float, high: float) -> Interval | None:
    return None if np.isnan(low) else (float(low), float(high))
