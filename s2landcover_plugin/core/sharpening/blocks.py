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
from collections.abc import Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..pipeline import read_ahead, wait_for
from ..progress import Progress
from ..radiometry import STORED_DTYPE, BoolArray, FloatArray, to_stored
from ..raster import Grid, Window
from .fitting import BandFit
from .methods import SUPPORT, Guidance, sharpen
from .multiresolution import repeat
from .patch import Patch
from .stack import StackPlan, StackReader

# Fine pixels held at once, per plane.
_BLOCK_PIXELS = 3_000_000
# A block's rows are a multiple of the tiles that the output is stored in, so that none is written twice.
_TILE_ROWS = 256
# What GDAL may keep of the input; forgetting sooner would decompress more of it twice.
_CACHE_BYTES = 200_000_000
# Columns worked on at once.
_TILE_COLS = 768

Image = tuple[FloatArray, BoolArray]
"""Reflectance and validity, each of shape (rows, cols)."""


@dataclass(frozen=True, eq=False)
class _Block:
    """Whole rows of every band, with as many rows above and below as sharpening needs.

    Attributes:
        window: the rows to sharpen, fine pixels.
        images: by band, in its own pixels.
        first: the first row of every image, in its own pixels.
    """

    window: Window
    images: Mapping[str, Image]
    first: Mapping[str, int]

    def cut(self, band: str, window: Window) -> Image:
        """Return the part of a band inside a window of its own pixels."""
        rows = slice(window.row - self.first[band], window.row - self.first[band] + window.height)
        cols = slice(window.col, window.col + window.width)
        reflectance, valid = self.images[band]
        return reflectance[rows, cols], valid[rows, cols]


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
    windows, columns = list(_row_windows(plan.grid)), list(_column_tiles(plan.grid))
    total = len(windows) * len(columns)
    done = 0
    with contextlib.ExitStack() as closing:
        pool = closing.enter_context(ThreadPoolExecutor(max_workers=os.cpu_count()))
        blocks = closing.enter_context(
            contextlib.closing(read_ahead(_read_blocks(stack, plan, method, windows, stop), progress.check))
        )
        closing.callback(stop.set)
        for block in blocks:
            stored = np.empty((len(plan.factors), block.window.height, block.window.width), dtype=STORED_DTYPE)
            tiles = [pool.submit(_fill_tile, stored, block, tile, plan, method, fits, stop) for tile in columns]
            for tile in tiles:
                progress.check()
                wait_for(tile, progress.check)
                done += 1
                progress.fraction(done / total)
            yield block.window, stored


def _fill_tile(
    stored: NDArray[np.uint16],
    block: _Block,
    columns: slice,
    plan: StackPlan,
    method: str,
    fits: Mapping[str, BandFit],
    stop: threading.Event,
) -> None:
    """Sharpen some columns of a block into `stored`."""
    window = Window(columns.start, block.window.row, columns.stop - columns.start, block.window.height)
    guidance: dict[int, Guidance] = {}
    for out, (band, factor) in zip(stored, plan.factors.items()):
        if stop.is_set():
            return
        if factor == 1:
            reflectance, valid = block.cut(band, window)
        else:
            patch, trim = _patch(block, band, window, plan, method)
            valid = (patch.guides_valid & repeat(patch.coarse_valid, factor))[trim]
            if method == "regression" and not (factor in guidance and guidance[factor].suits(patch, fits[band])):
                guidance[factor] = Guidance.of(patch, fits[band])
            reflectance = sharpen(patch, method, fits.get(band), guidance.get(factor))[trim]
        out[:, columns] = to_stored(reflectance, valid)


