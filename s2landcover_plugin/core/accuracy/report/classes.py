# SPDX-License-Identifier: GPL-2.0-or-later
"""The report's sections on single classes: figures, areas, confusions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...legend import LandCoverClass
from ...pages.text import UNDEFINED, count, decimal, escape, percent
from ..estimation import Estimate
from ..figures import ClassFigures
from ..result import Assessment, Interval, SampleResult
from .drawing import AreaBar, area_chart, class_shares, interval_meter
from .matrix import chip

_CONFUSIONS = 8
_SHARES = ("precision", "recall")
_HEADINGS = ("User’s accuracy", "Producer’s accuracy", "F1", "IoU")


def class_section(assessment: Assessment) -> str:
    """Return the table of the classes' figures, each with a bar and its interval."""
    rows = "".join(
        _class_row(item, figures, assessment) for item, figures in zip(assessment.matrix.legend, assessment.classes)
    )
    noun = assessment.noun
    columns = "".join(f'<th scope="col" class="measure">{heading}</th>' for heading in _HEADINGS)
    means = assessment.headline
    values = (means.macro_precision, means.macro_recall, means.macro_f1, means.mean_iou)
    cells = "".join(f"<td>{text}</td>" for text in _figure_texts(*values))
    lines = " Small figures, and the line below a bar, are 95 % intervals." if assessment.intervals.classes else ""
    return (
        '<section><h2>Class by class</h2><p class="caption">User’s accuracy answers “can I trust the map where it '
        f"shows this class?”, producer’s accuracy “how much of this class did the map find?”.{lines}</p>"
        '<div class="scroll"><table class="classes"><thead><tr><th scope="col">Class</th>'
        f'<th scope="col">Map<br>{noun}</th><th scope="col">Reference<br>{noun}</th>{columns}</tr></thead>'
        f'<tbody>{rows}</tbody><tfoot><tr><th scope="row" colspan="3">Mean over the classes present in the '
        f"reference</th>{cells}</tr></tfoot></table></div></section>"
    )


def _class_row(item: LandCoverClass, figures: ClassFigures, assessment: Assessment) -> str:
    values = {"precision": figures.precision, "recall": figures.recall, "f1": figures.f1, "iou": figures.iou}
    found = assessment.intervals.classes.get(item.value, {})
    cells = ""
    for (name, value), text in zip(values.items(), _figure_texts(*values.values())):
        ends = found.get(name)
        cells += f'<td class="measure">{text}{_small(ends, name in _SHARES)}{interval_meter(value, ends)}</td>'
    return (
        f'<tr><th scope="row">{chip(item)}{escape(item.name)}</th><td>{count(figures.map_pixels)}</td>'
        f"<td>{count(figures.reference_pixels)}</td>{cells}</tr>"
    )


def _small(interval: Interval | None, is_share: bool) -> str:
    if interval is None:
        return ""
    low, high = (f"{100 * end:.0f}" if is_share else f"{end:.2f}" for end in interval)
    return f"<small>{low}–{high}</small>"


def _figure_texts(
    precision: float | None, recall: float | None, f1: float | None, iou: float | None
) -> tuple[str, str, str, str]:
    return percent(precision), percent(recall), decimal(f1), decimal(iou)


def area_section(assessment: Assessment) -> str:
    """Return the classes' areas: estimated ones with intervals from a sample; empty without one."""
    sample = assessment.sample
    if sample is None:
        return ""
    areas = sample.estimates.areas(sample.pixel_hectares)
    rows, bars = "", []
    for item, area, share in zip(assessment.matrix.legend, areas, sample.estimates.shares):
        mapped = sample.mapped_pixels.get(item.value, 0) * sample.pixel_hectares
        rows += _area_row(item, mapped, area, share)
        bars.append(AreaBar(item.name, item.colour, mapped, area.value or 0.0, area.interval()))
    return (
        '<section><h2>Area of each class</h2><p class="caption">Estimated from the points, with 95 % confidence '
        "intervals: what is really there, corrected for the map’s errors. The grey bars are the areas on the map.</p>"
        f"<figure>{area_chart(bars)}</figure>"
        '<div class="scroll"><table class="classes"><thead><tr><th scope="col">Class</th><th scope="col">On the map'
        '<br>ha</th><th scope="col">Estimated<br>ha</th><th scope="col">Standard error<br>ha</th><th scope="col">95 % '
        'interval<br>ha</th><th scope="col">Share of<br>the area</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{_population(sample)}</section>"
    )


