# SPDX-License-Identifier: GPL-2.0-or-later
"""Which share of an image pixel each class covers: exact, and in whole numbers, so that ties are ties everywhere.

Rows and columns are apart from each other, as the label pixels lie parallel to the image's. Edges of label pixels are
rounded to a fine ruler of a fixed number of marks to the image pixel, counted from the image's corner: results do not
depend on how the image is cut into windows.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..class_raster import ClassArray
from ..errors import GridError
from ..legend import NODATA

IntArray = NDArray[np.int64]

MOST_LABELS = 10_000
"""Label pixels along one side of an image pixel, at most."""

# Marks to a label pixel. Divisible by 1 to 10, so that usual ratios such as 3 m labels on 10 m pixels come out even.
_FINE, _COARSE = 5040, 60
_FEW_LABELS = 100


@dataclass(frozen=True)
class Axis:
    """Label pixels along the rows or the columns of an image.

    Attributes:
        count: number of label pixels.
        origin: where the image begins, in label pixels from the labels' corner.
        step: label pixels to an image pixel, above 0.
    """

    count: int
    origin: float
    step: float

    def __post_init__(self) -> None:
        if not 0 < self.step <= MOST_LABELS:
            raise GridError(
                f"There are {self.step:g} label pixels along the side of an image pixel, and more than {MOST_LABELS:,} "
                "cannot be counted; resample the labels first."
            )

    @property
    def marks(self) -> int:
        """Marks of the ruler to an image pixel; even."""
        labels = max(1, round(self.step))
        return labels * (_FINE if labels <= _FEW_LABELS else _COARSE)

    def overlap(self, first: int, stop: int) -> AxisOverlap:
        """Return how label pixels cover the image pixels from `first` to before `stop`."""
        pixels = np.arange(first, stop + 1, dtype=np.int64) * self.marks
        begin = math.floor(self.origin + first * self.step) - 1
        labels = np.arange(begin, math.ceil(self.origin + stop * self.step) + 2, dtype=np.int64)
        edges = self._place(labels)
        inside = edges[(edges > pixels[0]) & (edges < pixels[-1])]
        bounds = np.unique(np.concatenate([pixels, inside]))
        parts = begin + np.searchsorted(edges, bounds[:-1], side="right") - 1
        middles = self._place(labels[:-1] + 0.5)
        owned = labels[:-1][(middles >= pixels[0]) & (middles < pixels[-1])]
        centres = begin + np.searchsorted(edges, pixels[:-1] + self.marks // 2, side="right") - 1
        return AxisOverlap.of(parts, np.diff(bounds), np.searchsorted(bounds, pixels[:-1]), centres, owned)

    def _place(self, labels: NDArray[Any]) -> IntArray:
        """Return positions on the ruler from positions in label pixels."""
        return np.rint((labels - self.origin) / self.step * self.marks).astype(np.int64)


@dataclass(frozen=True)
class AxisOverlap:
    """How label pixels cover some image pixels along one axis.

    Label pixels may lie before the first (negative) or behind the last one that exists.

    Attributes:
        start: the first label pixel.
        stop: the one behind the last.
        parts: the label pixel of each part, from `start`; cut at the edges of image pixels.
        lengths: of the parts, in common units.
        firsts: the first part of each image pixel.
        centres: the label pixel at each image pixel's centre, from `start`.
        owned: label pixels whose centres lie here, from `start`; each belongs to one window only.
        total: length of an image pixel.
    """

    start: int
    stop: int
    parts: IntArray
    lengths: IntArray
    firsts: IntArray
    centres: IntArray
    owned: slice
    total: int

    @classmethod
    def of(
        cls, parts: IntArray, lengths: IntArray, firsts: IntArray, centres: IntArray, owned: IntArray
    ) -> AxisOverlap:
        """Return the overlap from label pixels by their numbers; `parts` are in rising order."""
        start, stop = int(parts[0]), int(parts[-1]) + 1
        unit = int(np.gcd.reduce(lengths))
        total = int(np.add.reduceat(lengths, firsts)[0]) // unit
        here = slice(int(owned[0]) - start, int(owned[-1]) + 1 - start) if len(owned) else slice(0, 0)
        here = slice(max(here.start, 0), max(here.stop, 0))
        return cls(start, stop, parts - start, lengths // unit, firsts, centres - start, here, total)

    @property
    def nested(self) -> int:
        """Label pixels to an image pixel, if every one lies in one image pixel as a whole and all are equal; else 0."""
        each = len(self.parts) // len(self.firsts)
        whole = each == self.total and len(self.parts) == each * len(self.firsts) == self.stop - self.start
        return each if whole else 0


def nested_axis(pixels: int, factor: int) -> Axis:
    """Return the axis of labels that lie on the image's own pixels, each divided by `factor`."""
    return Axis(pixels * factor, 0.0, float(factor))


