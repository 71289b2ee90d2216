# SPDX-License-Identifier: GPL-2.0-or-later
"""Small drawings as inline SVG, so that no plotting library is needed inside QGIS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .text import escape

INK, TRACK = "#1c6b5e", "#e7ecea"


@dataclass(frozen=True)
class Segment:
    """A part of a stacked bar: its share of the whole (0-1) and its colour (as CSS writes it)."""

    share: float
    colour: str


def meter(value: float | None) -> str:
    """Return a thin bar that is filled to a share (0-1); an empty string where it is undefined."""
    if value is None:
        return ""
    fill = f'<rect width="{100 * value:.1f}" height="5" fill="{INK}"/>'
    return (
        '<svg viewBox="0 0 100 5" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="100" height="5" fill="{TRACK}"/>{fill}</svg>'
    )


def stacked_bar(segments: Sequence[Segment], label: str = "Share of pixels compared") -> str:
    """Return one bar cut into parts, from left to right; `label` is plain text for those who cannot see it."""
    parts, start = [], 0.0
    for segment in segments:
        width = 1000 * segment.share
        parts.append(f'<rect x="{start:.2f}" width="{width:.2f}" height="14" fill="{segment.colour}"/>')
        start += width
    return (
        '<svg viewBox="0 0 1000 14" preserveAspectRatio="none" style="height:14px" role="img" '
        f'aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )
