# SPDX-License-Identifier: GPL-2.0-or-later
"""The drawings that belong to the accuracy report alone, as inline SVG and PNG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...pages.drawing import INK, TRACK
from ...pages.png import picture
from ...pages.text import escape, percent
from ..calibration import Calibration
from ..error_map import ErrorMap, ErrorPoints
from ..figures import ConfusionMatrix
from ..result import Interval

AGREE, DISAGREE = (28, 107, 94), (180, 85, 45)
"""Red, green and blue of what agrees and of what does not."""

_GREY = "#9aa6a8"
_RIGHT, _WRONG = (222, 232, 228), DISAGREE
_NAME_CHARACTERS = 28
_MOST_POINTS = 4000


@dataclass(frozen=True)
class AreaBar:
    """A class in the chart of areas; hectares.

    Attributes:
        name: plain text.
        colour: six hexadecimal digits.
        mapped: area on the map.
        estimated: estimated area.
        interval: its 95 % confidence interval, if there is one.
    """

    name: str
    colour: str
    mapped: float
    estimated: float
    interval: Interval | None


def interval_meter(value: float | None, interval: Interval | None) -> str:
    """Return a thin bar that is filled to a share (0-1), with its interval as a line; empty where undefined."""
    if value is None:
        return ""
    whisker = ""
    if interval is not None:
        low, high = (100 * end for end in interval)
        whisker = f'<rect x="{low:.1f}" y="6.5" width="{max(high - low, 0.6):.1f}" height="1.5" fill="#1d2a2f"/>'
    return (
        '<svg class="ranged" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="100" height="5" fill="{TRACK}"/><rect width="{100 * value:.1f}" height="5" fill="{INK}"/>'
        f"{whisker}</svg>"
    )


def class_shares(matrix: ConfusionMatrix) -> str:
    """Return, for each class, its share of what was compared on the map and in the reference as a pair of bars."""
    total = matrix.pixels
    pairs = [(m / total, r / total) for m, r in zip(matrix.map_pixels.tolist(), matrix.reference_pixels.tolist())]
    longest = max(max(pair) for pair in pairs)
    rows = [
        _share_row(30 * index, item.name, f"#{item.colour}", pair, longest)
        for index, (item, pair) in enumerate(zip(matrix.legend, pairs))
    ]
    return _chart(480, 30 * len(rows), "Share of each class on the map and in the reference", rows)


def _share_row(top: int, name: str, colour: str, pair: tuple[float, float], longest: float) -> str:
    widths = [178 * share / longest for share in pair]
    return (
        f'{_label(name, 172, top + 18)}<rect x="182" y="{top + 5}" width="{widths[0]:.1f}" height="10" fill="{colour}" '
        'stroke="#000" stroke-opacity=".18" stroke-width=".6"/>'
        f'<rect x="182" y="{top + 17}" width="{widths[1]:.1f}" height="4" fill="{_GREY}"/>'
        f'<text x="{190 + max(widths):.1f}" y="{top + 18}" class="soft">{percent(pair[0])} · {percent(pair[1])}</text>'
    )


def area_chart(bars: Sequence[AreaBar]) -> str:
    """Return a chart of estimated areas with their intervals, and the mapped areas beside them."""
    longest = max(max(bar.mapped, bar.estimated, *(bar.interval or ())) for bar in bars) or 1.0
    rows = [_area_row(34 * index, bar, 640 / longest) for index, bar in enumerate(bars)]
    return _chart(860, 34 * len(rows), "Estimated area of each class with its interval, and the mapped area", rows)


def _area_row(top: int, bar: AreaBar, scale: float) -> str:
    start = 192
    whisker = ""
    if bar.interval is not None:
        low, high = (start + scale * end for end in bar.interval)
        ends = "".join(f'<path d="M{x:.1f} {top + 5}v10" stroke="#1d2a2f" stroke-width="1.5"/>' for x in (low, high))
        whisker = f'<path d="M{low:.1f} {top + 10}H{high:.1f}" stroke="#1d2a2f" stroke-width="1.5"/>{ends}'
    return (
        f'{_label(bar.name, 182, top + 18)}<rect x="{start}" y="{top + 3}" width="{scale * bar.estimated:.1f}" '
        f'height="14" fill="#{bar.colour}" stroke="#000" stroke-opacity=".18" stroke-width=".6"/>{whisker}'
        f'<rect x="{start}" y="{top + 20}" width="{scale * bar.mapped:.1f}" height="5" fill="{_GREY}"/>'
    )


def error_picture(errors: ErrorMap) -> str:
    """Return the picture of where a map is wrong: from pale (right) to brown (wrong), white where nothing is known."""
    known = np.isfinite(errors.shares)
    shares = np.where(known, errors.shares, 0.0)[..., np.newaxis]
    colours = np.array(_RIGHT) + (np.array(_WRONG) - _RIGHT) * np.sqrt(shares)
    colours[~known] = 255
    return picture(colours.round().astype(np.uint8), "Where map and reference differ")


def error_dots(errors: ErrorPoints) -> str:
    """Return the places of points on the map's outline: brown where the map is wrong, green where it is right."""
    width, height = 480.0, 480.0 * errors.aspect
    if errors.aspect > 1:
        width, height = 480.0 / errors.aspect, 480.0
    # Wrong ones last, on top.
    order = np.argsort(~errors.right, kind="stable")[-_MOST_POINTS:]
    dots = [
        f'<circle cx="{480 * x:.1f}" cy="{480 * y:.1f}" r="{3 if right else 4}" '
        f'fill="{"#7fb0a6" if right else "#b4552d"}" stroke="#fff" stroke-width=".7"/>'
        for (x, y), right in zip(errors.places[order].tolist(), errors.right[order].tolist())
    ]
    frame = f'<rect width="{width:.1f}" height="{height:.1f}" fill="#f5f7f6" stroke="#dfe5e4"/>'
    return _chart(width, height, "Points on which map and reference agree and differ", [frame, *dots])


