# SPDX-License-Identifier: GPL-2.0-or-later
"""Histograms of bands as small drawings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..pages.drawing import INK
from ..pages.text import escape
from .tile_counts import Counts

_WIDTH, _HEIGHT, _FOOT = 200, 90, 18
_SHOWN = 0.998  # share of the pixels that a drawing has room for


def histogram_figure(train: Counts, held: Counts, band: str, width: float) -> str:
    """Return two histograms of a band as inline SVG, each scaled to its own number of pixels.

    Args:
        train: pixels by bin, shape (bins,), filled.
        held: the same for other tiles, drawn as a line; nothing if there are none.
        band: what it is about, for those who cannot see it.
        width: of a bin, in the unit that the scale is written in.
    """
    bins = _bins_shown(train + held)
    shares = [counts[:bins] / max(counts.sum(), 1) for counts in (train, held)]
    top = max(1e-9, *(float(share.max()) for share in shares))
    area, line = (_steps(share / top) for share in shares)
    outline = f'<polyline points="{line}" fill="none" stroke="#b4552d" stroke-width="1.5"/>' if held.sum() else ""
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT + _FOOT}" role="img" aria-label="Histogram of {escape(band)}">'
        f'<polygon points="0,{_HEIGHT} {area} {_WIDTH},{_HEIGHT}" fill="{INK}" fill-opacity=".35"/>{outline}'
        f'<line x1="0" y1="{_HEIGHT}" x2="{_WIDTH}" y2="{_HEIGHT}" stroke="#5b6b70"/>'
        f'<text class="soft" x="0" y="{_HEIGHT + 14}">0</text>'
        f'<text class="soft" x="{_WIDTH}" y="{_HEIGHT + 14}" text-anchor="end">{bins * width:.2f}</text>'
        "</svg>"
    )


def _bins_shown(counts: Counts) -> int:
    """Return how many bins hold nearly all pixels, at least four."""
    below = np.cumsum(counts) < _SHOWN * counts.sum()
    return max(4, int(np.count_nonzero(below)) + 1)


def _steps(heights: NDArray[np.float64]) -> str:
    """Return the points of a stairway, from heights of 0 to 1."""
    width = _WIDTH / len(heights)
    points = []
    for index, height in enumerate(heights):
        level = f"{_HEIGHT * (1 - height):.1f}"
        points += [f"{index * width:.1f},{level}", f"{(index + 1) * width:.1f},{level}"]
    return " ".join(points)
