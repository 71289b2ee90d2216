# SPDX-License-Identifier: GPL-2.0-or-later
"""An assessment as files: a page to read, a table to calculate with, a document for programs; the same numbers in all.

`docs/accuracy.md` describes the columns and keys, which stay what they are once released.
"""

from __future__ import annotations

import csv
import io
import json
import os
from dataclasses import asdict
from typing import Any

from ..pages.page import write_text
from ..raster import crs_name
from .assessment import AssessedRaster, Assessment
from .report_html import html_page

SCHEMA_VERSION = "1.0"


def write_html(assessment: Assessment, path: str | os.PathLike[str]) -> None:
    """Write the report as one HTML page that stands alone.

    Raises:
        OutputError: if it cannot be written.
    """
    write_text(path, html_page(assessment))


def write_csv(assessment: Assessment, path: str | os.PathLike[str]) -> None:
    """Write one row a class: its figures, then its row of the confusion matrix (UTF-8, comma, undefined = empty).

    Raises:
        OutputError: if it cannot be written.
    """
    matrix = assessment.matrix
    figures = [asdict(item) for item in assessment.classes]
    header = ["value", "name", *figures[0], *(f"reference_{value}" for value in matrix.legend.values)]
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(header)
    for item, numbers, counts in zip(matrix.legend, figures, matrix.counts.tolist()):
        writer.writerow([item.value, item.name, *numbers.values(), *counts])
    write_text(path, table.getvalue())


def write_json(assessment: Assessment, path: str | os.PathLike[str]) -> None:
    """Write everything that is known as JSON; undefined figures are null.

    Raises:
        OutputError: if it cannot be written.
    """
    write_text(path, json.dumps(report_document(assessment), ensure_ascii=False, indent=1))


def report_document(assessment: Assessment) -> dict[str, Any]:
    """Return what `write_json` writes."""
    matrix = assessment.matrix
    classes = [
        {"value": item.value, "name": item.name, "color_hint": item.colour, **asdict(figures)}
        for item, figures in zip(matrix.legend, assessment.classes)
    ]
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "wall-to-wall comparison",
        "made": assessment.made,
        "headline": asdict(assessment.headline),
        "classes": classes,
        "confusion_matrix": {
            "rows": "map",
            "columns": "reference",
            "values": list(matrix.legend.values),
            "counts": matrix.counts.tolist(),
        },
        "left_out": asdict(assessment.left_out),
        "resampled": assessment.resampled,
        "matched_by": "name" if assessment.by_name else "value",
        "notes": list(assessment.notes),
        "map": _raster_document(assessment.map),
        "reference": _raster_document(assessment.reference),
        "software": dict(assessment.software),
    }


def _raster_document(raster: AssessedRaster) -> dict[str, Any]:
    grid = raster.grid
    return {
        "path": raster.path,
        "sha256": raster.sha256,
        "width": grid.width,
        "height": grid.height,
        "transform": list(grid.transform),
        "crs": crs_name(grid.crs),
        "dtype": raster.dtype,
    }