def reliability_diagram(calibration: Calibration) -> str:
    """Return accuracy by confidence: a dot a bin, as large as its share of the pixels; on the line all is as told."""
    side, left, top = 300, 44, 10
    parts = [
        f'<rect x="{left}" y="{top}" width="{side}" height="{side}" fill="#f5f7f6" stroke="#dfe5e4"/>',
        f'<path d="M{left} {top + side}L{left + side} {top}" stroke="{_GREY}" stroke-dasharray="4 4"/>',
    ]
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        text = percent(tick, 0)
        parts.append(f'<text x="{left + side * tick:.0f}" y="{top + side + 20}" text-anchor="middle">{text}</text>')
        parts.append(f'<text x="{left - 8}" y="{top + side * (1 - tick) + 5:.0f}" text-anchor="end">{text}</text>')
    corners = [(left + side * b.confidence, top + side * (1 - b.accuracy), b.share) for b in calibration.bins]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in corners)
    parts.append(f'<polyline points="{line}" fill="none" stroke="{INK}" stroke-width="1.5"/>')
    parts += [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{3 + 12 * s**0.5:.1f}" fill="{INK}" fill-opacity=".75"/>'
        for x, y, s in corners
    ]
    parts.append(
        f'<text x="{left + side / 2:.0f}" y="{top + side + 42}" text-anchor="middle" class="soft">confidence</text>'
    )
    return _chart(left + side + 22, top + side + 50, "Accuracy by confidence", parts)


def shade(share: float, agrees: bool) -> tuple[str, str]:
    """Return the background and the text colour of a matrix cell.

    Args:
        share: the cell's share of its column, 0-1; small ones are drawn darker than in proportion, to be seen at all.
        agrees: whether the cell lies on the diagonal.
    """
    strength = share**0.6
    target = AGREE if agrees else DISAGREE
    red, green, blue = (round(255 + (part - 255) * strength) for part in target)
    return f"#{red:02x}{green:02x}{blue:02x}", "#fff" if strength > 0.58 else "inherit"


def shade_scale(agrees: bool) -> str:
    """Return a strip of the cell colours from 0 to 100 %."""
    steps = [shade(index / 10, agrees)[0] for index in range(11)]
    boxes = "".join(f'<rect x="{9 * i}" width="9" height="12" fill="{colour}"/>' for i, colour in enumerate(steps))
    return f'<svg width="99" height="12" aria-hidden="true">{boxes}</svg>'


def _label(name: str, right: int, baseline: int) -> str:
    shown = name if len(name) <= _NAME_CHARACTERS else f"{name[: _NAME_CHARACTERS - 1]}…"
    return f'<text x="{right}" y="{baseline}" text-anchor="end">{escape(shown)}</text>'


def _chart(width: float, height: float, description: str, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{escape(description)}">'
        f"{''.join(parts)}</svg>"
    )
