# SPDX-License-Identifier: GPL-2.0-or-later
"""Chance: which pixels of a population become sample points."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ..progress import Progress, ProgressPart
from ..raster import Grid
from .population import Pixels, Population, StratifiedMap, find_pixels, grid_pixels

Integers = NDArray[np.int64]

_TRIES = 50
"""Pixels looked at for each point that is to keep its distance, if the stratum has as many."""
_MOST_TRIES = 1_000_000


def draw_points(
    source: StratifiedMap,
    population: Population,
    points: Mapping[int, int],
    least_distance: float,
    seed: int,
    progress: Progress,
) -> Pixels:
    """Draw a simple random sample within each stratum, without replacement.

    Python's own generator is used, because NumPy's may change its numbers with its version.

    Args:
        source: the map.
        population: its counts.
        points: how many of each stratum.
        least_distance: between any two points, in units of the CRS. Strata fill up side by side, and pixels too near to
            one chosen before are passed over; a stratum can then end up with fewer points.
        seed: the same seed gives the same points.
        progress: hears how far it is.

    Returns:
        The points, in random order.
    """
    chance = random.Random(seed)
    sizes = dict(zip(population.strata.tolist(), population.sizes.tolist()))
    order = sorted(points, key=lambda stratum: (sizes[stratum], stratum))
    total = sum(points.values())
    ranks = {}
    for stratum in order:
        tries = min(points[stratum] * _TRIES, _MOST_TRIES * points[stratum] // total) if least_distance else 0
        number = min(sizes[stratum], max(points[stratum], tries))
        ranks[stratum] = np.array(chance.sample(range(sizes[stratum]), number), dtype=np.int64)
    found = find_pixels(source, population, ranks, ProgressPart(progress, 0.0, 0.9))
    if least_distance:
        found = found.taken(_spaced(found, points, source.grid, least_distance, progress))
    shuffled = list(range(len(found)))
    chance.shuffle(shuffled)
    return found.taken(np.array(shuffled, dtype=np.int64))


def draw_grid(source: StratifiedMap, population: Population, count: int, seed: int, progress: Progress) -> Pixels:
    """Draw a systematic sample: the pixels of an aligned square grid with a random start.

    Args:
        source: the map.
        population: its counts.
        count: points wanted; the grid's step is the whole number of pixels that comes nearest to it on average.
        seed: the same seed gives the same points.
        progress: hears how far it is.
    """
    step = grid_step(population.pixels, count)
    chance = random.Random(seed)
    start = chance.randrange(step), chance.randrange(step)
    return grid_pixels(source, step, start, progress)


def grid_step(pixels: int, count: int) -> int:
    """Return the distance between grid lines, in pixels, that gives about `count` points."""
    return max(1, round(math.sqrt(pixels / count)))


def _spaced(found: Pixels, points: Mapping[int, int], grid: Grid, distance: float, progress: Progress) -> Integers:
    """Return the pixels to keep, by position, so that none is nearer to another than `distance`."""
    missing = dict(points)
    crowd = _Crowd(distance)
    kept: list[int] = []
    for turn, index in enumerate(_turns(found.strata, points)):
        if turn % 10_000 == 0:
            progress.check()
        stratum = int(found.strata[index])
        if missing[stratum]:
            place = grid.xy(int(found.cols[index]) + 0.5, int(found.rows[index]) + 0.5)
            if crowd.admits(*place):
                missing[stratum] -= 1
                kept.append(index)
    return np.array(kept, dtype=np.int64)


def _turns(strata: Integers, points: Mapping[int, int]) -> list[int]:
    """Return positions in the order of choosing: each stratum's tries spread evenly, so that none is crowded out."""
    progress = np.empty(len(strata))
    for stratum, wanted in points.items():
        own = strata == stratum
        progress[own] = np.arange(np.count_nonzero(own)) / wanted
    order: list[int] = np.argsort(progress, kind="stable").tolist()
    return order


class _Crowd:
    """Places that keep their distance, in cells as large as it: what is too near lies in the same or the next cell."""

    def __init__(self, distance: float) -> None:
        self._distance = distance
        self._cells: dict[tuple[int, int], list[tuple[float, float]]] = {}

    def admits(self, x: float, y: float) -> bool:
        """Take in a place unless one is nearer than the distance; say whether."""
        col, row = math.floor(x / self._distance), math.floor(y / self._distance)
        cells = (self._cells.get((col + i, row + j), ()) for i in (-1, 0, 1) for j in (-1, 0, 1))
        if any(math.hypot(x - other[0], y - other[1]) < self._distance for cell in cells for other in cell):
            return False
        self._cells.setdefault((col, row), []).append((x, y))
        return True
