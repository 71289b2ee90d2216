# SPDX-License-Identifier: GPL-2.0-or-later
"""The report's section on what it was made of."""

from __future__ import annotations

from collections.abc import Mapping

from ...pages.drawing import INK, Segment, stacked_bar
from ...pages.text import UNDEFINED, count, escape, percent
from ...raster import crs_name, is_geographic
from ..inputs import AssessedFeatures, AssessedRaster
from ..result import Assessment

_REASONS = {
    "no_reference": ("no data in the reference", "#d9a441"),
    "no_map": ("no data on the map", "#c98a6d"),
    "neither": ("no data in both", "#dfe5e4"),
    "unlabelled": ("not labelled", "#d9a441"),
    "outside": ("outside the map", "#dfe5e4"),
}


def input_section(assessment: Assessment) -> str:
    """Return what was compared and what was left out, and the files with their checksums."""
    columns = {"Map": raster_facts(assessment.map), "Reference": _facts(assessment.reference)}
    if assessment.calibration is not None:
        columns["Confidence"] = raster_facts(assessment.calibration.source)
    names = list(dict.fromkeys(name for facts in columns.values() for name in facts))
    head = "".join(f'<th scope="col">{title}</th>' for title in columns)
    body = "".join(
        f'<tr><th scope="row">{name}</th>'
        + "".join(f"<td>{facts.get(name, UNDEFINED)}</td>" for facts in columns.values())
        + "</tr>"
        for name in names
    )
    return (
        f"<section><h2>Inputs</h2>{_coverage(assessment)}"
        f'<table class="facts"><thead><tr><th></th>{head}</tr></thead><tbody>{body}</tbody></table></section>'
    )


def _facts(reference: AssessedRaster | AssessedFeatures) -> Mapping[str, str]:
    return raster_facts(reference) if isinstance(reference, AssessedRaster) else _feature_facts(reference)


def raster_facts(raster: AssessedRaster) -> Mapping[str, str]:
    """Return what a report says of a raster, as HTML by heading."""
    width, height = raster.grid.pixel_size
    unit = "°" if is_geographic(raster.grid.crs) else "m"
    return {
        "File": f"<code>{escape(raster.path)}</code>",
        "Size": f"{count(raster.grid.width)} × {count(raster.grid.height)} pixels",
        "Pixel": f"{width:.6g} × {height:.6g}\u202f{unit}",
        "CRS": escape(crs_name(raster.grid.crs)),
        "Type": raster.dtype,
        "SHA-256": f"<code>{raster.sha256 or UNDEFINED}</code>",
    }


def _feature_facts(features: AssessedFeatures) -> Mapping[str, str]:
    return {
        "File": f"<code>{escape(features.path)}</code>",
        "Size": f"{count(features.features)} {features.geometry}",
        "Type": f"classes in the field “{escape(features.field)}”",
        "SHA-256": f"<code>{features.sha256 or UNDEFINED}</code>",
    }


def _coverage(assessment: Assessment) -> str:
    parts = [("compared", assessment.matrix.pixels, INK)]
    parts += [(_REASONS[reason][0], number, _REASONS[reason][1]) for reason, number in assessment.left_out.items()]
    total = sum(number for _, number, _ in parts)
    bar = stacked_bar([Segment(number / total, colour) for _, number, colour in parts])
    labels = "".join(
        f'<span><span class="chip" style="background:{colour}"></span>{count(number)} {label} '
        f"({percent(number / total)})</span>"
        for label, number, colour in parts
        if number
    )
    return f'<figure style="margin:12px 0 22px">{bar}<div class="key" style="margin-top:8px">{labels}</div></figure>'
