# SPDX-License-Identifier: GPL-2.0-or-later
"""The drawings that belong to the accuracy report alone, as inline SVG."""

from __future__ import annotations

from ..pages.text import escape, percent
from .figures import ConfusionMatrix

_REFERENCE = "#9aa6a8"
_AGREE, _DISAGREE = (28, 107, 94), (180, 85, 45)
_NAME_CHARACTERS = 28


def class_shares(matrix: ConfusionMatrix) -> str:
    """Return, for each class, its share of the compared pixels on the map and in the reference as a pair of bars."""
    total = matrix.pixels
    pairs = [(m / total, r / total) for m, r in zip(matrix.map_pixels.tolist(), matrix.reference_pixels.tolist())]
    longest = max(max(pair) for pair in pairs)
    rows = [
        _share_row(30 * index, item.name, f"#{item.colour}", pair, longest)
        for index, (item, pair) in enumerate(zip(matrix.legend, pairs))
    ]
    return (
        f'<svg viewBox="0 0 480 {30 * len(rows)}" role="img" '
        f'aria-label="Share of each class on the map and in the reference">{"".join(rows)}</svg>'
    )


def _share_row(top: int, name: str, colour: str, pair: tuple[float, float], longest: float) -> str:
    widths = [178 * share / longest for share in pair]
    label = name if len(name) <= _NAME_CHARACTERS else f"{name[: _NAME_CHARACTERS - 1]}…"
    return (
        f'<text x="172" y="{top + 18}" text-anchor="end">{escape(label)}</text>'
        f'<rect x="182" y="{top + 5}" width="{widths[0]:.1f}" height="10" fill="{colour}" '
        'stroke="#000" stroke-opacity=".18" stroke-width=".6"/>'
        f'<rect x="182" y="{top + 17}" width="{widths[1]:.1f}" height="4" fill="{_REFERENCE}"/>'
        f'<text x="{190 + max(widths):.1f}" y="{top + 18}" class="soft">{percent(pair[0])} · {percent(pair[1])}</text>'
    )


def shade(share: float, agrees: bool) -> tuple[str, str]:
    """Return the background and the text colour of a matrix cell.

    Args:
        share: the cell's share of its column, 0-1; small ones are drawn darker than in proportion, to be seen at all.
        agrees: whether the cell lies on the diagonal.
    """
    strength = share**0.6
    target = _AGREE if agrees else _DISAGREE
    red, green, blue = (round(255 + (part - 255) * strength) for part in target)
    return f"#{red:02x}{green:02x}{blue:02x}", "#fff" if strength > 0.58 else "inherit"


def shade_scale(agrees: bool) -> str:
    """Return a strip of the cell colours from 0 to 100 %."""
    steps = [shade(index / 10, agrees)[0] for index in range(11)]
    boxes = "".join(f'<rect x="{9 * i}" width="9" height="12" fill="{colour}"/>' for i, colour in enumerate(steps))
    return f'<svg width="99" height="12" aria-hidden="true">{boxes}</svg>'
