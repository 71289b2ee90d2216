# SPDX-License-Identifier: GPL-2.0-or-later
"""A model over a raster: one pass from top to bottom, in memory that depends on the raster's width only.

Reading, preparing the next window, running the network on this one, blending the one before and writing finished rows
go on at the same time, each in a thread; nothing waits in line but one item a step.
"""

from __future__ import annotations

import contextlib
import math
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..legend import NODATA
from ..models.inference import SegmentationModel
from ..pipeline import WriteBehind, read_ahead
from ..progress import Progress
from ..radiometry import BoolArray, FloatArray
from ..raster import Array
from ..scene import Scene
from .augmentation import Predictor
from .blending import WindowBlend
from .limits import Region, Wanted
from .map_output import MapWriter
from .prepare import network_input
from .strips import Strip, strips
from .windows import AxisPlan

_BLOCK_ROWS = 64  # of a window at a time: they stay in the processor's cache


@dataclass(frozen=True)
class Job:
    """What to run on what.

    Attributes:
        scene: the scene.
        wanted: which of its pixels get a class.
        region: the part of the scene that is mapped.
        model: the model.
        predictor: asks the model.
        rows: the windows down the part that is processed.
        cols: the windows across it.
        batch: windows that the model is given at a time.
    """

    scene: Scene
    wanted: Wanted
    region: Region
    model: SegmentationModel
    predictor: Predictor
    rows: AxisPlan
    cols: AxisPlan
    batch: int = 1


@dataclass(frozen=True)
class _Prepared:
    """A window, ready for the network.

    Attributes:
        row: its number, from the top.
        col: its number, from the left.
        wanted: which of its pixels get a class, shape (rows, cols).
        feed: what the graph takes, padded; None if no pixel gets a class.
    """

    row: int
    col: int
    wanted: BoolArray
    feed: FloatArray | None


def run(job: Job, maps: MapWriter, progress: Progress, meanwhile: Callable[[], None] = lambda: None) -> int:
    """Classify; return how many pixels of the map have a class.

    Args:
        job: what to run on what.
        maps: takes what is finished.
        progress: hears how far it is.
        meanwhile: called once, while the first windows are read; must leave the scene alone.

    Raises:
        LandCoverError: if the raster is damaged, the model fails, the disk is full, or the user cancelled.
    """
    total, done = len(job.rows.starts) * len(job.cols.starts), 0
    memory = _Recycled(len(job.model.contract.bands) * job.rows.size * job.cols.size)
    with WriteBehind() as writer, WriteBehind() as blender, _prepared_ahead(job, memory, progress) as windows:
        meanwhile()
        rows = _FinishedRows(job, maps, writer)
        for batch in _batches(windows, job.batch):
            feeds = [window.feed for window in batch if window.feed is not None]
            output = job.predictor.run(_joined(feeds), progress.check) if feeds else None
            memory.give_back(feeds)
            progress.check()
            blender.submit(rows.add, batch, output)
            done += len(batch)
            progress.fraction(done / total)
        blender.finish()
        return rows.classified


def _batches(windows: Iterator[_Prepared], most: int) -> Iterator[list[_Prepared]]:
    """Yield windows in their order, at most so many at a time that the network has to see, all of one shape."""
    batch: list[_Prepared] = []
    for window in windows:
        shapes = [each.feed.shape for each in (*batch, window) if each.feed is not None]
        if batch and (len(shapes) > most or len(set(shapes)) > 1):
            yield batch
            batch = []
        batch.append(window)
        if most == 1:
            yield batch
            batch = []
    if batch:
        yield batch


def _joined(feeds: Sequence[FloatArray]) -> FloatArray:
    return feeds[0] if len(feeds) == 1 else np.concatenate(feeds)


