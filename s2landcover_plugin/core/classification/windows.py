# SPDX-License-Identifier: GPL-2.0-or-later
"""How a raster is cut into overlapping windows, and how much each window counts at each pixel.

Window positions are multiples of the network's size multiple: a network that pools by 16 gives other numbers when its
input is shifted by 8 pixels, so only windows in step with one another, and with a single pass over the whole raster,
agree. Weights are the product of one profile along the rows and one along the columns, and the profiles of all windows
over a pixel add up to one: blended probabilities need no normalising.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

LARGEST_SIZE = 2048
"""Larger windows waste hardly less on overlap, and answer late when the user cancels."""

SMALLEST_SIZE = 256

_EDGE_WEIGHT = 1e-6  # where no window is far from its edge, the nearest still has to count
_MARGIN = 7 / 16  # of an overlap that leaves no pixel right in both windows: its middle eighth is blended


@dataclass(frozen=True)
class AxisPlan:
    """The windows along one axis.

    Attributes:
        length: pixels of the raster along the axis.
        size: pixels of a window; may exceed the raster by what has to be padded.
        overlap: pixels that neighbouring windows share; of a fixed size, the last pair may share more.
        starts: first pixel of each window, rising; all multiples of the size multiple.
        weights: shape (windows, size), float32; over the windows that hold a pixel they add up to one.
        multiple: what the length that a network is given is a multiple of.
        is_fixed: whether that length is the same for all windows; else the last may be shorter.
    """

    length: int
    size: int
    overlap: int
    starts: tuple[int, ...]
    weights: NDArray[np.float32]
    multiple: int = 1
    is_fixed: bool = False

    def pixels(self, index: int) -> slice:
        """Return the raster's pixels that a window holds (fewer than its size where it is padded)."""
        start = self.starts[index]
        return slice(start, min(start + self.size, self.length))

    def padded(self, index: int) -> int:
        """Return how many pixels of a window the network is given."""
        pixels = self.pixels(index)
        return self.size if self.is_fixed else round_up(pixels.stop - pixels.start, self.multiple)

    def final(self, index: int) -> int:
        """Return how many pixels at a window's beginning no later window adds to."""
        following = [*self.starts[1:], self.length]
        return following[index] - self.starts[index]


def plan_axis(
    length: int, size: int, overlap: int, multiple: int = 1, context: int = 0, is_fixed: bool = False
) -> AxisPlan:
    """Lay windows along an axis.

    Args:
        length: pixels of the raster along the axis.
        size: pixels of a window, wanted; becomes a multiple of `multiple` that is not longer than the axis needs.
        overlap: pixels that neighbours share at least.
        multiple: what sizes and positions are multiples of.
        context: how many pixels at a window's edge (inside the raster) see too little of their surroundings; they do
            not count where another window sees more, as far as the overlap allows.
        is_fixed: take `size` as it is, whatever the raster's.

    Raises:
        InputError: if the overlap leaves no room for a step.
    """
    if not is_fixed:
        size = round_up(min(size, length), multiple)
    last = round_up(max(length - size, 0), multiple)
    if last == 0:
        return AxisPlan(length, size, 0, (0,), np.ones((1, size), np.float32), multiple, is_fixed)
    step = (size - overlap) // multiple * multiple
    if overlap < 0 or step < 1:
        raise InputError(
            f"An overlap of {overlap} pixels does not fit windows of {size} pixels; choose a smaller overlap or a "
            "larger window."
        )
    starts = (*range(0, last, step), last) if is_fixed else tuple(range(0, last + step, step))
    weights = _unit_weights(starts, size, last + size, _profile(size, size - step, context))
    return AxisPlan(length, size, size - step, starts, weights, multiple, is_fixed)


def _profile(size: int, overlap: int, context: int) -> NDArray[np.float64]:
    """Return the weight of a window's pixels from its first edge to its middle and beyond, shape (size,)."""
    # With twice the context a pixel is right in at least one window. With less, a network's error falls so fast with
    # the distance from the edge (tenfold in 10 pixels, measured) that an average helps near the middle only.
    margin = context if overlap >= 2 * context else _MARGIN * overlap
    distance = np.arange(size) + 0.5
    ramp = np.clip((distance - margin) / max(overlap - 2 * margin, 1e-9), 0.0, 1.0)
    rising: NDArray[np.float64] = np.maximum(np.sin(0.5 * np.pi * ramp) ** 2, _EDGE_WEIGHT)
    return rising


def _unit_weights(starts: tuple[int, ...], size: int, length: int, rising: NDArray[np.float64]) -> NDArray[np.float32]:
    weights = np.tile(np.minimum(rising, rising[::-1]), (len(starts), 1))
    # The raster's own border is no seam: nothing beyond it could be seen by any window.
    weights[0] = rising[::-1]
    weights[-1] = rising
    total = np.zeros(starts[-1] + size)
    for start, row in zip(starts, weights):
        row[max(length - start, 0) :] = 0
        total[start : start + size] += row
    for start, row in zip(starts, weights):
        row /= np.maximum(total[start : start + size], _EDGE_WEIGHT**2)
    return weights.astype(np.float32)


def round_up(value: int, multiple: int) -> int:
    """Return the smallest multiple that is at least `value`."""
    return math.ceil(value / multiple) * multiple


def choose_overlap(context: int, size: int, multiple: int) -> int:
    """Return an overlap that all but hides the windows' edges: the context, at most half a window.

    Between two windows every pixel is then half the context from an edge at least, in one of them; what lies further
    off hardly counts in a trained network. Twice the context would hide the edges from every pixel, at more cost.
    """
    return min(round_up(context, multiple), size // 2 // multiple * multiple)


def balanced_size(length: int, size: int, overlap: int, multiple: int) -> int:
    """Return the smallest window that covers an axis with as many windows as `size` needs.

    A raster slightly longer than a window would otherwise be computed nearly twice.
    """
    padded = round_up(length, multiple)
    if padded <= size:
        return padded
    count = math.ceil((padded - overlap) / (size - overlap))
    return round_up(math.ceil((padded + (count - 1) * overlap) / count), multiple)


def choose_size(width: int, row_bytes: float, pixel_bytes: float, budget: float, multiple: int) -> int:
    """Return the largest square window whose run fits a memory budget.

    Args:
        width: columns of the raster.
        row_bytes: bytes that one row of the raster takes in buffers, per column.
        pixel_bytes: bytes that the network takes per pixel of a window.
        budget: bytes to stay below.
        multiple: what the size is a multiple of.

    Returns:
        Pixels, from `SMALLEST_SIZE` (whatever the budget) to `LARGEST_SIZE`.
    """
    linear, square = float(width * row_bytes), float(pixel_bytes)
    largest = (math.sqrt(linear**2 + 4 * square * budget) - linear) / (2 * square)
    wanted = int(min(max(largest, SMALLEST_SIZE), LARGEST_SIZE))
    return max(wanted // multiple, 1) * multiple
