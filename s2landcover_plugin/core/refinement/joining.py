# SPDX-License-Identifier: GPL-2.0-or-later
"""Connected components of a graph, for many small things at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.intp]


def joined(count: int, first: NDArray[Any], second: NDArray[Any]) -> tuple[Indices, Indices]:
    """Number the components that pairs of items form.

    Roots hook onto smaller roots, and paths are halved until all point at their root (Shiloach and Vishkin 1982,
    doi:10.1016/0196-6774(82)90008-6).

    Args:
        count: how many items there are.
        first: one item of each pair, 0 to count - 1.
        second: the other one, same shape.

    Returns:
        The component of each item, shape (count,), numbered by the smallest item in it; and that smallest item of each
        component, rising.
    """
    parent = np.arange(count)
    while first.size:
        # Of several that want to hook the same root, whichever is written last does; the next turn sees to the rest.
        parent[np.maximum(first, second)] = np.minimum(first, second)
        parent = _flattened(parent)
        first, second = parent[first], parent[second]
        apart = first != second
        first, second = first[apart], second[apart]
    roots = np.flatnonzero(parent == np.arange(count))
    numbers = np.empty(count, np.intp)
    numbers[roots] = np.arange(roots.size)
    return numbers[parent], roots


def _flattened(parent: Indices) -> Indices:
    while True:
        grandparent = parent[parent]
        if np.array_equal(grandparent, parent):
            return parent
        parent = grandparent
