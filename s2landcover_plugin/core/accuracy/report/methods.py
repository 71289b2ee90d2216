# SPDX-License-Identifier: GPL-2.0-or-later
"""A paragraph on what was done, written from what was really done, that can be pasted into a paper; and its sources."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ...pages.text import count, decimal, percent
from ...raster import crs_name, is_geographic
from ..inputs import AssessedFeatures, AssessedRaster
from ..result import Assessment, Interval, Kind, SamplingDesign
from .sources import CITED, Source

_LACKING = {
    "no_reference": "without a class in the reference",
    "no_map": "without a class on the map",
    "neither": "without a class in both",
    "outside": "outside the map",
    "unlabelled": "without a label",
}
_BY_CLASS = "ratios of stratified totals with the classes of the map as strata (Olofsson et al. 2014)"
_SIMPLE = "the estimators of a simple random sample (Cochran 1977)"
_ESTIMATORS = {
    SamplingDesign.CLASSES: _BY_CLASS,
    SamplingDesign.AFTERWARDS: _BY_CLASS,
    SamplingDesign.STRATA: "ratios of stratified totals for strata that are not the map's classes (Stehman 2014)",
    SamplingDesign.WHOLE: _SIMPLE,
    SamplingDesign.GRID: _SIMPLE,
}


def methods_paragraph(assessment: Assessment) -> str:
    """Return the paragraph, plain text."""
    sentences = (*_data(assessment), *_estimation(assessment), *_findings(assessment), _tools(assessment))
    return " ".join(sentences).replace("\u202f", "\u00a0")


def sources_of(assessment: Assessment) -> list[Source]:
    """Return what the page refers to, in the order of authors."""
    text = " ".join(_estimation(assessment))
    always = {"Cohen 1960", "Foody 2020", "Pontius and Millones 2011"}
    if assessment.kind is not Kind.SAMPLE:
        always.add("Olofsson et al. 2014")
    return [source for key, source in sorted(CITED.items()) if key in always or _names(text, key)]


def _names(text: str, key: str) -> bool:
    author, year = key.rsplit(" ", 1)
    return f"{author} {year}" in text or f"{author} ({year})" in text


def _data(assessment: Assessment) -> Iterator[str]:
    grid = assessment.map.grid
    width, height = grid.pixel_size
    unit = "°" if is_geographic(grid.crs) else " m"
    name, source = (os.path.basename(item.path) for item in (assessment.map, assessment.reference))
    matched = {"table": "a table of classes", "name": "name", "value": "value"}[assessment.matched_by]
    yield (
        f"The land-cover map {name} ({count(grid.width)} × {count(grid.height)} pixels of {width:.6g} × {height:.6g}"
        f"{unit}, {crs_name(grid.crs)}) was assessed against {_reference(assessment)} {source}; its classes were "
        f"matched by {matched}."
    )
    if assessment.resampled:
        yield "The reference was brought onto the map’s grid by nearest neighbour."
    left_out = [f"{count(number)} {_LACKING[reason]}" for reason, number in assessment.left_out.items() if number]
    gaps = f"; left out were {', '.join(left_out)}" if left_out else ""
    yield f"{count(assessment.matrix.pixels)} {assessment.noun} were compared{gaps}."


def _reference(assessment: Assessment) -> str:
    reference = assessment.reference
    if isinstance(reference, AssessedFeatures):
        return f"the field “{reference.field}” of {count(reference.features)} {reference.geometry} in"
    return "the reference raster"


def _estimation(assessment: Assessment) -> Iterator[str]:
    if assessment.sample is not None:
        yield from _sampling(assessment.sample.design)
    elif assessment.kind is Kind.POINTS:
        yield (
            "The points are not known to be a probability sample, so that the figures describe them alone and are no "
            "estimates for the map."
        )
    else:
        inside = " inside the polygons" if assessment.kind is Kind.POLYGONS else ""
        yield (
            f"All pixels{inside} with a class in both were compared, so that the figures are no estimates from a "
            "sample and have no sampling error."
        )
    if assessment.blocks is not None and assessment.intervals.headline:
        blocks = assessment.blocks
        yield (
            f"Intervals hold 95 % of {count(blocks.draws)} draws of {count(blocks.blocks)} blocks of {blocks.size} × "
            f"{blocks.size} pixels, with replacement (block bootstrap, Efron 1979, Künsch 1989; seed {blocks.seed})."
        )
    if assessment.calibration is not None:
        yield (
            "The calibration of the map’s confidence is the expected calibration error over ten bins of equal width "
            "(Guo et al. 2017)."
        )


def _sampling(design: SamplingDesign) -> Iterator[str]:
    yield (
        f"The points were {design.value}. Accuracy and area were estimated by {_ESTIMATORS[design]}, with standard "
        "errors that take the finite population into account (Stehman 2014); 95 % confidence intervals are the "
        "estimate ± 1.96 standard errors."
    )


def _findings(assessment: Assessment) -> Iterator[str]:
    figures, found = assessment.headline, assessment.intervals.headline
    verb = "was estimated at" if assessment.kind is Kind.SAMPLE else "was"
    yield (
        f"Overall accuracy {verb} {percent(figures.overall_accuracy)}{_ends(found.get('overall_accuracy'))}, mean "
        f"intersection over union {decimal(figures.mean_iou)} and macro F1 {decimal(figures.macro_f1)}; quantity "
        f"disagreement was {percent(figures.quantity_disagreement)} and allocation disagreement "
        f"{percent(figures.allocation_disagreement)} (Pontius and Millones 2011)."
    )
    if assessment.calibration is not None:
        yield f"The expected calibration error was {percent(assessment.calibration.expected_error)}."


def _ends(interval: Interval | None) -> str:
    return f" (95 % interval {percent(interval[0])} to {percent(interval[1])})" if interval else ""


def _tools(assessment: Assessment) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in assessment.software.items())
    kept = [item for item in (assessment.map, assessment.reference) if isinstance(item, AssessedRaster)]
    sums = " and ".join(item.sha256[:12] for item in kept if item.sha256)
    return f"Computed with {versions}" + (f"; SHA-256 of the rasters begin with {sums}." if sums else ".")
