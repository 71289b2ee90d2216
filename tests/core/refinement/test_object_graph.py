# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.refinement.object_graph import ObjectGraph
from s2landcover_plugin.core.refinement.objects import BlockObjects

SIDES = ((-1, 0), (0, -1), (0, 1), (1, 0))
CORNERS = ((-1, -1), (-1, 1), (1, -1), (1, 1))


def neighbours(values, pixel, steps):
    for down, right in steps:
        row, col = pixel[0] + down, pixel[1] + right
        if 0 <= row < values.shape[0] and 0 <= col < values.shape[1]:
            yield row, col


def objects_of(values, eight):
    """Every object as its pixels in reading order, by flooding; nodata is none."""
    seen, found = set(), []
    for start in zip(*np.nonzero(values)):
        if start in seen:
            continue
        pixels, queue = {start}, [start]
        while queue:
            for other in neighbours(values, queue.pop(), SIDES + (CORNERS if eight else ())):
                if other not in pixels and values[other] == values[start]:
                    pixels.add(other)
                    queue.append(other)
        seen |= pixels
        found.append(sorted(pixels))
    return found


def boundary(values, pixels, eight):
    """What an object shares with each class: (sides, corners)."""
    shared = {}
    for steps, place in ((SIDES, 0), (CORNERS if eight else (), 1)):
        for pixel in pixels:
            for other in neighbours(values, pixel, steps):
                if values[other] not in (0, values[pixel]):
                    shared.setdefault(int(values[other]), [0, 0])[place] += 1
    return shared


def brute_force(values, row_sizes, minimum, eight):
    """The documented rule, one object at a time, over the whole raster."""
    values = values.copy()
    while True:
        small = []
        for pixels in objects_of(values, eight):
            size = sum(int(row_sizes[row]) for row, _ in pixels)
            if size < minimum and boundary(values, pixels, eight):
                small.append((size, pixels[0], pixels))
        if not small:
            return values
        _, first, pixels = min(small)
        sign = -1 if sum(first) % 2 else 1
        shared = boundary(values, pixels, eight)
        best = max(shared, key=lambda value: (shared[value], -sign * value))
        for pixel in pixels:
            values[pixel] = best


def streamed(values, row_sizes, minimum, eight, height):
    graph = ObjectGraph(minimum, eight)
    blocks = []
    for row in range(0, values.shape[0], height):
        blocks.append(BlockObjects.found_in(values[row : row + height], eight))
        graph.add(blocks[-1], row_sizes[row : row + height])
    graph.finish()
    painted, start = [], 0
    for block in blocks:
        count = block.first_runs.size
        painted.append(block.painted(graph.classes[start : start + count]))
        start += count
    return np.concatenate(painted)


@pytest.mark.parametrize("eight", [False, True])
@pytest.mark.parametrize("seed", range(40))
def test_any_cut_into_blocks_gives_what_one_object_at_a_time_gives(seed, eight):
    rng = np.random.default_rng(seed)
    rows, cols, classes = rng.integers(1, 14), rng.integers(1, 14), rng.integers(1, 6)
    values = rng.integers(seed % 2, classes + 1, (rows, cols)).astype(np.uint8)
    if seed % 3:
        values = values.repeat(2, axis=0).repeat(2 + seed % 2, axis=1)[:rows, :cols]
    minimum = int(rng.integers(2, 12))
    row_sizes = np.ones(rows, np.int64) if seed % 4 else rng.integers(1, 4, rows)
    expected = brute_force(values, row_sizes, minimum, eight)
    for height in (1, 2, 3, 5, rows):
        got = streamed(values, row_sizes, minimum, eight, int(height))
        np.testing.assert_array_equal(got, expected)
