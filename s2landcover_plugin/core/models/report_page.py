# SPDX-License-Identifier: GPL-2.0-or-later
"""A report on a model as one HTML page."""

from __future__ import annotations

import os

from ..environment import plugin_version
from ..legend import Legend
from ..outputs import write_text
from ..pages.page import html_document, page_footer, page_header, page_notes
from ..pages.provenance import now
from ..pages.text import UNDEFINED, escape, short_count
from .contract import ModelContract
from .provenance import Facts, Table, provenance_parts
from .report import ModelReport
from .report_facts import facts
from .report_text import verdict

_CLASS_WIDTHS = (
    "<colgroup>"
    + "".join(f'<col style="width:{width}"/>' for width in ("210px", "70px", "100px", "auto"))
    + "</colgroup>"
)


def write_report(report: ModelReport, path: str | os.PathLike[str]) -> None:
    """Write the page; it appears only when it is complete.

    Raises:
        OutputError: if it cannot be written.
    """
    write_text(path, report_page(report))


def report_page(report: ModelReport) -> str:
    """Return the whole page."""
    contract = report.contract
    parts = facts(report)
    sections = [
        page_header("Model", report.name, _lead(report)),
        page_notes(report.problems, "What is wrong"),
        page_notes(report.doubts),
        _headline(contract, report.parameters) if contract else "",
        _class_section(contract.legend) if contract else "",
        *(_facts_section(part, "h2") for part in parts),
        _provenance_section(contract) if contract else "",
        page_footer(now(), {"Sentinel-2 Land Cover": plugin_version()}),
    ]
    return html_document(f"Model {report.name}", sections)


def _lead(report: ModelReport) -> str:
    description = report.contract.description if report.contract else ""
    return description or f"{report.path.name} {verdict(report)}."


def _headline(contract: ModelContract, parameters: int) -> str:
    bands = "first of the raster" if contract.is_positional else " ".join(contract.bands)
    classes = ", ".join(item.name for item in contract.legend)
    cells = (
        ("Classes", str(len(contract.legend)), classes),
        ("Bands", str(len(contract.bands)), bands),
        ("Pixel", f"{contract.gsd:g}\u202fm", "that it was trained for"),
        ("Parameters", short_count(parameters), contract.architecture or "of an unnamed network"),
    )
    entries = "".join(
        f'<div><dt>{label}</dt><dd class="figure">{escape(figure)}</dd><dd class="gloss">{escape(gloss)}</dd></div>'
        for label, figure, gloss in cells
    )
    return f'<dl class="headline">{entries}</dl>'


def _class_section(legend: Legend) -> str:
    rows = "".join(
        f'<tr><th scope="row"><span class="chip" style="background:#{item.colour}"></span>{escape(item.name)}</th>'
        f"<td>{item.value}</td><td><code>#{item.colour}</code></td>"
        f"<td>{escape(item.description) or UNDEFINED}</td></tr>"
        for item in legend
    )
    return (
        '<section><h2>Classes</h2><p class="caption">Value 0 is kept for pixels without data.</p>'
        f'<table class="facts">{_CLASS_WIDTHS}<thead><tr><th scope="col">Class</th><th scope="col">Value</th>'
        '<th scope="col">Colour</th><th scope="col">What belongs to it</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></section>"
    )


def _facts_section(part: Facts, heading: str) -> str:
    rows = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{escape(text)}</td></tr>' for name, text in part.rows)
    title = f"<{heading}>{escape(part.title)}</{heading}>"
    return f'<section>{title}<table class="facts"><tbody>{rows}</tbody></table></section>'


def _provenance_section(contract: ModelContract) -> str:
    parts = provenance_parts(contract.provenance, "Provenance")
    return "\n".join(_facts_section(part, "h2") if isinstance(part, Facts) else _table_section(part) for part in parts)


def _table_section(part: Table) -> str:
    columns = "".join(f'<th scope="col">{escape(column)}</th>' for column in part.columns)
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th>{"".join(f"<td>{escape(text)}</td>" for text in texts)}</tr>'
        for name, texts in part.rows
    )
    return (
        f'<section><h2>{escape(part.title)}</h2><div class="scroll"><table class="classes"><thead><tr><th></th>'
        f"{columns}</tr></thead><tbody>{rows}</tbody></table></div></section>"
    )
