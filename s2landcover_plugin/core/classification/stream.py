# SPDX-License-Identifier: GPL-2.0-or-later
"""A model over a raster: one pass from top to bottom, in memory that depends on the raster's width only.

Reading, preparing the next window, running the network on this one, blending the one before and writing finished rows
go on at the same time, each in a thread; nothing waits in line but one item a step.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass

import numpy as np

from ..models.inference import SegmentationModel
from ..pipeline import WriteBehind, read_ahead
from ..progress import Progress
from ..radiometry import BoolArray, FloatArray
from ..raster import Array, Window
from ..scene import Scene
from .blending import WindowBlend
from .map_output import MapWriter
from .prepare import network_input
from .strips import Strip, strips
from .windows import AxisPlan

_BLOCK_ROWS = 64  # of a window at a time: they stay in the processor's cache


@dataclass(frozen=True)
class Job:
    """What to run on what.

    Attributes:
        scene: the raster.
        model: the model.
        rows: the windows down the raster.
        cols: the windows across it.
    """

    scene: Scene
    model: SegmentationModel
    rows: AxisPlan
    cols: AxisPlan


@dataclass(frozen=True)
class _Prepared:
    """A window, ready for the network.

    Attributes:
        row: its number, from the top.
        col: its number, from the left.
        valid: which of its pixels get a class, shape (rows, cols).
        feed: what the graph takes, padded; None if no pixel gets a class.
    """

    row: int
    col: int
    valid: BoolArray
    feed: FloatArray | None


def run(job: Job, maps: MapWriter, progress: Progress) -> Array:
    """Classify every pixel; return the pixels of each class value, shape (256,), 0 being nodata.

    Raises:
        LandCoverError: if the raster is damaged, the model fails, the disk is full, or the user cancelled.
    """
    total = len(job.rows.starts) * len(job.cols.starts)
    with WriteBehind() as writer, WriteBehind() as blender, _prepared_ahead(job, progress) as windows:
        rows = _FinishedRows(job, maps, writer)
        for number, window in enumerate(windows, start=1):
            output = None if window.feed is None else job.model.run(window.feed, progress.check)
            progress.check()
            blender.submit(rows.add, window, output)
            progress.fraction(number / total)
        blender.finish()
        return rows.counts


@contextlib.contextmanager
def _prepared_ahead(job: Job, progress: Progress) -> Iterator[Iterator[_Prepared]]:
    with contextlib.closing(read_ahead(_windows(job), progress.check)) as windows:
        yield windows


def _windows(job: Job) -> Generator[_Prepared, None, None]:
    with contextlib.closing(strips(job.scene, job.rows)) as rows:
        for row, strip in enumerate(rows):
            for col in range(len(job.cols.starts)):
                yield _prepare(job, strip, row, col)


def _prepare(job: Job, strip: Strip, row: int, col: int) -> _Prepared:
    cols = job.cols.pixels(col)
    valid = strip.valid[:, cols].copy()  # the strip is overwritten while this window is still under way
    if not valid.any():
        return _Prepared(row, col, valid, None)
    size = job.rows.padded(row), job.cols.padded(col)
    origin = job.rows.starts[row], cols.start
    feed = network_input(job.scene, job.model, strip.stored[:, :, cols], valid, origin, size)
    return _Prepared(row, col, valid, feed)


class _FinishedRows:
    """Collects finished pixels until a strip is complete, and has it written.

    Attributes:
        counts: pixels of each class value, shape (256,), so far.
    """

    def __init__(self, job: Job, maps: MapWriter, writer: WriteBehind) -> None:
        self.counts: Array = np.zeros(256, np.int64)
        self._job, self._maps, self._writer = job, maps, writer
        self._blend = WindowBlend(len(job.model.contract.legend), job.rows, job.cols)
        self._strip: tuple[Array, ...] = ()

    def add(self, window: _Prepared, output: FloatArray | None) -> None:
        """Add what the graph gave for a window; windows come in order."""
        job = self._job
        height = job.rows.final(window.row)
        if window.col == 0:
            self._strip = self._maps.new_rows(height, job.cols.length)
        start, width = job.cols.starts[window.col], job.cols.final(window.col)
        place = [rows[:, :, start : start + width] for rows in self._strip]
        valid = window.valid[:height, :width]
        if output is None:
            self._blend.skip(window.row, window.col)
            self._maps.clear(place)
        else:
            probabilities = job.model.probabilities(output)[0]
            unpadded = probabilities[:, : window.valid.shape[0], : window.valid.shape[1]]
            finished = self._blend.add(window.row, window.col, unpadded)
            for top in range(0, height, _BLOCK_ROWS):
                block = slice(top, top + _BLOCK_ROWS)
                self._maps.fill(finished[:, block], valid[block], [rows[:, block] for rows in place])
        self.counts += np.bincount(place[0].ravel(), minlength=256)
        if window.col == len(job.cols.starts) - 1:
            area = Window(0, job.rows.starts[window.row], job.cols.length, height)
            self._writer.submit(self._maps.write, area, self._strip)