def _area_row(item: LandCoverClass, mapped: float, area: Estimate, share: Estimate) -> str:
    interval = area.interval()
    ends = f"{hectares(interval[0])}–{hectares(interval[1])}" if interval else UNDEFINED
    return (
        f'<tr><th scope="row">{chip(item)}{escape(item.name)}</th><td>{hectares(mapped)}</td>'
        f"<td><b>{hectares(area.value)}</b></td><td>{hectares(area.standard_error)}</td><td>{ends}</td>"
        f"<td>{percent(share.value)}</td></tr>"
    )


def _population(sample: SampleResult) -> str:
    estimates = sample.estimates
    total = estimates.pixels * sample.pixel_hectares
    return (
        f'<p class="caption" style="margin-top:14px">{count(estimates.units)} labelled points speak for '
        f"{count(estimates.pixels)} pixels, {hectares(total)} ha. The points were {escape(sample.design.value)}.</p>"
    )


def hectares(area: float | None) -> str:
    """Return an area with as many decimals as make sense, or a dash where it is undefined."""
    if area is None:
        return UNDEFINED
    return count(round(area)) if area >= 100 else f"{area:.2f}"


def share_section(assessment: Assessment) -> str:
    """Return the classes' shares of what was compared; empty where a sample says more."""
    if assessment.sample is not None:
        return ""
    return (
        "<section><h2>Class shares</h2>"
        f'<p class="caption">Of the compared {assessment.noun}: on the map (broad bar, first number) and in the '
        f"reference (grey bar, second number).</p><figure>{class_shares(assessment.matrix)}</figure></section>"
    )


@dataclass(frozen=True)
class _Confusion:
    """What of one reference class the map gives another."""

    mapped: LandCoverClass
    actual: LandCoverClass
    number: int
    share: float


def confusion_section(assessment: Assessment) -> str:
    """Return the list of the most frequent confusions."""
    unit = "px" if assessment.noun == "pixels" else assessment.noun
    confusions = _largest_confusions(assessment)
    items = "".join(
        f"<li><span>{chip(c.actual)}{escape(c.actual.name)} <span class='arrow'>mapped as</span> "
        f"{chip(c.mapped)}{escape(c.mapped.name)}</span>"
        f'<span class="count"><b>{percent(c.share)}</b> · {count(c.number)} {unit}</span></li>'
        for c in confusions
    )
    body = (
        f'<ul class="confusions">{items}</ul>'
        if items
        else f"<p>None: map and reference agree on every {_one(unit)}.</p>"
    )
    whole = "class’s area" if assessment.sample is not None else f"reference’s {assessment.noun} of the class"
    return (
        f'<section><h2>Most frequent confusions</h2><p class="caption">As a share of the {whole}.</p>{body}</section>'
    )


def _one(unit: str) -> str:
    return "pixel" if unit == "px" else unit.removesuffix("s")


def _largest_confusions(assessment: Assessment) -> list[_Confusion]:
    """Return the largest cells off the diagonal, largest first."""
    matrix, table = assessment.matrix, assessment.table
    errors = table * ~np.eye(len(matrix.legend), dtype=bool)
    order = np.argsort(-errors, axis=None, kind="stable")[:_CONFUSIONS]
    cells = [divmod(int(flat), len(matrix.legend)) for flat in order]
    classes, totals = matrix.legend.classes, table.sum(axis=0)
    return [
        _Confusion(classes[row], classes[col], int(matrix.counts[row, col]), float(errors[row, col] / totals[col]))
        for row, col in cells
        if errors[row, col]
    ]
