# SPDX-License-Identifier: GPL-2.0-or-later
"""The accuracy report as one HTML page that needs no network, no script and no other file."""

from __future__ import annotations

import os

from ...pages.page import html_document, page_footer, page_header, page_notes
from ...pages.text import count, decimal, escape, percent
from ..error_map import ErrorMap, ErrorPoints
from ..figures import HeadlineFigures
from ..result import Assessment, Interval, Kind
from .classes import area_section, class_section, confusion_section, share_section
from .drawing import error_dots, error_picture, reliability_diagram
from .inputs import input_section
from .matrix import matrix_sections
from .methods import methods_paragraph, sources_of
from .terms import TERMS, caveats

_PLACE = {
    Kind.PIXELS: "of the compared pixels have the right class",
    Kind.POLYGONS: "of the pixels in the polygons have the right class",
    Kind.SAMPLE: "of the map’s area has the right class",
    Kind.POINTS: "of the points have the right class",
}
_ALL = (
    ("Overall accuracy", "overall_accuracy", percent),
    ("Kappa", "kappa", decimal),
    ("Matthews", "matthews", decimal),
    ("Composite", "composite", decimal),
    ("Macro F1", "macro_f1", decimal),
    ("Weighted F1", "weighted_f1", decimal),
    ("Mean IoU", "mean_iou", decimal),
    ("Weighted IoU", "weighted_iou", decimal),
    ("Micro IoU", "micro_iou", decimal),
    ("Mean user’s accuracy", "macro_precision", percent),
    ("Mean producer’s accuracy", "macro_recall", percent),
    ("Quantity disagreement", "quantity_disagreement", percent),
    ("Allocation disagreement", "allocation_disagreement", percent),
    ("of it exchange", "exchange", percent),
    ("of it shift", "shift", percent),
)


def html_page(assessment: Assessment) -> str:
    """Return the whole page."""
    sections = (
        _header(assessment),
        _headline(assessment),
        page_notes(assessment.notes),
        matrix_sections(assessment),
        class_section(assessment),
        area_section(assessment),
        _columns(_place_section(assessment.errors), confusion_section(assessment)),
        _columns(share_section(assessment), _calibration_section(assessment)),
        _figure_section(assessment),
        input_section(assessment),
        _methods_section(assessment),
        _meaning_section(assessment),
        page_footer(assessment.made, assessment.software),
    )
    return html_document(f"Accuracy of {os.path.basename(assessment.map.path)}", sections)


def _header(assessment: Assessment) -> str:
    name, reference = (os.path.basename(item.path) for item in (assessment.map, assessment.reference))
    compared, classes = count(assessment.matrix.pixels), len(assessment.matrix.legend)
    kind = assessment.kind.value
    lead = f"{kind[0].upper()}{kind[1:]}: {compared} {assessment.noun}, {classes} classes, reference {reference}"
    return page_header("Accuracy assessment", name, lead)


def _headline(assessment: Assessment) -> str:
    figures, found = assessment.headline, assessment.intervals.headline
    entries = (
        ("Overall accuracy", "overall_accuracy", percent, _PLACE[assessment.kind]),
        ("Macro F1", "macro_f1", decimal, "mean over classes"),
        ("Mean IoU", "mean_iou", decimal, "intersection over union"),
        ("Kappa", "kappa", decimal, "agreement beyond chance"),
    )
    cells = ""
    for label, name, show, gloss in entries:
        ends = _interval_text(found.get(name), show is percent)
        gloss += f"<br>95 % interval {ends}" if ends else ""
        value = show(_value(figures, name))
        cells += f'<div><dt>{label}</dt><dd class="figure">{value}</dd><dd class="gloss">{gloss}</dd></div>'
    return f'<dl class="headline">{cells}</dl>'


def _ends(interval: Interval) -> str:
    return f"{100 * interval[0]:.1f}–{percent(interval[1])}"


def _columns(*sections: str) -> str:
    filled = [section for section in sections if section]
    return f'<div class="columns">{"".join(filled)}</div>' if filled else ""


def _place_section(errors: ErrorMap | ErrorPoints | None) -> str:
    if errors is None:
        return ""
    if isinstance(errors, ErrorPoints):
        text = "Each point where it lies on the map: brown where the map is wrong, green where it is right."
        drawing = error_dots(errors)
    else:
        size = f"{errors.step} × {errors.step} pixels" if errors.step > 1 else "one pixel"
        text = f"From pale (right) to brown (wrong), in cells of {size}; white where nothing was compared."
        drawing = error_picture(errors)
    return (
        f'<section><h2>Where the errors are</h2><p class="caption">{text}</p><figure class="map">{drawing}</figure>'
        "</section>"
    )


def _calibration_section(assessment: Assessment) -> str:
    calibration = assessment.calibration
    if calibration is None:
        return ""
    return (
        '<section><h2>Is the confidence right?</h2><p class="caption">How often the map is right (upwards) where its '
        "confidence says so (to the right). On the dashed line it is right as often as it says; below, it is too sure. "
        f"Larger dots stand for more pixels.</p><figure>{reliability_diagram(calibration)}</figure><p>Expected "
        f"calibration error <b>{percent(calibration.expected_error)}</b>; mean confidence "
        f"{percent(calibration.mean_confidence)}, right {percent(calibration.accuracy)}.</p></section>"
    )


def _figure_section(assessment: Assessment) -> str:
    figures, found = assessment.headline, assessment.intervals.headline
    rows = "".join(
        f'<tr><th scope="row">{label}</th><td>{show(_value(figures, name))}</td>'
        f"<td>{_interval_text(found.get(name), show is percent)}</td></tr>"
        for label, name, show in _ALL
    )
    return (
        '<section><h2>All figures</h2><table class="facts figures"><thead><tr><th></th><th scope="col">Value</th>'
        f'<th scope="col">95 % interval</th></tr></thead><tbody>{rows}</tbody></table></section>'
    )


def _value(figures: HeadlineFigures, name: str) -> float | None:
    value: float | None = getattr(figures, name)
    return value


def _interval_text(interval: Interval | None, as_percent: bool) -> str:
    if interval is None:
        return ""
    return _ends(interval) if as_percent else f"{decimal(interval[0])}–{decimal(interval[1])}"


def _methods_section(assessment: Assessment) -> str:
    return (
        '<section><h2>Methods</h2><p class="caption">What was done, in words that can be pasted into a paper.</p>'
        f'<blockquote class="prose">{escape(methods_paragraph(assessment))}</blockquote></section>'
    )


def _meaning_section(assessment: Assessment) -> str:
    texts = caveats(assessment.kind, bool(assessment.blocks and assessment.intervals.headline))
    prose = "".join(f"<p>{text}</p>" for text in texts)
    terms = "".join(f"<dt>{term}</dt><dd>{text}</dd>" for term, text in TERMS)
    sources = "".join(
        f"<li>{source.text}" + (f' <a href="{source.link}">{source.link}</a>' if source.link else "") + "</li>"
        for source in sources_of(assessment)
    )
    return (
        f'<section><h2>What these figures are, and what they are not</h2><div class="prose">{prose}</div>'
        f'<dl class="terms">{terms}</dl><ul class="sources">{sources}</ul></section>'
    )