def _patch(block: _Block, band: str, window: Window, plan: StackPlan, method: str) -> tuple[Patch, tuple[slice, slice]]:
    """Return a band's patch for a window, with the halo that it needs, and where the window lies in it."""
    factor = plan.factors[band]
    inner = _grown(window, SUPPORT * factor, plan.grid, factor)
    coarse, coarse_valid = block.cut(band, inner.coarsened(factor))
    valid = np.ones((inner.height, inner.width), dtype=bool)
    guides = np.empty((len(plan.guides) if method != "none" else 0, inner.height, inner.width), dtype=np.float32)
    for image, guide in zip(guides, plan.guides):
        image[...], known = block.cut(guide, inner)
        valid &= known
    row, col = window.row - inner.row, window.col - inner.col
    return Patch.of(coarse, guides, factor, coarse_valid, valid), np.s_[
        row : row + window.height, col : col + window.width
    ]


def _read_blocks(
    stack: StackReader, plan: StackPlan, method: str, windows: list[Window], stop: threading.Event
) -> Iterator[_Block]:
    """Yield blocks one after the other, every row of the files being read once."""
    guides = plan.guides if method != "none" else ()
    factors = {**dict.fromkeys(guides, 1), **plan.factors}
    widest, step = max(factors.values()), math.lcm(*factors.values())
    kept = {band: _Rows(stack, band, plan.grid.width // factor) for band, factor in factors.items()}
    pixels = 0
    for window in windows:
        images, first = {}, {}
        for band, factor in factors.items():
            if stop.is_set():
                return
            if band in guides:
                around = _grown(window, SUPPORT * widest, plan.grid, step)
            else:
                around = _grown(window, SUPPORT * factor if factor > 1 else 0, plan.grid, factor).coarsened(factor)
            images[band], first[band] = kept[band].read(around.row, around.row + around.height), around.row
        pixels += sum(valid.size for _, valid in images.values())
        if pixels * np.dtype(STORED_DTYPE).itemsize > _CACHE_BYTES:
            stack.forget()
            pixels = 0
        yield _Block(window, images, first)


class _Rows:
    """Rows of a band, read from top to bottom; those that consecutive requests share are kept."""

    def __init__(self, stack: StackReader, band: str, width: int) -> None:
        self._stack, self._band, self._width = stack, band, width
        self._first = self._last = 0
        self._image: Image = np.empty((0, width), dtype=np.float32), np.empty((0, width), dtype=bool)

    def read(self, first: int, last: int) -> Image:
        """Return rows `first` to `last` (exclusive); neither may be smaller than the time before."""
        reflectance, valid = self._image[0][first - self._first :], self._image[1][first - self._first :]
        start = max(first, self._last)
        if start < last:
            window = Window(0, start, self._width, last - start)
            new_reflectance, new_valid = self._stack.read(self._band, window)
            reflectance = np.concatenate([reflectance, new_reflectance])
            valid = np.concatenate([valid, new_valid])
            self._last = last
        self._image, self._first = (reflectance, valid), first
        return self._image


def _row_windows(grid: Grid) -> Iterator[Window]:
    """Yield blocks of whole rows, each starting on a row of the output's tiles."""
    rows = max(1, _BLOCK_PIXELS // (grid.width * _TILE_ROWS)) * _TILE_ROWS
    for row in range(0, grid.height, rows):
        yield Window(0, row, grid.width, min(rows, grid.height - row))


def _column_tiles(grid: Grid) -> Iterator[slice]:
    for col in range(0, grid.width, _TILE_COLS):
        yield slice(col, min(col + _TILE_COLS, grid.width))


def _grown(window: Window, halo: int, grid: Grid, step: int) -> Window:
    """Return a window with a halo on every side, and on to multiples of `step`, as far as the grid reaches."""

    def start(position: int) -> int:
        return max(0, (position - halo) // step * step)

    def end(position: int, size: int) -> int:
        return min(size, -(-(position + halo) // step) * step)

    row, col = start(window.row), start(window.col)
    return Window(
        col, row, end(window.col + window.width, grid.width) - col, end(window.row + window.height, grid.height) - row
    )
