# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.accuracy import blocks as module
from s2landcover_plugin.core.accuracy.blocks import BlockPairs, block_figures
from s2landcover_plugin.core.accuracy.bootstrap import Bootstrap
from s2landcover_plugin.core.accuracy.class_matching import same_values
from s2landcover_plugin.core.class_raster import legend_for
from s2landcover_plugin.core.raster import Grid, Window

GRID = Grid(70, 50, (600000.0, 10.0, 0.0, 5000000.0, 0.0, -10.0))
LEGEND = legend_for([1, 2, 3, 200])


@pytest.fixture
def pair():
    random = np.random.default_rng(3)
    values = np.array([0, 1, 2, 3, 200], np.uint8)
    return tuple(values[random.integers(0, 5, (50, 70))] for _ in range(2))


def counted(pair, size, step=(50, 70)) -> BlockPairs:
    found = BlockPairs(GRID, size)
    for row in range(0, 50, step[0]):
        for col in range(0, 70, step[1]):
            window = Window(col, row, min(step[1], 70 - col), min(step[0], 50 - row))
            found.add(window, *(values[window.rows, window.cols] for values in pair))
    return found


def plain(pair, rows, cols):
    mapped, actual = (values[rows, cols] for values in pair)
    values = LEGEND.values
    return [[int(((mapped == row) & (actual == col)).sum()) for col in values] for row in values]


@pytest.mark.parametrize("step", [(50, 70), (7, 16), (33, 64)])
def test_blocks_are_counted_whatever_the_windows(pair, step):
    found = counted(pair, 20, step)
    assert found.table().sum() == 50 * 70
    matrices, size = found.matrices(LEGEND, same_values())
    assert (size, matrices.shape) == (20, (12, 4, 4))
    expected = [
        plain(pair, slice(row, row + 20), slice(col, col + 20)) for row in range(0, 50, 20) for col in range(0, 70, 20)
    ]
    assert matrices.tolist() == expected


def test_blocks_are_joined_where_memory_would_not_do(pair, monkeypatch):
    monkeypatch.setattr(module, "_MOST_NUMBERS", 1000)
    matrices, size = counted(pair, 5).matrices(LEGEND, same_values())
    assert size == 10
    assert len(matrices) == 35
    assert matrices[8].tolist() == plain(pair, slice(10, 20), slice(10, 20))


def test_pairs_are_joined_as_they_come_in(pair, monkeypatch):
    monkeypatch.setattr(module, "_MOST_PAIRS", 300)
    matrices, size = counted(pair, 2, (10, 10)).matrices(LEGEND, same_values())
    assert size > 2
    assert matrices.sum(axis=0).tolist() == plain(pair, slice(None), slice(None))


def test_every_figure_has_its_interval(pair):
    matrices, size = counted(pair, 10).matrices(LEGEND, same_values())
    intervals, design = block_figures(matrices, size, LEGEND, Bootstrap(200, seed=1))
    assert (design.size, design.blocks, design.draws) == (10, 35, 200)
    low, high = intervals.headline["overall_accuracy"]
    total = matrices.sum(axis=0)
    assert low < np.trace(total) / total.sum() < high
    low, high = intervals.classes[200]["precision"]
    assert low < total[3, 3] / total[3].sum() < high
    assert set(intervals.classes[1]) == {"precision", "recall", "f1", "iou"}
