# SPDX-License-Identifier: GPL-2.0-or-later
"""The confusion matrix as a readable heat map: an HTML table, so that it can be searched, copied and printed."""

from __future__ import annotations

from collections.abc import Sequence

from ..legend import LandCoverClass
from ..pages.text import count, escape, percent, short_count
from .figures import ClassFigures, ConfusionMatrix, class_figures, headline_figures
from .report_svg import shade, shade_scale

_DENSE = 13
"""More classes than this get a smaller type."""


def chip(item: LandCoverClass) -> str:
    """Return a small square in the class's colour."""
    return f'<span class="chip" style="background:#{item.colour}"></span>'


def matrix_section(matrix: ConfusionMatrix) -> str:
    """Return the section with the matrix, its margins and the key to its shading."""
    dense = " dense" if len(matrix.legend) > _DENSE else ""
    figures = class_figures(matrix)
    rows = "".join(_row(matrix, index, item) for index, item in enumerate(figures))
    return (
        '<section><h2>Confusion matrix</h2><p class="caption">Pixels by class on the map (rows) and in the reference '
        "(columns). On the diagonal the two agree; a row shows what the pixels mapped as a class really are, a column "
        "what became of the pixels of a class.</p>"
        f'<div class="scroll"><table class="matrix{dense}"><thead>{_heading(matrix)}</thead><tbody>{rows}</tbody>'
        f"<tfoot>{_totals(matrix)}{_producers(matrix, figures)}</tfoot></table></div>{_key()}</section>"
    )


def _heading(matrix: ConfusionMatrix) -> str:
    columns = "".join(
        f'<th scope="col"><span class="name">{escape(item.name)}</span>{chip(item)}</th>' for item in matrix.legend
    )
    return (
        f'<tr><td class="corner">Reference →<br>Map ↓</td>{columns}<th scope="col" class="side gap">Total</th>'
        '<th scope="col" class="side">User’s<br>accuracy</th></tr>'
    )


def _row(matrix: ConfusionMatrix, row: int, figures: ClassFigures) -> str:
    item = matrix.legend.classes[row]
    cells = "".join(_cell(matrix, row, column) for column in range(len(matrix.legend)))
    return (
        f'<tr><th scope="row">{chip(item)}{escape(item.name)}</th>{cells}{_sum(figures.map_pixels)}'
        f'<td class="share">{percent(figures.precision)}</td></tr>'
    )


def _cell(matrix: ConfusionMatrix, row: int, column: int) -> str:
    pixels = int(matrix.counts[row, column])
    if not pixels:
        return '<td class="zero">0</td>'
    share = pixels / int(matrix.reference_pixels[column])
    background, colour = shade(share, row == column)
    names = [escape(matrix.legend.classes[index].name) for index in (row, column)]
    title = f"{count(pixels)} pixels mapped as {names[0]} are {names[1]} in the reference ({percent(share)} of it)"
    return f'<td style="background:{background};color:{colour}" title="{title}">{short_count(pixels)}</td>'


def _totals(matrix: ConfusionMatrix) -> str:
    sums = "".join(_sum(int(total)) for total in matrix.reference_pixels)
    return f'<tr><th scope="row" class="side">Total</th>{sums}{_sum(matrix.pixels)}<td></td></tr>'


def _producers(matrix: ConfusionMatrix, figures: Sequence[ClassFigures]) -> str:
    shares = "".join(f'<td class="share">{percent(item.recall)}</td>' for item in figures)
    overall = percent(headline_figures(matrix).overall_accuracy)
    return (
        f'<tr><th scope="row" class="side">Producer’s accuracy</th>{shares}<td></td>'
        f'<td class="share" title="Overall accuracy">{overall}</td></tr>'
    )


def _sum(pixels: int) -> str:
    return f'<td class="sum" title="{count(pixels)}">{short_count(pixels)}</td>'


def _key() -> str:
    return (
        f'<p class="key"><span>agreement{shade_scale(True)}</span><span>confusion{shade_scale(False)}</span>'
        "<span>from 0 to 100 % of the reference’s pixels of the class (the column)</span></p>"
    )
