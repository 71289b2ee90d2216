# SPDX-License-Identifier: GPL-2.0-or-later
"""A class map to a file of validation points."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..accuracy.sample import WHOLE
from ..class_raster import class_legend, legend_for, open_class_raster
from ..errors import InputError
from ..legend import Legend
from ..outputs import check_distinct, staged
from ..progress import Progress, ProgressPart
from ..raster import RasterReader
from ..vector import write_points
from .allocation import deviations, plan_points, sample_size
from .design import ExpectedAccuracy, Method, SampleDesign
from .drawing import draw_grid, draw_points, grid_step
from .layer import SampledMap, drawn_by_value, points_layer
from .population import Pixels, Population, StratifiedMap, count_population
from .result import DrawnSample, StratumSample, caveats, report_sample

_ALL = 1
"""Stratum of every pixel, while pixels are drawn, where the design has no strata."""


@dataclass(frozen=True)
class SamplePointsRequest:
    """A map to be sampled.

    Attributes:
        map: class raster.
        output: GeoPackage to write.
        design: how to draw.
        strata: raster of strata, 1-255, for a stratified design; empty to take the map's classes.
    """

    map: str
    output: str
    design: SampleDesign
    strata: str = ""

    def __post_init__(self) -> None:
        if self.strata and self.design.method is not Method.STRATIFIED:
            raise InputError(
                f"A {self.design.method.value} sample has no strata; leave the raster of strata out, or choose a "
                "stratified sample."
            )


def sample_points(request: SamplePointsRequest, progress: Progress) -> DrawnSample:
    """Draw validation points and write them.

    Raises:
        RasterError: if a raster cannot be opened or read.
        GridError: if one has no CRS.
        InputError: if one is not a class raster, nothing can be sampled, or the design asks for more than there is.
        OutputError: if the file cannot be written.
        Cancelled: if the user asks to stop.
    """
    check_distinct(request.output, [request.map, *filter(None, [request.strata])])
    design = request.design
    with _opened(request) as (class_map, strata):
        source = StratifiedMap(class_map, strata, whole=design.method is not Method.STRATIFIED)
        population = count_population(source, ProgressPart(progress, 0.0, 0.4))
        notes = (*source.notes(), *caveats(class_map.grid, design))
        classes = {int(value): int(population.classes[value]) for value in np.flatnonzero(population.classes)}
        legend = _choices(class_map, classes)
        names = _stratum_names(design, strata, population, legend)
        _check_expectations(design, classes if strata is None else names, progress)
        design = _with_overall_expectation(design, classes)
        planned, pixels = _draw(source, population, design, ProgressPart(progress, 0.4, 0.95))
    drawn = _drawn(population, planned, pixels, names, design)
    if not len(pixels):
        raise InputError("No point could be placed; ask for more points or a smaller least distance.")
    sampled = SampledMap(class_map.grid, legend, classes, design.method.value)
    with staged(request.output) as path:
        write_points(str(path), points_layer(_renumbered(pixels, design), drawn, sampled))
    result = DrawnSample(request.output, drawn, drawn_by_value(pixels.mapped))
    report_sample(result, legend, design, notes, progress)
    return result


@contextlib.contextmanager
def _opened(request: SamplePointsRequest) -> Iterator[tuple[RasterReader, RasterReader | None]]:
    with contextlib.ExitStack() as stack:
        class_map = stack.enter_context(open_class_raster(request.map))
        yield class_map, stack.enter_context(open_class_raster(request.strata)) if request.strata else None


def _choices(class_map: RasterReader, classes: dict[int, int]) -> Legend:
    """Return the classes to label with: those of the map's legend, also where the map never shows them."""
    known = class_legend(class_map)
    return legend_for({*classes, *(known.values if known else ())}, known)


def _stratum_names(
    design: SampleDesign, strata: RasterReader | None, population: Population, legend: Legend
) -> dict[int, str]:
    if design.method is not Method.STRATIFIED:
        return {_ALL: "whole map"}
    if strata is None:
        return {value: legend.names[value] for value in population.strata.tolist()}
    return legend_for(population.strata.tolist(), class_legend(strata)).names


def _check_expectations(design: SampleDesign, known: dict[int, int] | dict[int, str], progress: Progress) -> None:
    unknown = sorted(set(design.expected.by_stratum) - set(known))
    if unknown:
        listed = ", ".join(map(str, unknown))
        progress.warning(f"An accuracy is expected of {listed}, of which there is no pixel; it is not used.")


def _with_overall_expectation(design: SampleDesign, classes: dict[int, int]) -> SampleDesign:
    """Turn accuracies expected of the classes into one of the map, for designs that have no strata."""
    if design.method is Method.STRATIFIED:
        return design
    right = sum(size * design.expected.of(value) for value, size in classes.items())
    return dataclasses.replace(design, expected=ExpectedAccuracy(right / sum(classes.values())))


def _draw(
    source: StratifiedMap, population: Population, design: SampleDesign, progress: Progress
) -> tuple[dict[int, int], Pixels]:
    """Return the points wanted of each stratum, and the points."""
    strata, sizes = population.strata, population.sizes
    if design.method is Method.SYSTEMATIC:
        count = _grid_count(design, population)
        return {_ALL: count}, draw_grid(source, population, count, design.seed, progress)
    planned = dict(zip(strata.tolist(), plan_points(design, strata, sizes).tolist()))
    return planned, draw_points(source, population, planned, design.least_distance, design.seed, progress)


def _grid_count(design: SampleDesign, population: Population) -> int:
    if design.target_error is not None:
        spread = deviations(design.expected, population.strata)
        return sample_size(population.sizes, spread, np.ones(1), design.target_error)
    if design.count > population.pixels:
        raise InputError(
            f"{design.count:,} points were asked for, but the map has only {population.pixels:,} pixels with data. "
            "Ask for fewer."
        )
    return design.count


def _drawn(
    population: Population, planned: dict[int, int], pixels: Pixels, names: dict[int, str], design: SampleDesign
) -> tuple[StratumSample, ...]:
    counts = drawn_by_value(pixels.strata)
    result = []
    for stratum, size in zip(population.strata.tolist(), population.sizes.tolist()):
        drawn = counts.get(stratum, 0)
        on_grid = design.method is Method.SYSTEMATIC
        probability = grid_step(size, planned[stratum]) ** -2 if on_grid else drawn / size
        value = stratum if design.method is Method.STRATIFIED else WHOLE
        expected = design.expected.of(stratum)
        result.append(StratumSample(value, names[stratum], size, planned[stratum], drawn, probability, expected))
    return tuple(result)


def _renumbered(pixels: Pixels, design: SampleDesign) -> Pixels:
    if design.method is Method.STRATIFIED:
        return pixels
    return dataclasses.replace(pixels, strata=np.full(len(pixels), WHOLE, dtype=np.int64))
