# SPDX-License-Identifier: GPL-2.0-or-later
"""Change as files: a page to read, a table to calculate with, a document for programs; the same numbers in all."""

from __future__ import annotations

import csv
import io
import json
import os
from typing import Any

from ..accuracy.report.classes import hectares
from ..accuracy.report.drawing import error_picture
from ..accuracy.report.inputs import raster_facts
from ..accuracy.report.matrix import Heading, MatrixTable, chip, matrix_section
from ..outputs import write_text
from ..pages.page import html_document, page_footer, page_header, page_notes
from ..pages.text import count, escape, percent
from .detection import Change

SCHEMA_VERSION = "1.0"

_LISTED = 12
_METHOD = (
    "Post-classification comparison (Singh 1989): the two maps were made one by one, and their classes compared pixel "
    "by pixel. Areas are counts of pixels times their area, on the ellipsoid where the map measures in degrees, and "
    "carry the errors of both maps. For areas of change with confidence intervals, draw validation points from the "
    "change raster and assess it as a map (Olofsson et al. 2014)."
)
_SOURCES = (
    (
        "Singh, A. (1989). Digital change detection techniques using remotely-sensed data. International Journal of "
        "Remote Sensing 10, 989–1003.",
        "https://doi.org/10.1080/01431168908903939",
    ),
    (
        "Olofsson, P. et al. (2014). Good practices for estimating area and assessing accuracy of land change. Remote "
        "Sensing of Environment 148, 42–57.",
        "https://doi.org/10.1016/j.rse.2014.02.015",
    ),
)


def write_html(change: Change, path: str | os.PathLike[str]) -> None:
    """Write one HTML page that stands alone.

    Raises:
        OutputError: if it cannot be written.
    """
    write_text(path, html_page(change))


def write_csv(change: Change, path: str | os.PathLike[str]) -> None:
    """Write one row for each pair of classes that occurs, unchanged ones too (UTF-8, comma).

    Raises:
        OutputError: if it cannot be written.
    """
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(["from_value", "from_name", "to_value", "to_name", "pixels", "hectares", "share"])
    for row, source in enumerate(change.matrix.legend):
        for column, target in enumerate(change.matrix.legend):
            pixels, area = int(change.matrix.counts[row, column]), float(change.hectares[row, column])
            if pixels:
                share = area / change.compared_hectares
                writer.writerow([source.value, source.name, target.value, target.name, pixels, area, share])
    write_text(path, table.getvalue())


def write_json(change: Change, path: str | os.PathLike[str]) -> None:
    """Write everything that is known as JSON.

    Raises:
        OutputError: if it cannot be written.
    """
    write_text(path, json.dumps(change_document(change), ensure_ascii=False, indent=1))


def change_document(change: Change) -> dict[str, Any]:
    """Return what `write_json` writes."""
    return {
        "schema_version": SCHEMA_VERSION,
        "made": change.made,
        "compared_pixels": change.matrix.pixels,
        "compared_ha": change.compared_hectares,
        "changed_pixels": change.changed_pixels,
        "changed_ha": change.changed_hectares,
        "left_out_pixels": change.left_out,
        "classes": change.matrix.legend.to_json(),
        "matrix": {
            "rows": "earlier",
            "columns": "later",
            "values": list(change.matrix.legend.values),
            "pixels": change.matrix.counts.tolist(),
            "hectares": change.hectares.tolist(),
        },
        "matched_by": change.matched_by,
        "resampled": change.resampled,
        "notes": list(change.notes),
        "earlier": {"path": change.earlier.path, "sha256": change.earlier.sha256},
        "later": {"path": change.later.path, "sha256": change.later.sha256},
        "software": dict(change.software),
    }


def html_page(change: Change) -> str:
    """Return the whole page."""
    names = [os.path.basename(item.path) for item in (change.earlier, change.later)]
    lead = f"From {names[0]} to {names[1]}: {count(change.matrix.pixels)} pixels, {len(change.matrix.legend)} classes"
    table = MatrixTable(
        change.matrix.legend,
        change.hectares,
        Heading("Earlier", "Later", "Stayed", "Was there before"),
        hectares,
        lambda area: f"{hectares(area)} ha",
    )
    caption = (
        "Hectares by class on the earlier map (rows) and on the later one (columns); on the diagonal nothing changed."
    )
    sections = (
        page_header("Change", " → ".join(names), lead),
        _headline(change),
        page_notes(change.notes),
        matrix_section("From what to what", caption, table),
        _class_section(change),
        f'<div class="columns">{_place_section(change)}{_transition_section(change)}</div>',
        _input_section(change),
        _meaning_section(),
        page_footer(change.made, change.software),
    )
    return html_document(f"Change from {names[0]} to {names[1]}", sections)