@dataclass(frozen=True)
class LabelBlock:
    """Labels over a window of an image.

    Attributes:
        codes: class values, 0 where there is no label, shape (down.stop - down.start, across.stop - across.start).
        values: what `codes` holds; may name a value too many.
        down: how rows of labels cover rows of the window.
        across: the same of columns.
    """

    codes: ClassArray
    values: tuple[int, ...]
    down: AxisOverlap
    across: AxisOverlap

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the window."""
        return len(self.down.firsts), len(self.across.firsts)

    @property
    def total(self) -> int:
        """Area of an image pixel."""
        return self.down.total * self.across.total

    def areas(self, order: Sequence[int]) -> Iterator[tuple[int, IntArray]]:
        """Yield the area that each class covers in every pixel, shape as `shape`, the classes in this order."""
        for value in order:
            if value in self.values and value != NODATA:
                yield value, self._area(value)

    @property
    def nested(self) -> tuple[int, int]:
        """Rows and columns of labels to an image pixel, if each lies in one image pixel as a whole; else a 0."""
        return self.down.nested, self.across.nested

    def at_centres(self) -> ClassArray:
        """Return the label at every pixel's centre, shape as `shape`."""
        return self.codes[self.down.centres][:, self.across.centres]

    def _area(self, value: int) -> IntArray:
        if len(self.values) == 1:
            return np.full(self.shape, self.total, np.int64)
        mask = self.codes == value
        if all(self.nested):
            return _block_sums(mask, *self.nested)
        rows = np.add.reduceat(mask[self.down.parts] * self.down.lengths[:, np.newaxis], self.down.firsts, axis=0)
        area: IntArray = np.add.reduceat(rows[:, self.across.parts] * self.across.lengths, self.across.firsts, axis=1)
        return area


@dataclass(frozen=True)
class MixedPixels:
    """Image pixels in which several labels lie.

    Attributes:
        codes: class values, 0 where there is no label, shape (pixels, labels to a pixel).
        values: what `codes` holds; may name a value too many.
    """

    codes: ClassArray
    values: tuple[int, ...]

    @property
    def shape(self) -> tuple[int]:
        """Number of pixels."""
        return (len(self.codes),)

    @property
    def total(self) -> int:
        """Area of an image pixel."""
        total: int = self.codes.shape[1]
        return total

    def areas(self, order: Sequence[int]) -> Iterator[tuple[int, IntArray]]:
        """Yield the area that each class covers in every pixel, shape as `shape`, the classes in this order."""
        for value in order:
            if value in self.values and value != NODATA:
                yield value, (self.codes == value).sum(axis=1, dtype=np.int64)


def set_apart(block: LabelBlock) -> tuple[ClassArray, NDArray[np.bool_], MixedPixels] | None:
    """Set the pixels with several labels apart from those with one: few lie on borders, and only these need counting.

    Args:
        block: what is looked at.

    Returns:
        The lowest label of each pixel, where there are others besides, both of the block's shape, and these pixels;
        None if labels do not lie in one pixel as a whole each, or most pixels have several.
    """
    down, across = block.nested
    if not (down and across):
        return None
    rows, cols = block.shape
    cells = block.codes.reshape(rows, down, cols, across)
    lines = block.codes.reshape(rows, down, cols * across)
    low, high = (_extreme(pick.reduce(lines, axis=1), across, pick) for pick in (np.minimum, np.maximum))
    mixed = low != high
    row, col = np.nonzero(mixed)
    if 2 * len(row) > mixed.size:
        return None
    return low, mixed, MixedPixels(cells[row, :, col].reshape(len(row), down * across), block.values)


def _extreme(lines: ClassArray, across: int, pick: np.ufunc) -> ClassArray:
    """Return the least or greatest of every `across` columns: slice by slice, as reducing short runs is slow."""
    extreme: ClassArray = functools.reduce(pick, (lines[:, first::across] for first in range(across)))
    return extreme


def _block_sums(mask: NDArray[np.bool_], down: int, across: int) -> IntArray:
    """Count True in blocks of `down` x `across` pixels; down the rows first, where the processor adds many at once."""
    rows, cols = mask.shape
    kind = np.uint8 if down <= 255 else np.uint32
    columns = mask.view(np.uint8).reshape(rows // down, down, cols).sum(axis=1, dtype=kind)
    sums: IntArray = columns.reshape(rows // down, cols // across, across).sum(axis=2, dtype=np.int64)
    return sums
