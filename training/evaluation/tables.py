# SPDX-License-Identifier: GPL-2.0-or-later
"""Figures in HTML: in a headline, in table cells, and as dots on a line, the random forest's beside the network's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from s2landcover_plugin.core.accuracy.figures import FloatArray
from s2landcover_plugin.core.accuracy.result import Interval
from s2landcover_plugin.core.pages.drawing import INK, TRACK, meter
from s2landcover_plugin.core.pages.text import UNDEFINED, decimal, escape, percent

from .figures import HEADLINE, spread
from .record import NETWORK, TITLES

_PERCENT = ("overall_accuracy", "precision", "recall")
_COLOURS = {NETWORK: INK}
_OTHER = "#9aa6a8"


def shown(name: str, value: float | None) -> str:
    """Return a figure as pages print it: accuracies in per cent, others with three decimals."""
    return percent(value) if name in _PERCENT else decimal(value)


def interval_text(name: str, interval: Interval | None) -> str:
    """Return the ends of an interval; empty without one."""
    return "" if interval is None else f"{shown(name, interval[0])} to {shown(name, interval[1])}"


def headline(values: Mapping[str, float | None], glosses: Mapping[str, Iterable[str]]) -> str:
    """Return the headline figures, each with lines of plain text below it."""
    cells = ""
    for name, title in HEADLINE.items():
        gloss = "<br>".join(escape(line) for line in glosses[name] if line)
        value = f'<dd class="figure">{shown(name, values[name])}</dd>'
        cells += f'<div><dt>{title}</dt>{value}<dd class="gloss">{gloss}</dd></div>'
    return f'<dl class="headline">{cells}</dl>'


def measure(name: str, value: float | None, beside: Sequence[float | None] = ()) -> str:
    """Return a table cell with a figure, others small below it, and a bar."""
    small = "".join(f"<small>{shown(name, other)}</small>" for other in beside)
    bar = "" if value is None else meter(min(max(value, 0.0), 1.0))
    return f'<td class="measure">{shown(name, value)}{small}{bar}</td>'


def figure_table(headings: Sequence[str], rows: Iterable[str], foot: Iterable[str] = ()) -> str:
    """Return a table from headings (plain texts) and rows (HTML)."""
    heads = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in headings)
    last = "".join(foot)
    return (
        f'<div class="scroll"><table class="classes"><thead><tr>{heads}</tr></thead><tbody>{"".join(rows)}</tbody>'
        f"{f'<tfoot>{last}</tfoot>' if last else ''}</table></div>"
    )


def row(heading: str, cells: Iterable[str]) -> str:
    """Return a table row from a heading (HTML) and cells."""
    return f'<tr><th scope="row">{heading}</th>{"".join(cells)}</tr>'


def section(title: str, caption: str, body: str) -> str:
    """Return a section from plain texts and HTML."""
    return f'<section><h2>{escape(title)}</h2><p class="caption">{escape(caption)}</p>{body}</section>'


def strips(title: str, values: Mapping[str, FloatArray]) -> str:
    """Return a figure of places: a dot each on a line from 0 to 1, and a box from the lower to the upper quartile.

    Args:
        title: plain text, what is shown.
        values: by who made the map, shape (places,); undefined ones are left out.
    """
    lines = "".join(
        _strip(44 * index, TITLES[who], numbers, who) for index, (who, numbers) in enumerate(values.items())
    )
    below = 44 * len(values)
    ticks = "".join(
        f'<text x="{_across(tick):.0f}" y="{below + 14}" text-anchor="middle" class="soft">{tick:g}</text>'
        for tick in (0, 0.25, 0.5, 0.75, 1)
    )
    return (
        f'<figure><svg viewBox="0 0 1000 {below + 20}" role="img" aria-label="{escape(title)}">{lines}{ticks}</svg>'
        f"<figcaption>{escape(title)}</figcaption></figure>"
    )


def _strip(top: int, label: str, values: FloatArray, who: str) -> str:
    found = spread(values)
    colour = _COLOURS.get(who, _OTHER)
    line = (
        f'<text x="0" y="{top + 24}">{label}</text><rect x="140" y="{top + 19}" width="840" height="2" fill="{TRACK}"/>'
    )
    if found is None:
        return f'{line}<text x="150" y="{top + 14}">{UNDEFINED}</text>'
    left, middle, right = (_across(value) for value in (found.lower, found.median, found.upper))
    dots = "".join(
        f'<circle cx="{_across(float(value)):.1f}" cy="{top + 20}" r="4" fill="{colour}" fill-opacity=".5"/>'
        for value in values[~np.isnan(values)]
    )
    return (
        f'{line}<rect x="{left:.1f}" y="{top + 6}" width="{max(right - left, 1):.1f}" height="28" fill="none" '
        f'stroke="{colour}"/><rect x="{middle - 1:.1f}" y="{top + 6}" width="3" height="28" fill="{colour}"/>{dots}'
    )


def _across(value: float) -> float:
    """Return where a figure lies on the line; what is below zero lies at its start."""
    return 140 + 840 * min(max(value, 0.0), 1.0)
