# SPDX-License-Identifier: GPL-2.0-or-later
"""Several tests side by side as one HTML page."""

from __future__ import annotations

from s2landcover_plugin.core.pages.page import html_document, page_footer, page_header, page_notes
from s2landcover_plugin.core.pages.provenance import now, software
from s2landcover_plugin.core.pages.text import UNDEFINED, count, escape

from .comparison import Comparison, Competitor
from .figures import HEADLINE
from .tables import figure_table, row, section, shown


def html_page(comparison: Comparison) -> str:
    """Return the page."""
    runs = sum(row.model is not None for row in comparison.rows)
    order = f"ranked by their macro IoU on {comparison.ranked} tiles" if comparison.ranked else "in the order given"
    lead = f"{runs} runs, {order}"
    sections = (
        page_header("Comparison", "Tests side by side", lead),
        page_notes(comparison.warnings, "What does not compare"),
        *(_split_section(comparison, split) for split in comparison.splits),
        _model_section(comparison),
        page_footer(now(), software()),
    )
    return html_document("Comparison of tests", sections)


def _split_section(comparison: Comparison, split: str) -> str:
    rows = [
        row(escape(item.name), (_cell(comparison, item, split, name) for name in HEADLINE)) for item in comparison.rows
    ]
    best = "The best of each column is bold. " if split in comparison.comparable else ""
    caption = f"{best}Macro figures are over the classes that the labels show."
    return section(f"{split.capitalize()} tiles", caption, figure_table(("Run", *HEADLINE.values()), rows))


def _cell(comparison: Comparison, item: Competitor, split: str, name: str) -> str:
    text = shown(name, item.value(split, name))
    return f"<td><b>{text}</b></td>" if comparison.is_best(item, split, name) else f"<td>{text}</td>"


def _model_section(comparison: Comparison) -> str:
    rows = [_model_row(item) for item in comparison.rows if item.model]
    heads = "".join(f'<th scope="col">{text}</th>' for text in ("Run", "Network", "Loss", "Epochs", "Parameters"))
    return (
        '<section><h2>What was tested</h2><table class="facts"><thead>'
        f"<tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></section>"
    )


def _model_row(item: Competitor) -> str:
    model = item.model
    if model is None:
        return ""
    epochs = UNDEFINED if model.epochs is None else count(model.epochs)
    texts = (escape(model.network), escape(model.loss), epochs, count(model.parameters))
    return row(escape(item.name), (f"<td>{text}</td>" for text in texts))
