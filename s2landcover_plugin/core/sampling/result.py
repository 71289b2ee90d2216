# SPDX-License-Identifier: GPL-2.0-or-later
"""What was drawn, and what the log says about it."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass

import numpy as np

from ..legend import Legend
from ..progress import Progress
from ..raster import Grid, is_geographic
from .allocation import expected_error
from .design import Method, SampleDesign


@dataclass(frozen=True)
class StratumSample:
    """What was drawn in one stratum.

    Attributes:
        value: number of the stratum; `core.accuracy.sample.WHOLE` where the design has none.
        name: what it is called.
        pixels: its size.
        planned: points wanted.
        drawn: points that there are.
        probability: inclusion probability of its pixels.
        expected: user's accuracy expected of it, 0-1.
    """

    value: int
    name: str
    pixels: int
    planned: int
    drawn: int
    probability: float
    expected: float


@dataclass(frozen=True)
class DrawnSample:
    """What became of a request.

    Attributes:
        path: the file.
        strata: what was drawn where.
        by_class: points on each class of the map.
    """

    path: str
    strata: tuple[StratumSample, ...]
    by_class: dict[int, int]

    @property
    def points(self) -> int:
        """Number of points."""
        return sum(stratum.drawn for stratum in self.strata)

    @property
    def expected_error(self) -> float:
        """Standard error that the overall accuracy will have if the map is as good as expected."""
        sizes, points = (np.array([getattr(item, name) for item in self.strata]) for name in ("pixels", "drawn"))
        spread = np.array([math.sqrt(item.expected * (1 - item.expected)) for item in self.strata])
        return expected_error(sizes, spread, points)


def caveats(grid: Grid, design: SampleDesign) -> tuple[str, ...]:
    """Return what to keep in mind about points of this design, in sentences."""
    notes = []
    if is_geographic(grid.crs):
        notes.append(
            "The map measures in degrees, so that its pixels differ in area and the least distance is in degrees too. "
            "Reproject the map to an equal-area system if areas are to be estimated."
        )
    if design.method is Method.SYSTEMATIC:
        notes.append(
            "Errors of a systematic sample are estimated as if it were a simple random one, which overstates them as a "
            "rule." + (" It keeps its own distance; the least distance was not used." if design.least_distance else "")
        )
    elif design.least_distance:
        notes.append("Points that keep a distance are more even than chance; standard errors take no note of it.")
    return tuple(notes)


def report_sample(
    result: DrawnSample, legend: Legend, design: SampleDesign, notes: tuple[str, ...], progress: Progress
) -> None:
    """Tell how many points each stratum got, and what standard error to expect; `notes` are warnings."""
    for note in notes:
        progress.warning(note)
    _report_strata(result, design, progress)
    if design.method is not Method.STRATIFIED:
        by_class = [f"{legend.names[value]} {points}" for value, points in sorted(result.by_class.items())]
        progress.info(f"Points by map class: {', '.join(by_class)}.")
    progress.info(_summary(result))


def _report_strata(result: DrawnSample, design: SampleDesign, progress: Progress) -> None:
    population = sum(stratum.pixels for stratum in result.strata)
    for stratum in result.strata:
        progress.info(_stratum_line(stratum, population))
        if stratum.drawn < stratum.planned and design.method is not Method.SYSTEMATIC:
            progress.warning(
                f"'{stratum.name}' has {stratum.drawn} of {stratum.planned} points: no other pixel of it was found "
                f"that keeps the least distance of {design.least_distance:g}."
            )


def _stratum_line(stratum: StratumSample, population: int) -> str:
    line = (
        f"{stratum.name}: {stratum.pixels:,} pixels ({stratum.pixels / population:.2%}), {stratum.planned} points "
        f"planned, {stratum.drawn} drawn"
    )
    if not stratum.drawn:
        return line
    spread = stratum.expected * (1 - stratum.expected)
    error = math.sqrt(spread * (1 / stratum.drawn - 1 / stratum.pixels))
    return f"{line}; expected accuracy {stratum.expected:.2f}, standard error {error:.3f}"


def _summary(result: DrawnSample) -> str:
    name = os.path.basename(result.path)
    if math.isinf(result.expected_error):
        return f"{result.points:,} points in {name}."
    return (
        f"{result.points:,} points in {name}. If the map is as good as expected, the overall accuracy will have a "
        f"standard error of {result.expected_error:.4f} (95 % interval: ± {1.96 * result.expected_error:.4f})."
    )
