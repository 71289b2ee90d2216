# SPDX-License-Identifier: GPL-2.0-or-later
"""A table of class pairs as an HTML heat map, so that it can be searched, copied and printed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...legend import LandCoverClass, Legend
from ...pages.text import count, decimal, escape, percent, short_count
from ..figures import Table, overall_accuracy, precision, recall
from ..result import Assessment
from .drawing import shade, shade_scale

_DENSE = 13
"""More classes than this get a smaller type."""


@dataclass(frozen=True)
class Heading:
    """What a table calls its rows, columns and shares; plain texts."""

    rows: str
    columns: str
    row_share: str
    column_share: str


MAP_AND_REFERENCE = Heading("Map", "Reference", "User’s accuracy", "Producer’s accuracy")


@dataclass(frozen=True, eq=False)
class MatrixTable:
    """A table of class pairs.

    Attributes:
        legend: the classes, in the order of rows and columns.
        table: the numbers, shape (classes, classes).
        heading: what rows and columns are.
        short: shows a number in little room.
        full: shows it in full, with its unit.
    """

    legend: Legend
    table: Table
    heading: Heading
    short: Callable[[float], str]
    full: Callable[[float], str]


def chip(item: LandCoverClass) -> str:
    """Return a small square in the class's colour."""
    return f'<span class="chip" style="background:#{item.colour}"></span>'


def matrix_sections(assessment: Assessment) -> str:
    """Return the sections with the confusion matrix, and with the area proportions that a sample gives."""
    noun = assessment.noun
    counted = MatrixTable(
        assessment.matrix.legend,
        assessment.matrix.counts,
        MAP_AND_REFERENCE,
        lambda number: short_count(int(number)),
        lambda number: f"{count(int(number))} {noun}",
    )
    caption = (
        f"{noun.capitalize()} by class on the map (rows) and in the reference (columns). On the diagonal the two "
        f"agree; a row shows what the {noun} mapped as a class really are, a column what became of those of a class."
    )
    if assessment.sample is None:
        return matrix_section("Confusion matrix", caption, counted)
    shares = MatrixTable(
        assessment.matrix.legend, assessment.table, MAP_AND_REFERENCE, _short_percent, lambda share: percent(share, 2)
    )
    return matrix_section(
        "Estimated shares of the area",
        "Per cent of the area by class on the map (rows) and in reality (columns), estimated from the points. Rows add "
        "up to the mapped shares, columns to the estimated ones.",
        shares,
    ) + matrix_section("Points counted", caption, counted, shares=False)


def matrix_section(title: str, caption: str, table: MatrixTable, shares: bool = True) -> str:
    """Return a section with a table, its margins and the key to its shading.

    Args:
        title: plain text.
        caption: plain text.
        table: the numbers.
        shares: whether the margins show what part of a row and of a column agrees.
    """
    dense = " dense" if len(table.legend) > _DENSE else ""
    rows = "".join(_row(table, index, item, shares) for index, item in enumerate(table.legend))
    foot = _totals(table, shares) + (_column_shares(table) if shares else "")
    return (
        f'<section><h2>{escape(title)}</h2><p class="caption">{escape(caption)}</p>'
        f'<div class="scroll"><table class="matrix{dense}"><thead>{_heading(table, shares)}</thead>'
        f"<tbody>{rows}</tbody><tfoot>{foot}</tfoot></table></div>{_key(table.heading)}</section>"
    )


def _heading(table: MatrixTable, shares: bool) -> str:
    columns = "".join(
        f'<th scope="col"><span class="name">{escape(item.name)}</span>{chip(item)}</th>' for item in table.legend
    )
    side = f'<th scope="col" class="side">{table.heading.row_share}</th>' if shares else ""
    return (
        f'<tr><td class="corner">{table.heading.columns} →<br>{table.heading.rows} ↓</td>{columns}'
        f'<th scope="col" class="side gap">Total</th>{side}</tr>'
    )


def _row(table: MatrixTable, row: int, item: LandCoverClass, shares: bool) -> str:
    cells = "".join(_cell(table, row, column) for column in range(len(table.legend)))
    share = f'<td class="share">{percent(_defined(precision(table.table)[row]))}</td>' if shares else ""
    return (
        f'<tr><th scope="row">{chip(item)}{escape(item.name)}</th>{cells}{_sum(table, table.table[row].sum())}{share}'
        "</tr>"
    )


def _cell(table: MatrixTable, row: int, column: int) -> str:
    number = float(table.table[row, column])
    if not number:
        return '<td class="zero">0</td>'
    share = number / float(table.table[:, column].sum())
    background, colour = shade(share, row == column)
    names = [escape(table.legend.classes[index].name) for index in (row, column)]
    rows, columns = table.heading.rows.lower(), table.heading.columns.lower()
    title = f"{rows}: {names[0]}, {columns}: {names[1]}, {table.full(number)} ({percent(share)} of the column)"
    return f'<td style="background:{background};color:{colour}" title="{title}">{table.short(number)}</td>'


def _totals(table: MatrixTable, shares: bool) -> str:
    sums = "".join(_sum(table, total) for total in table.table.sum(axis=0))
    last = "<td></td>" if shares else ""
    return f'<tr><th scope="row" class="side">Total</th>{sums}{_sum(table, table.table.sum())}{last}</tr>'


def _column_shares(table: MatrixTable) -> str:
    cells = "".join(f'<td class="share">{percent(_defined(value))}</td>' for value in recall(table.table))
    overall = percent(_defined(overall_accuracy(table.table)))
    return (
        f'<tr><th scope="row" class="side">{table.heading.column_share}</th>{cells}<td></td>'
        f'<td class="share" title="All classes">{overall}</td></tr>'
    )


def _sum(table: MatrixTable, number: float) -> str:
    return f'<td class="sum" title="{table.full(number)}">{table.short(number)}</td>'


def _key(heading: Heading) -> str:
    return (
        f'<p class="key"><span>same class{shade_scale(True)}</span><span>different{shade_scale(False)}</span>'
        f"<span>from 0 to 100 % of the column ({heading.columns.lower()})</span></p>"
    )


def _short_percent(share: float) -> str:
    if not share:
        return "0"
    return decimal(100 * share) if share < 0.001 else f"{100 * share:.1f}"


def _defined(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)
