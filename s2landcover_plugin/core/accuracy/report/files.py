# SPDX-License-Identifier: GPL-2.0-or-later
"""The files of a report."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ...outputs import write_text
from ...raster import crs_name
from ..calibration import Calibration
from ..estimation import Estimate
from ..inputs import AssessedRaster
from ..result import Assessment, Interval, SampleResult
from .methods import methods_paragraph
from .page import html_page

SCHEMA_VERSION = "1.0"

_MEASURES = ("precision", "recall", "f1", "iou")


def write_html(assessment: Assessment, path: str | os.PathLike[str]) -> None:
    """Write the report as one HTML page that stands alone.

    Raises:
        OutputError: if it cannot be written.
    """
    write_text(path, html_page(assessment))


def write_csv(assessment: Assessment, path: str | os.PathLike[str]) -> None:
    """Write one row a class: its figures with their intervals, then its row of the confusion matrix.

    UTF-8, comma-separated; undefined is empty.

    Raises:
        OutputError: if it cannot be written.
    """
    matrix = assessment.matrix
    rows = [
        {**row, **{f"reference_{value}": number for value, number in zip(matrix.legend.values, numbers)}}
        for row, numbers in zip(_class_rows(assessment), matrix.counts.tolist())
    ]
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
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
    colours = [item.colour for item in matrix.legend]
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": assessment.kind.value,
        "made": assessment.made,
        "headline": asdict(assessment.headline),
        "intervals": {name: list(ends) for name, ends in assessment.intervals.headline.items()},
        "classes": [{**row, "color_hint": colour} for row, colour in zip(_class_rows(assessment), colours)],
        "confusion_matrix": {
            "rows": "map",
            "columns": "reference",
            "counted": assessment.noun,
            "values": list(matrix.legend.values),
            "counts": matrix.counts.tolist(),
            "area_proportions": None if assessment.sample is None else assessment.table.tolist(),
        },
        "left_out": dict(assessment.left_out),
        "resampled": assessment.resampled,
        "matched_by": assessment.matched_by,
        "blocks": None if assessment.blocks is None else asdict(assessment.blocks),
        "sample": None if assessment.sample is None else _sample_document(assessment.sample),
        "calibration": None if assessment.calibration is None else _calibration_document(assessment.calibration),
        "notes": list(assessment.notes),
        "methods": methods_paragraph(assessment),
        "map": _raster_document(assessment.map),
        "reference": _input_document(assessment),
        "software": dict(assessment.software),
    }


def _class_rows(assessment: Assessment) -> list[dict[str, Any]]:
    rows = []
    for index, (item, figures) in enumerate(zip(assessment.matrix.legend, assessment.classes)):
        found = assessment.intervals.classes.get(item.value, {})
        row = {"value": item.value, "name": item.name, **asdict(figures), **_ends(found)}
        if assessment.sample is not None:
            row.update(_areas(assessment.sample, index, item.value))
        rows.append(row)
    return rows


def _ends(intervals: Mapping[str, Interval]) -> dict[str, float | None]:
    ends: dict[str, float | None] = {}
    for name in _MEASURES:
        ends[f"{name}_low"], ends[f"{name}_high"] = intervals.get(name, (None, None))
    return ends


def _areas(sample: SampleResult, index: int, value: int) -> dict[str, float | None]:
    estimates = sample.estimates
    area = estimates.areas(sample.pixel_hectares)[index]
    low, high = area.interval() or (None, None)
    return {
        **_error("precision", estimates.users[index]),
        **_error("recall", estimates.producers[index]),
        "mapped_ha": sample.mapped_pixels.get(value, 0) * sample.pixel_hectares,
        "area_ha": area.value,
        "area_standard_error_ha": area.standard_error,
        "area_low_ha": low,
        "area_high_ha": high,
    }


def _error(name: str, estimate: Estimate) -> dict[str, float | None]:
    return {f"{name}_standard_error": estimate.standard_error}


def _sample_document(sample: SampleResult) -> dict[str, Any]:
    estimates = sample.estimates
    return {
        "design": sample.design.name.lower(),
        "design_in_words": sample.design.value,
        "points": estimates.units,
        "pixels": estimates.pixels,
        "pixel_ha": sample.pixel_hectares,
        "overall_accuracy_standard_error": estimates.overall.standard_error,
        "strata_without_points": list(estimates.unsampled),
        "strata_with_one_point": list(estimates.single),
    }


def _calibration_document(calibration: Calibration) -> dict[str, Any]:
    return {
        "expected_calibration_error": calibration.expected_error,
        "mean_confidence": calibration.mean_confidence,
        "accuracy": calibration.accuracy,
        "bins": [asdict(part) for part in calibration.bins],
        "confidence": _raster_document(calibration.source),
    }


def _input_document(assessment: Assessment) -> dict[str, Any]:
    reference = assessment.reference
    return _raster_document(reference) if isinstance(reference, AssessedRaster) else asdict(reference)


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
