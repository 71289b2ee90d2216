# SPDX-License-Identifier: GPL-2.0-or-later
"""Small objects of a raster that comes in blocks of rows, given to their neighbours as soon as that can be told.

The rule, for the raster as a whole: of all objects that are too small and touch another class, the smallest one (of
equal ones the first in reading order) takes the class that it shares the longest boundary with, and is one object with
its neighbours of that class from then on; and so on until there is none left. An object smaller than all its
neighbours has the same fate whenever its turn comes: nothing that touches it changes before. So all of these are done
at once, and the result does not depend on how the raster was cut into blocks.

Kept in memory are the objects that reach the last row read, those too small whose neighbours are not all decided, and
one byte for every object of a block.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..class_raster import ClassArray
from ..legend import NODATA
from .joining import Indices, joined
from .objects import BlockObjects, Edges, Numbers, touching


@dataclass(frozen=True)
class _Objects:
    """Objects that are not decided yet or may still be touched, in reading order of their first pixels.

    Attributes:
        classes: class values, shape (objects,).
        sizes: sizes, never more than the smallest allowed.
        odd: whether row + column of the first pixel is odd.
        open: whether the object reaches the last row read.
    """

    classes: ClassArray
    sizes: Numbers
    odd: NDArray[np.bool_]
    open: NDArray[np.bool_]

    def merged(self, numbers: Indices, roots: Indices, limit: int) -> _Objects:
        """Return the objects after some became one: their new numbers, and the first object of each new one."""
        sizes = np.bincount(numbers, weights=self.sizes, minlength=roots.size).astype(np.int64)
        still_open = np.bincount(numbers, weights=self.open, minlength=roots.size) > 0
        return _Objects(self.classes[roots], np.minimum(sizes, limit), self.odd[roots], still_open)

    def where(self, kept: NDArray[np.bool_]) -> _Objects:
        return _Objects(self.classes[kept], self.sizes[kept], self.odd[kept], self.open[kept])

    def closed(self) -> _Objects:
        return _Objects(self.classes, self.sizes, self.odd, np.zeros_like(self.open))

    def followed_by(self, other: _Objects) -> _Objects:
        return _Objects(
            np.concatenate([self.classes, other.classes]),
            np.concatenate([self.sizes, other.sizes]),
            np.concatenate([self.odd, other.odd]),
            np.concatenate([self.open, other.open]),
        )


class ObjectGraph:
    """The objects of a raster, block by block; `classes` is complete after `finish`."""

    def __init__(self, minimum: int, eight: bool, check: Callable[[], None] = lambda: None) -> None:
        """Start at the top.

        Args:
            minimum: size from which on an object stays, in the units of `row_sizes`.
            eight: whether pixels that share only a corner are connected.
            check: called again and again; may raise to give up.
        """
        self._check = check
        self._minimum = minimum
        self._eight = eight
        self._objects = _Objects(
            np.zeros(0, np.uint8), np.zeros(0, np.int64), np.zeros(0, np.bool_), np.zeros(0, np.bool_)
        )
        self._edges = Edges(np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0, np.int64))
        # The small objects: their place in `_decided`, and their present number.
        self._places, self._members = np.zeros(0, np.intp), np.zeros(0, np.intp)
        self._decided = np.zeros(1 << 16, np.uint8)
        self._count = 0
        self._rows = 0
        self._last_values: ClassArray | None = None
        self._last_objects = np.zeros(0, np.intp)

    @property
    def classes(self) -> ClassArray:
        """The class value of every object of every block, in the order in which they came."""
        return self._decided[: self._count]

    def add(self, block: BlockObjects, row_sizes: Numbers) -> None:
        """Take the next block of rows, and decide what can be decided.

        Args:
            block: its objects.
            row_sizes: what a pixel of each row counts, shape (rows,).
        """
        last = block.row_objects(block.values.shape[0] - 1)
        fresh = self._described(block, row_sizes, last)
        before = self._objects.classes.size
        edges, same = self._links(block, before)
        inner = block.edges(fresh.sizes >= self._minimum)
        shift = np.arange(before, before + fresh.classes.size)
        self._edges = Edges.concatenated(self._edges, inner.renumbered(shift), edges)
        self._enlist(fresh, before)
        self._objects = self._objects.closed().followed_by(fresh)
        self._last_values, self._last_objects = block.values[-1].copy(), last + before
        self._rows += block.values.shape[0]
        self._join(same)
        self._settle()

    def finish(self) -> None:
        """Decide what is left: no rows follow."""
        self._objects = self._objects.closed()
        self._last_objects = np.zeros(0, np.intp)
        self._settle()
        self._record(self._members, self._objects, np.zeros(self._objects.classes.size, np.bool_))

    def _described(self, block: BlockObjects, row_sizes: Numbers, last: Indices) -> _Objects:
        classes = block.classes
        sizes = np.minimum(block.sizes(row_sizes), self._minimum)
        sizes[classes == NODATA] = self._minimum  # which is never given away, nor taken
        row, col = np.divmod(block.first_pixels, block.values.shape[1])
        reached = np.zeros(classes.size, np.bool_)
        reached[last] = True
        return _Objects(classes, sizes, (self._rows + row + col) % 2 == 1, reached)

    def _links(self, block: BlockObjects, before: int) -> tuple[Edges, Edges]:
        """Return how objects of the last row touch objects of the first row of a block: other classes, and the same."""
        if self._last_values is None:
            nothing = self._edges.where(np.zeros(self._edges.first.size, np.bool_))
            return nothing, nothing
        above, below = self._last_values, block.values[0]
        top, bottom, length = touching(above, below, self._eight)
        edges = Edges(self._last_objects[top], block.row_objects(0)[bottom] + before, length)
        differ = (above[top] != below[bottom]) & (above[top] != NODATA) & (below[bottom] != NODATA)
        return edges.where(differ), edges.where(above[top] == below[bottom])

    def _enlist(self, fresh: _Objects, before: int) -> None:
        """Give every object of a block a place; remember those that may still change."""
        count = fresh.classes.size
        if self._count + count > self._decided.size:
            self._decided = np.concatenate([self._decided, np.zeros(max(count, self._decided.size), np.uint8)])
        self._decided[self._count : self._count + count] = fresh.classes
        small = np.flatnonzero(fresh.sizes < self._minimum)
        self._places = np.concatenate([self._places, small + self._count])
        self._members = np.concatenate([self._members, small + before])
        self._count += count

    def _settle(self) -> None:
        while self._give_away():
            self._check()

    def _give_away(self) -> bool:
        """Give every object that can be decided to a neighbour; return whether there was one."""
        edges, objects = self._edges, self._objects
        small = objects.sizes < self._minimum
        ready = small & ~objects.open
        ready[self._later_of_two(small)] = False
        around = edges.seen_from(ready)
        if around.first.size == 0:
            return False
        given, taken = self._choose(around)
        objects.classes[given] = taken
        self._join(around.where(objects.classes[around.first] == objects.classes[around.second]))
        return True

    def _later_of_two(self, small: NDArray[np.bool_]) -> Indices:
        """Return, of each two small neighbours, the one whose turn comes later."""
        pairs = self._edges.where(small[self._edges.first] & small[self._edges.second])
        one, other = self._objects.sizes[pairs.first], self._objects.sizes[pairs.second]
        first_is_earlier = (one < other) | ((one == other) & (pairs.first < pairs.second))
        return np.where(first_is_earlier, pairs.second, pairs.first)

    def _choose(self, edges: Edges) -> tuple[Indices, ClassArray]:
        """Return the objects at the first ends of edges, and the class that each shares the longest boundary with."""
        keys = edges.first.astype(np.int64) << 8 | self._objects.classes[edges.second]
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        begins = np.flatnonzero(np.diff(keys, prepend=-1))
        length = np.add.reduceat(edges.length[order], begins)
        given, classes = keys[begins] >> 8, (keys[begins] & 255).astype(np.uint8)
        # Of equally long boundaries now the lowest class, now the highest, so that none grows at the others' cost.
        rank = np.where(self._objects.odd[given], 255 - classes, classes)
        best = np.lexsort((rank, -length, given))
        best = best[np.flatnonzero(np.diff(given[best], prepend=-1))]
        return given[best], classes[best]

    def _join(self, same: Edges) -> None:
        """Make one object of any that are connected now, and forget what does not matter any more."""
        numbers, roots = joined(self._objects.classes.size, same.first, same.second)
        objects = self._objects.merged(numbers, roots, self._minimum)
        edges = self._edges.renumbered(numbers)
        small = objects.sizes < self._minimum
        edges = edges.where((edges.first != edges.second) & (small[edges.first] | small[edges.second]))
        kept = objects.open.copy()
        kept[edges.first] = kept[edges.second] = True
        self._record(numbers[self._members], objects, kept & small)
        renumbered = np.cumsum(kept) - 1
        self._objects, self._edges = objects.where(kept), edges.renumbered(renumbered)
        self._members = renumbered[self._members]
        self._last_objects = renumbered[numbers[self._last_objects]]

    def _record(self, members: Indices, objects: _Objects, undecided: NDArray[np.bool_]) -> None:
        """Write down the classes of objects that will not change any more; go on with the others."""
        waiting = undecided[members]
        self._decided[self._places[~waiting]] = objects.classes[members[~waiting]]
        self._places, self._members = self._places[waiting], members[waiting]
