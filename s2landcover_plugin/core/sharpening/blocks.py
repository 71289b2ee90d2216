# SPDX-License-Identifier: GPL-2.0-or-later
"""A stack of bands, sharpened block by block of rows: reading ahead, and tiles of a block on all cores.

Tiles are small enough for the processor's cache, which makes the many sums over windows several times faster than on
whole rows, and lets a user's wish to cancel be heard at once. Memory depends on the scene's width only.
"""

from __future__ import annotations

import contextlib
import math
import os
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..pipeline import read_ahead, wait_for
from ..progress import Progress
from ..radiometry import STORED_DTYPE, BoolArray, FloatArray, to_stored
from ..raster import Grid, Window
from .fitting import BandFit
from .methods import GUIDED, sharpen, support
from .multiresolution import repeat
from .patch import Patch
from .regression import Guidance
from .stack import StackPlan, StackReader

# Fine pixels held at once, per plane.
_BLOCK_PIXELS = 3_000_000
# A block's rows are a multiple of the tiles that the output is stored in, so that none is written twice.
_TILE_ROWS = 256
# Columns worked on at once.
_TILE_COLS = 768
# Each takes some 45 MB; more of them wait for the input and the output anyway.
_MOST_THREADS = 8

Image = tuple[FloatArray, BoolArray]
"""Reflectance and validity, each of shape (rows, cols)."""


@dataclass(frozen=True)
class _Task:
    """What is to be done.

    Attributes:
        plan: how the bands come together.
        method: one of `METHODS`.
        fits: by coarse band.
    """

    plan: StackPlan
    method: str
    fits: Mapping[str, BandFit]

    @property
    def guides(self) -> tuple[str, ...]:
        """The bands that the method looks at to sharpen others."""
        return self.plan.guides if self.method != "none" else ()

    def halo(self, band: str) -> int:
        """Return how far the method looks around a pixel of a coarse band, fine pixels."""
        fits = [self.fits[band]] if band in self.fits else []
        return support(self.method, fits) * self.plan.factors[band]


@dataclass(frozen=True, eq=False)
class _Block:
    """Rows of every band, with as much around them as sharpening needs.

    Attributes:
        window: the rows to sharpen, fine pixels.
        images: by band, in its own pixels.
        areas: what every image shows, in its own pixels.
    """

    window: Window
    images: Mapping[str, Image]
    areas: Mapping[str, Window]

    def cut(self, band: str, window: Window) -> Image:
        """Return the part of a band inside a window of its own pixels."""
        area = self.areas[band]
        inside = replace(window, col=window.col - area.col, row=window.row - area.row)
        reflectance, valid = self.images[band]
        return reflectance[inside.rows, inside.cols], valid[inside.rows, inside.cols]


def sharpened_blocks(
    stack: StackReader, plan: StackPlan, method: str, fits: Mapping[str, BandFit], progress: Progress
) -> Generator[tuple[Window, NDArray[np.uint16]], None, None]:
    """Yield the stack block by block: the window, and its bands as they are stored, shape (bands, rows, cols).

    Close the generator (`contextlib.closing`) to be sure that its threads have stopped.

    Args:
        stack: the open product.
        plan: how its bands come together.
        method: one of `METHODS`.
        fits: what `fit_stack` says about the coarse bands.
        progress: hears how far it is, and may cancel.
    """
    stop = threading.Event()
    task = _Task(plan, method, fits)
    windows, columns = list(_row_windows(plan.grid)), list(_column_tiles(plan.grid))
    total = len(windows) * len(columns)
    done = 0
    with contextlib.ExitStack() as closing:
        pool = closing.enter_context(ThreadPoolExecutor(max_workers=_threads()))
        blocks = closing.enter_context(
            contextlib.closing(read_ahead(_read_blocks(stack, task, windows, stop), progress.check))
        )
        closing.callback(stop.set)
        for block in blocks:
            stored = np.empty((len(plan.factors), block.window.height, block.window.width), dtype=STORED_DTYPE)
            tiles = [pool.submit(_fill_tile, stored, block, tile, task, stop) for tile in columns]
            for tile in tiles:
                progress.check()
                wait_for(tile, progress.check)
                done += 1
                progress.fraction(done / total)
            yield block.window, stored


def _fill_tile(stored: NDArray[np.uint16], block: _Block, columns: slice, task: _Task, stop: threading.Event) -> None:
    """Sharpen some columns of a block into `stored`."""
    window = Window(columns.start, block.window.row, columns.stop - columns.start, block.window.height)
    guidance: dict[int, Guidance] = {}
    for out, (band, factor) in zip(stored, task.plan.factors.items()):
        if stop.is_set():
            return
        if factor == 1:
            reflectance, valid = block.cut(band, window)
        else:
            patch, trim = _patch(block, band, window, task)
            fit = task.fits.get(band)
            valid = (patch.guides_valid & repeat(patch.coarse_valid, factor))[trim]
            if fit and task.method in GUIDED and not (factor in guidance and guidance[factor].suits(patch, fit)):
                guidance[factor] = Guidance.of(patch, fit)
            reflectance = sharpen(patch, task.method, fit, guidance.get(factor))[trim]
        out[:, columns] = to_stored(reflectance, valid)