def _headline(change: Change) -> str:
    share = change.changed_hectares / change.compared_hectares
    entries = [
        ("Changed", percent(share), "of the compared ground has another class"),
        ("Area", hectares(change.changed_hectares), f"ha changed, of {hectares(change.compared_hectares)} ha"),
        ("Transitions", str(len(change.transitions)), "pairs of different classes"),
        ("Left out", count(change.left_out), "pixels without a class on either map"),
    ]
    cells = "".join(
        f'<div><dt>{label}</dt><dd class="figure">{value}</dd><dd class="gloss">{gloss}</dd></div>'
        for label, value, gloss in entries
    )
    return f'<dl class="headline">{cells}</dl>'


def _class_section(change: Change) -> str:
    rows = ""
    for index, item in enumerate(change.matrix.legend):
        before, after = float(change.hectares[index].sum()), float(change.hectares[:, index].sum())
        stayed = float(change.hectares[index, index])
        numbers = (before, after, before - stayed, after - stayed)
        cells = "".join(f"<td>{hectares(number)}</td>" for number in numbers)
        net = f"{after - before:+,.2f}".replace(",", "\u202f").replace("-", "\u2212")
        rows += f'<tr><th scope="row">{chip(item)}{escape(item.name)}</th>{cells}<td><b>{net}</b></td></tr>'
    heads = "".join(f'<th scope="col">{name}<br>ha</th>' for name in ("Before", "After", "Lost", "Gained", "Net"))
    return (
        '<section><h2>Class by class</h2><div class="scroll"><table class="classes"><thead><tr>'
        f'<th scope="col">Class</th>{heads}</tr></thead><tbody>{rows}</tbody></table></div></section>'
    )


def _place_section(change: Change) -> str:
    return (
        '<section><h2>Where it changed</h2><p class="caption">From pale (no change) to brown (changed); white where '
        f'either map has no data.</p><figure class="map">{error_picture(change.places)}</figure></section>'
    )


def _transition_section(change: Change) -> str:
    items = "".join(
        f'<li><span>{chip(item.source)}{escape(item.source.name)} <span class="arrow">to</span> {chip(item.target)}'
        f'{escape(item.target.name)}</span><span class="count"><b>{hectares(item.hectares)} ha</b> · '
        f"{percent(item.hectares / change.compared_hectares)}</span></li>"
        for item in change.transitions[:_LISTED]
    )
    body = f'<ul class="confusions">{items}</ul>' if items else "<p>None: both maps show the same.</p>"
    caption = '<p class="caption">As a share of the compared ground.</p>'
    return f"<section><h2>Largest transitions</h2>{caption}{body}</section>"


def _input_section(change: Change) -> str:
    facts = [raster_facts(item) for item in (change.earlier, change.later)]
    body = "".join(
        f'<tr><th scope="row">{name}</th><td>{facts[0][name]}</td><td>{facts[1][name]}</td></tr>' for name in facts[0]
    )
    method = {"value": "value", "name": "name", "table": "a table of classes"}[change.matched_by]
    onto = " The later map was brought onto the earlier one’s grid by nearest neighbour." if change.resampled else ""
    return (
        f"<section><h2>Inputs</h2><p>Classes were matched by {method}.{onto}</p>"
        '<table class="facts"><thead><tr><th></th><th scope="col">Earlier</th><th scope="col">Later</th></tr></thead>'
        f"<tbody>{body}</tbody></table></section>"
    )


def _meaning_section() -> str:
    sources = "".join(f'<li>{text} <a href="{link}">{link}</a></li>' for text, link in _SOURCES)
    prose = f'<div class="prose"><p>{_METHOD}</p></div>'
    return f'<section><h2>Methods</h2>{prose}<ul class="sources">{sources}</ul></section>'
