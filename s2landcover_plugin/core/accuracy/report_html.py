# SPDX-License-Identifier: GPL-2.0-or-later
"""The accuracy report as one HTML page that needs no network, no script and no other file."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..legend import LandCoverClass
from ..pages.drawing import INK, Segment, meter, stacked_bar
from ..pages.page import html_document, page_footer, page_header, page_notes
from ..pages.text import UNDEFINED, count, decimal, escape, percent
from ..raster import crs_name, is_geographic
from .assessment import AssessedRaster, Assessment
from .figures import ClassFigures, ConfusionMatrix
from .report_matrix import chip, matrix_section
from .report_svg import class_shares
from .report_text import CAVEATS, SOURCES, TERMS

_CONFUSIONS = 8


@dataclass(frozen=True)
class _Confusion:
    """Pixels of one reference class that the map gives another."""

    mapped: LandCoverClass
    actual: LandCoverClass
    pixels: int
    share: float


def html_page(assessment: Assessment) -> str:
    """Return the whole page."""
    sections = (
        _header(assessment),
        _headline(assessment),
        page_notes(assessment.notes),
        matrix_section(assessment.matrix),
        _class_section(assessment),
        _overview_section(assessment.matrix),
        _input_section(assessment),
        _meaning_section(assessment),
        page_footer(assessment.made, assessment.software),
    )
    return html_document(f"Accuracy of {os.path.basename(assessment.map.path)}", sections)


def _header(assessment: Assessment) -> str:
    name, reference = (os.path.basename(raster.path) for raster in (assessment.map, assessment.reference))
    pixels, classes = count(assessment.matrix.pixels), len(assessment.matrix.legend)
    lead = f"compared with {reference} on {pixels} pixels, {classes} classes"
    return page_header("Accuracy assessment", name, lead)


def _headline(assessment: Assessment) -> str:
    figures = assessment.headline
    entries = (
        ("Overall accuracy", percent(figures.overall_accuracy), "of the pixels have the same class in both"),
        (
            "Macro F1",
            decimal(figures.macro_f1),
            f"mean over classes (by pixels: {decimal(figures.weighted_f1)})",
        ),
        ("Mean IoU", decimal(figures.mean_iou), "intersection over union, mean over classes"),
        ("Kappa", decimal(figures.kappa), "agreement beyond chance"),
    )
    cells = (
        f'<div><dt>{label}</dt><dd class="figure">{value}</dd><dd class="gloss">{gloss}</dd></div>'
        for label, value, gloss in entries
    )
    return f'<dl class="headline">{"".join(cells)}</dl>'


def _class_section(assessment: Assessment) -> str:
    rows = "".join(_class_row(item, figures) for item, figures in zip(assessment.matrix.legend, assessment.classes))
    headings = ("User’s accuracy", "Producer’s accuracy", "F1", "IoU")
    columns = "".join(f'<th scope="col" class="measure">{heading}</th>' for heading in headings)
    means = assessment.headline
    values = (means.macro_precision, means.macro_recall, means.macro_f1, means.mean_iou)
    cells = "".join(f"<td>{text}</td>" for text in _figure_texts(*values))
    return (
        '<section><h2>Class by class</h2><p class="caption">User’s accuracy answers “can I trust the map where it '
        "shows this class?”, producer’s accuracy “how much of this class did the map find?”.</p>"
        '<div class="scroll"><table class="classes"><thead><tr><th scope="col">Class</th>'
        f'<th scope="col">Map<br>pixels</th><th scope="col">Reference<br>pixels</th>{columns}</tr></thead>'
        f'<tbody>{rows}</tbody><tfoot><tr><th scope="row" colspan="3">Mean over the classes present in the '
        f"reference</th>{cells}</tr></tfoot></table></div></section>"
    )


def _class_row(item: LandCoverClass, figures: ClassFigures) -> str:
    values = (figures.precision, figures.recall, figures.f1, figures.iou)
    cells = "".join(
        f'<td class="measure">{text}{meter(value)}</td>' for text, value in zip(_figure_texts(*values), values)
    )
    return (
        f'<tr><th scope="row">{chip(item)}{escape(item.name)}</th><td>{count(figures.map_pixels)}</td>'
        f"<td>{count(figures.reference_pixels)}</td>{cells}</tr>"
    )


def _figure_texts(
    precision: float | None, recall: float | None, f1: float | None, iou: float | None
) -> tuple[str, str, str, str]:
    return percent(precision), percent(recall), decimal(f1), decimal(iou)


def _overview_section(matrix: ConfusionMatrix) -> str:
    return (
        '<div class="columns"><section><h2>Most frequent confusions</h2>'
        f'<p class="caption">As a share of the reference’s pixels of the class.</p>{_confusion_list(matrix)}</section>'
        "<section><h2>Class shares</h2>"
        '<p class="caption">Of the compared pixels: on the map (broad bar, first number) and in the reference '
        f"(grey bar, second number).</p><figure>{class_shares(matrix)}</figure></section></div>"
    )


def _confusion_list(matrix: ConfusionMatrix) -> str:
    confusions = _largest_confusions(matrix)
    if not confusions:
        return "<p>None: map and reference agree on every pixel.</p>"
    items = (
        f"<li><span>{chip(c.actual)}{escape(c.actual.name)} <span class='arrow'>mapped as</span> "
        f"{chip(c.mapped)}{escape(c.mapped.name)}</span>"
        f'<span class="count"><b>{percent(c.share)}</b> · {count(c.pixels)} px</span></li>'
        for c in confusions
    )
    return f'<ul class="confusions">{"".join(items)}</ul>'


def _largest_confusions(matrix: ConfusionMatrix) -> list[_Confusion]:
    """Return the largest cells off the diagonal, most pixels first."""
    errors = matrix.counts * ~np.eye(len(matrix.legend), dtype=bool)
    order = np.argsort(-errors, axis=None, kind="stable")[:_CONFUSIONS]
    cells = [divmod(int(flat), len(matrix.legend)) for flat in order]
    classes, totals = matrix.legend.classes, matrix.reference_pixels
    return [
        _Confusion(classes[row], classes[col], int(errors[row, col]), float(errors[row, col] / totals[col]))
        for row, col in cells
        if errors[row, col]
    ]


def _input_section(assessment: Assessment) -> str:
    facts: dict[str, Callable[[AssessedRaster], str]] = {
        "File": lambda raster: f"<code>{escape(raster.path)}</code>",
        "Size": _size,
        "Pixel": _pixel,
        "CRS": lambda raster: escape(crs_name(raster.grid.crs)),
        "Type": lambda raster: raster.dtype,
        "SHA-256": lambda raster: f"<code>{raster.sha256 or UNDEFINED}</code>",
    }
    rows = ((name, tell(assessment.map), tell(assessment.reference)) for name, tell in facts.items())
    body = "".join(f'<tr><th scope="row">{n}</th><td>{m}</td><td>{r}</td></tr>' for n, m, r in rows)
    return (
        f"<section><h2>Inputs</h2>{_coverage(assessment)}"
        '<table class="facts"><thead><tr><th></th><th scope="col">Map</th><th scope="col">Reference</th></tr></thead>'
        f"<tbody>{body}</tbody></table></section>"
    )


def _size(raster: AssessedRaster) -> str:
    return f"{count(raster.grid.width)} × {count(raster.grid.height)} pixels"


def _pixel(raster: AssessedRaster) -> str:
    width, height = raster.grid.pixel_size
    unit = "°" if is_geographic(raster.grid.crs) else "m"
    return f"{width:.6g} × {height:.6g}\u202f{unit}"


def _coverage(assessment: Assessment) -> str:
    left_out = assessment.left_out
    parts = (
        ("compared", assessment.matrix.pixels, INK),
        ("no data in the reference", left_out.no_reference, "#d9a441"),
        ("no data on the map", left_out.no_map, "#c98a6d"),
        ("no data in both", left_out.neither, "#dfe5e4"),
    )
    total = sum(pixels for _, pixels, _ in parts)
    bar = stacked_bar([Segment(pixels / total, colour) for _, pixels, colour in parts])
    labels = "".join(
        f'<span><span class="chip" style="background:{colour}"></span>{count(pixels)} {label} '
        f"({percent(pixels / total)})</span>"
        for label, pixels, colour in parts
        if pixels
    )
    return f'<figure style="margin:12px 0 22px">{bar}<div class="key" style="margin-top:8px">{labels}</div></figure>'


def _meaning_section(assessment: Assessment) -> str:
    method = (
        "Classes were matched by their names." if assessment.by_name else "Classes were matched by their pixel values."
    )
    if assessment.resampled:
        method += " The reference lay on another grid and was brought onto the map’s by nearest neighbour."
    caveats = "".join(f"<p>{text}</p>" for text in (*CAVEATS, method))
    terms = "".join(f"<dt>{term}</dt><dd>{text}</dd>" for term, text in TERMS)
    sources = "".join(f'<li>{text} <a href="{link}">{link}</a></li>' for text, link in SOURCES)
    return (
        f'<section><h2>What these figures are, and what they are not</h2><div class="prose">{caveats}</div>'
        f'<dl class="terms">{terms}</dl><ul class="sources">{sources}</ul></section>'
    )