def _patch(block: _Block, band: str, window: Window, task: _Task) -> tuple[Patch, tuple[slice, slice]]:
    """Return a band's patch for a window, with the halo that it needs, and where the window lies in it."""
    factor = task.plan.factors[band]
    inner = _grown(window, task.halo(band), task.plan.scene, factor)
    coarse, coarse_valid = block.cut(band, inner.coarsened(factor))
    valid = np.ones((inner.height, inner.width), dtype=bool)
    guides = np.empty((len(task.guides), inner.height, inner.width), dtype=np.float32)
    for image, guide in zip(guides, task.guides):
        image[...], known = block.cut(guide, inner)
        valid &= known
    row, col = window.row - inner.row, window.col - inner.col
    return Patch.of(coarse, guides, factor, coarse_valid, valid), np.s_[
        row : row + window.height, col : col + window.width
    ]


def _read_blocks(stack: StackReader, task: _Task, windows: Sequence[Window], stop: threading.Event) -> Iterator[_Block]:
    """Yield blocks one after the other, every row of the files being read once, and all files at the same time."""
    bands = tuple(dict.fromkeys((*task.guides, *task.plan.factors)))
    rows = {band: _Rows(stack, band) for band in bands}
    files = stack.by_file(bands)
    with ThreadPoolExecutor(max_workers=min(len(files), _threads())) as pool:
        for window in windows:
            areas = {band: _area(band, window, task) for band in bands}
            images: dict[str, Image] = {}
            for read in [pool.submit(_read_file, file, rows, areas, stop) for file in files]:
                images.update(read.result())
            if stop.is_set():
                return
            yield _Block(window, images, areas)


def _read_file(
    bands: Sequence[str], rows: Mapping[str, _Rows], areas: Mapping[str, Window], stop: threading.Event
) -> dict[str, Image]:
    """Return the bands of one file, each inside its area; none once it is time to stop."""
    images = {}
    for band in bands:
        if stop.is_set():
            break
        images[band] = rows[band].read(areas[band])
    return images


def _threads() -> int:
    return min(os.cpu_count() or 1, _MOST_THREADS)


def _area(band: str, window: Window, task: _Task) -> Window:
    """Return what has to be read of a band to sharpen a window of the scene, in the band's own pixels."""
    plan = task.plan
    factor = plan.factors.get(band, 1)
    if factor > 1:
        return _grown(window, task.halo(band), plan.scene, factor).coarsened(factor)
    if band not in task.guides:
        return window
    farthest = max(task.halo(coarse) for coarse in plan.coarse)
    return _grown(window, farthest, plan.scene, math.lcm(*plan.factors.values()))


class _Rows:
    """Rows of a band, read from top to bottom; those that consecutive requests share are kept."""

    def __init__(self, stack: StackReader, band: str) -> None:
        self._stack, self._band = stack, band
        self._area: Window | None = None
        self._image: Image = np.empty((0, 0), dtype=np.float32), np.empty((0, 0), dtype=bool)

    def read(self, area: Window) -> Image:
        """Return the band inside an area; from one to the next, only the rows change, and they never go up."""
        if self._area is None:
            self._image = self._stack.read_on(self._band, area)
        else:
            gone = area.row - self._area.row
            self._image = self._image[0][gone:], self._image[1][gone:]
            known = len(self._image[0])
            if known < area.height:
                self._append(replace(area, row=area.row + known, height=area.height - known))
        self._area = area
        return self._image

    def _append(self, window: Window) -> None:
        reflectance, valid = self._stack.read_on(self._band, window)
        self._image = np.concatenate([self._image[0], reflectance]), np.concatenate([self._image[1], valid])


def _row_windows(grid: Grid) -> Iterator[Window]:
    """Yield blocks of whole rows, each starting on a row of the output's tiles."""
    rows = max(1, _BLOCK_PIXELS // (grid.width * _TILE_ROWS)) * _TILE_ROWS
    for row in range(0, grid.height, rows):
        yield Window(0, row, grid.width, min(rows, grid.height - row))


def _column_tiles(grid: Grid) -> Iterator[slice]:
    for col in range(0, grid.width, _TILE_COLS):
        yield slice(col, min(col + _TILE_COLS, grid.width))


def _grown(window: Window, halo: int, scene: Window, step: int) -> Window:
    """Return a window with a halo on every side, and on to multiples of `step`, as far as the scene reaches."""

    def start(position: int, first: int) -> int:
        return max(first, (position - halo) // step * step)

    def end(position: int, last: int) -> int:
        return min(last, -(-(position + halo) // step) * step)

    col, row = start(window.col, scene.col), start(window.row, scene.row)
    end_col = end(window.col + window.width, scene.col + scene.width)
    end_row = end(window.row + window.height, scene.row + scene.height)
    return Window(col, row, end_col - col, end_row - row)
