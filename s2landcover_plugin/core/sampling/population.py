# SPDX-License-Identifier: GPL-2.0-or-later
"""What a sample is drawn from: the pixels of a map that have a class, counted and found again window by window."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..class_raster import ClassArray, ClassScan, class_windows
from ..errors import GridError, InputError
from ..pipeline import read_ahead
from ..progress import Progress
from ..raster import Grid, RasterReader, Window, same_crs

Integers = NDArray[np.int64]

_VALUES = 256


class StratifiedMap:
    """A class map, and the stratum of each of its pixels.

    Attributes:
        grid: of the map.
        windows: that cover it, in the order in which pixels are numbered.
    """

    def __init__(self, class_map: RasterReader, strata: RasterReader | None, whole: bool) -> None:
        """Put a map and its strata together.

        Args:
            class_map: the map.
            strata: values of strata, brought onto the map's grid by nearest neighbour; None for the map's classes.
            whole: whether all pixels are one stratum, which has the value 1 here.

        Raises:
            GridError: if strata on another grid cannot be brought onto the map's.
        """
        self.grid: Grid = class_map.grid
        self.windows: tuple[Window, ...] = tuple(class_windows(class_map.grid))
        self._whole = whole
        self._map = ClassScan(class_map)
        self._strata = ClassScan(_onto(strata, class_map)) if strata is not None and not whole else None

    def read(self, window: Window) -> tuple[ClassArray, ClassArray]:
        """Return map classes and strata, shape (rows, cols) each; both 0 where a pixel is not in the population."""
        mapped = self._map.read(window)
        if self._whole:
            return mapped, (mapped > 0).astype(np.uint8)
        if self._strata is None:
            return mapped, mapped
        strata = self._strata.read(window)
        return mapped * (strata > 0), strata * (mapped > 0)

    def notes(self) -> tuple[str, ...]:
        """Say what came up in what has been read, which should be one pass."""
        scans = (self._map, self._strata)
        return tuple(note for note in (scan.note() for scan in scans if scan is not None) if note)


@dataclass(frozen=True, eq=False)
class Population:
    """How many pixels there are.

    Attributes:
        by_window: pixels of each stratum value in each window, shape (windows, 256).
        classes: pixels of each map class, shape (256,).
    """

    by_window: Integers
    classes: Integers

    @property
    def strata(self) -> Integers:
        """Values of the strata that have pixels, rising, shape (strata,)."""
        return np.flatnonzero(self.by_window.sum(axis=0))

    @property
    def sizes(self) -> Integers:
        """Pixels of each stratum in `strata`."""
        return np.asarray(self.by_window.sum(axis=0)[self.strata])

    @property
    def pixels(self) -> int:
        """All pixels."""
        return int(self.by_window.sum())


@dataclass(frozen=True, eq=False)
class Pixels:
    """Chosen pixels, in the order in which they were chosen; one number a pixel in each array.

    Attributes:
        cols: column of each.
        rows: row of each.
        mapped: its class on the map.
        strata: its stratum.
    """

    cols: Integers
    rows: Integers
    mapped: Integers
    strata: Integers

    def __len__(self) -> int:
        return len(self.cols)

    def taken(self, chosen: Integers) -> Pixels:
        """Return some of them, by position."""
        return Pixels(self.cols[chosen], self.rows[chosen], self.mapped[chosen], self.strata[chosen])


def count_population(source: StratifiedMap, progress: Progress) -> Population:
    """Count the pixels of each stratum and class, in one pass.

    Raises:
        InputError: if no pixel has a class and a stratum.
    """
    by_window = np.zeros((len(source.windows), _VALUES), dtype=np.int64)
    classes = np.zeros(_VALUES, dtype=np.int64)
    reads = (source.read(window) for window in source.windows)
    with contextlib.closing(read_ahead(reads, progress.check)) as pairs:
        for index, (mapped, strata) in enumerate(pairs):
            progress.check()
            counts = np.bincount(mapped.reshape(-1), minlength=_VALUES)
            classes += counts
            same = strata is mapped
            by_window[index] = counts if same else np.bincount(strata.reshape(-1), minlength=_VALUES)
            progress.fraction((index + 1) / len(source.windows))
    by_window[:, 0] = classes[0] = 0
    if not classes.any():
        raise InputError(
            "No pixel has a class on the map (and a stratum, if strata were given); there is nothing to sample."
        )
    return Population(by_window, classes)


def find_pixels(
    source: StratifiedMap, population: Population, ranks: Mapping[int, Integers], progress: Progress
) -> Pixels:
    """Return the k-th pixels of strata, in a second pass over the windows that hold any.

    Args:
        source: the map.
        population: its counts.
        ranks: which pixels of each stratum, numbered from 0 in the order of the windows; any order, no repeats.
        progress: hears how far it is.

    Returns:
        One pixel a rank, stratum after stratum, in the order of `ranks`.
    """
    wanted = [np.asarray(numbers, dtype=np.int64) for numbers in ranks.values()]
    found = np.zeros((sum(map(len, wanted)), 4), dtype=np.int64)
    ends = {stratum: np.cumsum(population.by_window[:, stratum]) for stratum in ranks}
    starts = np.cumsum([0, *map(len, wanted)])
    for index, window in enumerate(source.windows):
        progress.check()
        pieces = [
            (stratum, *_inside(numbers, ends[stratum], index), start)
            for stratum, numbers, start in zip(ranks, wanted, starts)
        ]
        pieces = [piece for piece in pieces if len(piece[1])]
        if pieces:
            mapped, strata = source.read(window)
            for stratum, places, offsets, start in pieces:
                flat = np.flatnonzero(strata.reshape(-1) == stratum)[offsets]
                rows, cols = np.divmod(flat, window.width)
                values = mapped[rows, cols]
                found[start + places] = np.stack(
                    [cols + window.col, rows + window.row, values, np.full(len(rows), stratum)], axis=1
                )
        progress.fraction((index + 1) / len(source.windows))
    return Pixels(*found.T)


def grid_pixels(source: StratifiedMap, step: int, start: tuple[int, int], progress: Progress) -> Pixels:
    """Return the pixels with data on a regular grid.

    Args:
        source: the map.
        step: from one grid line to the next, pixels.
        start: first column and row, below `step`.
        progress: hears how far it is.
    """
    found = []
    for index, window in enumerate(source.windows):
        progress.check()
        col, row = ((first - offset) % step for first, offset in zip(start, (window.col, window.row)))
        if col < window.width and row < window.height:
            mapped, strata = (array[row::step, col::step] for array in source.read(window))
            rows, cols = np.nonzero(strata)
            places = (cols * step + col + window.col, rows * step + row + window.row)
            found.append(np.stack([*places, mapped[rows, cols], strata[rows, cols]], axis=1).astype(np.int64))
        progress.fraction((index + 1) / len(source.windows))
    return Pixels(*np.concatenate([np.zeros((0, 4), dtype=np.int64), *found]).T)


def _inside(numbers: Integers, ends: Integers, index: int) -> tuple[Integers, Integers]:
    """Return which ranks fall into a window, and their offsets among the stratum's pixels in it."""
    first = int(ends[index - 1]) if index else 0
    places = np.flatnonzero((numbers >= first) & (numbers < ends[index]))
    return places, numbers[places] - first


def _onto(strata: RasterReader, class_map: RasterReader) -> RasterReader:
    if strata.grid.matches(class_map.grid) and same_crs(strata.grid.crs, class_map.grid.crs):
        return strata
    if not class_map.grid.is_north_up:
        raise GridError(f"{class_map.path} is rotated or upside down; warp it to a north-up grid first.")
    return strata.onto(class_map.grid)