class _Recycled:
    """Memory of windows, used again: the system takes longer to hand out new memory than it takes to fill it.

    Args:
        size: numbers that the largest window has.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._idle: deque[FloatArray] = deque(maxlen=2)

    def take(self, shape: tuple[int, ...]) -> FloatArray:
        """Return an array of at most `size` numbers, whatever they are."""
        whole: FloatArray = self._idle.popleft() if self._idle else np.empty(self._size, np.float32)
        return whole[: math.prod(shape)].reshape(shape)

    def give_back(self, arrays: Sequence[FloatArray]) -> None:
        """Take back arrays that nobody looks at any more; others than `take` returned are left alone."""
        self._idle.extend(array.base for array in arrays if array.base is not None and array.base.size == self._size)


@contextlib.contextmanager
def _prepared_ahead(job: Job, memory: _Recycled, progress: Progress) -> Iterator[Iterator[_Prepared]]:
    with contextlib.closing(read_ahead(_windows(job, memory), progress.check)) as windows:
        yield windows


def _windows(job: Job, memory: _Recycled) -> Generator[_Prepared, None, None]:
    with contextlib.closing(strips(job.scene, job.wanted, job.region.processed, job.rows)) as rows:
        for row, strip in enumerate(rows):
            for col in range(len(job.cols.starts)):
                yield _prepare(job, memory, strip, row, col)


def _prepare(job: Job, memory: _Recycled, strip: Strip, row: int, col: int) -> _Prepared:
    cols = job.cols.pixels(col)
    wanted = strip.wanted[:, cols].copy()  # the strip is overwritten while this window is still under way
    if not wanted.any():
        return _Prepared(row, col, wanted, None)
    out = memory.take((1, len(strip.stored), job.rows.padded(row), job.cols.padded(col)))
    origin = job.region.processed.row + job.rows.starts[row], job.region.processed.col + cols.start
    feed = network_input(job.scene, job.model, strip.stored[:, :, cols], strip.valid[:, cols], origin, out)
    return _Prepared(row, col, wanted, feed)


class _FinishedRows:
    """Collects finished pixels until a strip is complete, and has it written.

    Attributes:
        classified: how many pixels of the map have a class, so far.
    """

    def __init__(self, job: Job, maps: MapWriter, writer: WriteBehind) -> None:
        self.classified = 0
        self._job, self._maps, self._writer = job, maps, writer
        self._blend = WindowBlend(len(job.model.contract.legend), job.rows, job.cols)
        self._strip: tuple[Array, ...] = ()

    def add(self, windows: Sequence[_Prepared], output: FloatArray | None) -> None:
        """Add what the graph gave for windows; they come in order."""
        probabilities = iter(() if output is None else self._job.predictor.probabilities(output))
        for window in windows:
            if window.col == 0:
                self._strip = self._maps.new_rows(self._job.rows.final(window.row), self._job.cols.length)
            self._add(window, None if window.feed is None else next(probabilities))
            if window.col == len(self._job.cols.starts) - 1:
                self._write(self._job.rows.starts[window.row])

    def _add(self, window: _Prepared, probabilities: FloatArray | None) -> None:
        start, width = self._job.cols.starts[window.col], self._job.cols.final(window.col)
        place = [rows[:, :, start : start + width] for rows in self._strip]
        if probabilities is None:
            self._blend.skip(window.row, window.col)
            self._maps.clear(place)
            return
        height, all_cols = window.wanted.shape
        finished = self._blend.add(window.row, window.col, probabilities[:, :height, :all_cols])
        for top in range(0, finished.shape[1], _BLOCK_ROWS):
            block = slice(top, min(top + _BLOCK_ROWS, finished.shape[1]))
            self._maps.fill(finished[:, block], window.wanted[block, :width], [rows[:, block] for rows in place])

    def _write(self, top: int) -> None:
        crops = [self._job.region.crop(top, rows) for rows in self._strip]
        written = [crop for crop in crops if crop is not None]
        if written:
            arrays, window = [array for array, _ in written], written[0][1]
            self.classified += int(np.count_nonzero(arrays[0] != NODATA))
            self._writer.submit(self._maps.write, window, arrays)
