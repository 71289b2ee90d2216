# SPDX-License-Identifier: GPL-2.0-or-later
"""Objects of one class in a block of rows, by their runs: stretches of equal pixels in a row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..class_raster import ClassArray
from ..legend import NODATA
from .joining import Indices, joined

SIDE, CORNER = 1 << 24, 1
"""What a side that two pixels share counts, and a corner: no number of corners outweighs a side."""

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Edges:
    """Which objects touch, and along how much; the same pair may come several times.

    Attributes:
        first: objects, shape (edges,).
        second: the object that each of them touches.
        length: of what they share, in units of `SIDE` and `CORNER`.
    """

    first: Indices
    second: Indices
    length: Numbers

    @classmethod
    def concatenated(cls, *parts: Edges) -> Edges:
        """Return the edges of all parts."""
        return cls(
            np.concatenate([part.first for part in parts]),
            np.concatenate([part.second for part in parts]),
            np.concatenate([part.length for part in parts]),
        )

    def where(self, kept: NDArray[np.bool_]) -> Edges:
        """Return the edges for which `kept`, shape (edges,), is true."""
        places = np.flatnonzero(kept)
        return Edges(self.first.take(places), self.second.take(places), self.length.take(places))

    def renumbered(self, numbers: Indices) -> Edges:
        """Return the edges with new numbers for the objects."""
        return Edges(numbers.take(self.first), numbers.take(self.second), self.length)

    def seen_from(self, objects: NDArray[np.bool_]) -> Edges:
        """Return the edges that touch some objects, these at the first end; one between two of them comes twice."""
        turned = Edges(self.second, self.first, self.length)
        return Edges.concatenated(self.where(objects[self.first]), turned.where(objects[self.second]))


@dataclass(frozen=True)
class BlockObjects:
    """The objects of a block of rows, numbered in reading order of their first pixels; nodata makes objects too.

    Attributes:
        values: class values, shape (rows, cols).
        run_starts: first pixel of each run, as an index into the flattened block.
        run_objects: the object of each run.
        first_runs: the first run of each object.
        eight: whether pixels that share only a corner are connected.
    """

    values: ClassArray
    run_starts: Indices
    run_objects: Indices
    first_runs: Indices
    eight: bool

    @classmethod
    def found_in(cls, values: ClassArray, eight: bool) -> BlockObjects:
        """Find the objects of a block.

        Args:
            values: class values, shape (rows, cols).
            eight: whether pixels that share only a corner are connected.
        """
        starts = _starts(values)
        run_starts = np.flatnonzero(starts)
        run_of = np.cumsum(starts.ravel(), dtype=np.int32)
        run_of -= 1
        flat = values.ravel()
        pairs = [(top, bottom) for top, bottom, _ in _contacts(starts[:-1], starts[1:], eight)]
        top, bottom = (np.concatenate(side) for side in zip(*pairs))
        bottom += values.shape[1]
        same = flat[top] == flat[bottom]
        run_objects, first_runs = joined(run_starts.size, run_of[top[same]], run_of[bottom[same]])
        return cls(values, run_starts, run_objects, first_runs, eight)

    @property
    def classes(self) -> ClassArray:
        """The class value of each object."""
        return self.values.ravel()[self.first_pixels]

    @property
    def first_pixels(self) -> Indices:
        """The first pixel of each object in reading order, as an index into the flattened block."""
        return self.run_starts[self.first_runs]

    @property
    def run_lengths(self) -> Indices:
        """Pixels of each run."""
        return np.diff(self.run_starts, append=self.values.size)

    def sizes(self, row_sizes: Numbers) -> Numbers:
        """Return the size of each object.

        Args:
            row_sizes: what a pixel of each row counts, shape (rows,).
        """
        weights = self.run_lengths * row_sizes[self.run_starts // self.values.shape[1]]
        return np.bincount(self.run_objects, weights=weights).astype(np.int64)

    def row_objects(self, row: int) -> Indices:
        """Return the object of each pixel of a row, shape (cols,)."""
        cols = self.values.shape[1]
        start, stop = np.searchsorted(self.run_starts, (row * cols, (row + 1) * cols))
        lengths = np.diff(self.run_starts[start:stop], append=(row + 1) * cols)
        return np.repeat(self.run_objects[start:stop], lengths)

    def edges(self, settled: NDArray[np.bool_]) -> Edges:
        """Return which objects touch, those left out of which both are settled, or one is nodata.

        Args:
            settled: objects whose neighbours do not matter, shape (objects,).
        """
        objects = np.repeat(self.run_objects, self.run_lengths)
        cols = self.values.shape[1]
        left = self.run_starts[1:][self.run_starts[1:] % cols > 0] - 1
        contacts = [(left, left + 1, np.full(left.size, SIDE, np.int64))]
        starts = _starts(self.values)
        for top, bottom, length in _contacts(starts[:-1], starts[1:], self.eight):
            contacts.append((top, bottom + cols, length))
        parts = []
        for first, second, length in contacts:
            edges = self._between_classes(Edges(first, second, length)).renumbered(objects)
            parts.append(edges.where(~(settled[edges.first] & settled[edges.second])))
        return Edges.concatenated(*parts)

    def _between_classes(self, pixels: Edges) -> Edges:
        one, other = self.values.take(pixels.first), self.values.take(pixels.second)
        return pixels.where((one != other) & (one != NODATA) & (other != NODATA))

    def painted(self, classes: ClassArray) -> ClassArray:
        """Return the block with another class value for each object, shape (rows, cols)."""
        return np.repeat(classes[self.run_objects], self.run_lengths).reshape(self.values.shape)


def touching(above: ClassArray, below: ClassArray, eight: bool) -> tuple[Indices, Indices, Numbers]:
    """Return where two neighbouring rows touch.

    Args:
        above: class values of the upper row, shape (cols,).
        below: class values of the lower row, same shape.
        eight: whether corners count.

    Returns:
        A column of the upper row, one of the lower row, and the length of the contact of their runs there, in units of
        `SIDE` and `CORNER`; shape (contacts,) each.
    """
    parts = _contacts(_starts(above[np.newaxis]), _starts(below[np.newaxis]), eight)
    top, bottom, length = (np.concatenate(column) for column in zip(*parts))
    return top, bottom, length


def _starts(values: ClassArray) -> NDArray[np.bool_]:
    starts = np.ones(values.shape, np.bool_)
    np.not_equal(values[:, 1:], values[:, :-1], out=starts[:, 1:])
    return starts


def _contacts(
    above: NDArray[np.bool_], below: NDArray[np.bool_], eight: bool
) -> list[tuple[Indices, Indices, Numbers]]:
    """Return where runs of one row touch runs of the next.

    Args:
        above: where runs start in the upper row of each pair, shape (pairs, cols).
        below: the same of the lower rows.
        eight: whether corners count.

    Returns:
        For each direction: a pixel of the upper run, one of the lower run (indices into the flattened arrays), and the
        length of their contact.
    """
    found = [_contacts_shifted(above, below, 0)]
    if eight and above.shape[1] > 1:
        found += [_contacts_shifted(above, below, -1), _contacts_shifted(above, below, 1)]
    return found


def _contacts_shifted(
    above: NDArray[np.bool_], below: NDArray[np.bool_], shift: int
) -> tuple[Indices, Indices, Numbers]:
    cols = above.shape[1]
    width = cols - abs(shift)
    left, right = max(0, -shift), max(0, shift)
    breaks = above[:, left : left + width] | below[:, right : right + width]
    breaks[:, 0] = True
    places = np.flatnonzero(breaks)
    length = np.diff(places, append=breaks.size) * (CORNER if shift else SIDE)
    top = places + (places // width) * (cols - width) + left
    return top, top + shift, length
