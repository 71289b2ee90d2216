# SPDX-License-Identifier: GPL-2.0-or-later
"""What an assessment finds; `core.accuracy.report` writes it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from .calibration import Calibration
from .error_map import ErrorMap, ErrorPoints
from .estimation import SampleEstimates
from .figures import ClassFigures, ConfusionMatrix, HeadlineFigures, Table, class_figures, headline_figures
from .inputs import AssessedFeatures, AssessedRaster

Interval = tuple[float, float]
"""Lower and upper end of a 95 % interval."""


class Kind(enum.Enum):
    """What was compared, and so what the figures mean."""

    PIXELS = "wall-to-wall comparison"
    POLYGONS = "comparison inside polygons"
    SAMPLE = "estimates from a probability sample"
    POINTS = "comparison at points"


class SamplingDesign(enum.Enum):
    """How sample points were drawn; the values complete "The points were ..."."""

    CLASSES = "drawn at random within each class of the map"
    STRATA = "drawn at random within strata other than the map's classes"
    WHOLE = "drawn at random over the whole map"
    AFTERWARDS = "drawn at random over the whole map, and stratified afterwards by the map's classes"
    GRID = "drawn on a grid with a random start, and treated as if drawn at random"


@dataclass(frozen=True)
class Intervals:
    """95 % intervals of figures; what has none is absent.

    Attributes:
        headline: by the names of `HeadlineFigures`.
        classes: by class value, and then by the names of `ClassFigures`.
    """

    headline: Mapping[str, Interval] = field(default_factory=dict)
    classes: Mapping[int, Mapping[str, Interval]] = field(default_factory=dict)


@dataclass(frozen=True)
class BlockDesign:
    """What a bootstrap drew.

    Attributes:
        size: of a block, pixels.
        blocks: that have data.
        draws: how often as many blocks were drawn with replacement.
        seed: of the random numbers.
    """

    size: int
    blocks: int
    draws: int
    seed: int


@dataclass(frozen=True)
class SampleResult:
    """What belongs to estimates from a sample alone.

    Attributes:
        estimates: accuracies and shares of the area with their standard errors.
        design: how the points were drawn.
        stratum_names: names of the strata by value.
        pixel_hectares: area of a pixel of the map, hectares.
        mapped_pixels: pixels of each class on the map, by class value.
    """

    estimates: SampleEstimates
    design: SamplingDesign
    stratum_names: Mapping[int, str]
    pixel_hectares: float
    mapped_pixels: Mapping[int, int]


@dataclass(frozen=True)
class Assessment:
    """The result of an assessment.

    Attributes:
        kind: what was compared.
        matrix: pixels (or points) by class, rows = map, columns = reference.
        table: what the figures are computed from: the counts of the matrix, or estimated shares of the area.
        map: the map; its grid is the one compared on.
        reference: what it was compared with.
        left_out: pixels (or points) that could not be compared, by reason: `no_reference`, `no_map`, `neither`,
            `outside`, `unlabelled`.
        matched_by: how classes of the reference were found on the map: value, name or table.
        notes: what a reader of the figures should know; sentences.
        made: when it was made, UTC, ISO 8601.
        software: versions of what computed it, by component.
        resampled: whether a reference raster lay on another grid.
        intervals: of the figures.
        blocks: what the intervals of a comparison of pixels rest on.
        sample: estimates, for a probability sample.
        errors: where the map is wrong.
        calibration: how well the map's confidence tells, where there is a confidence raster.
    """

    kind: Kind
    matrix: ConfusionMatrix
    table: Table
    map: AssessedRaster
    reference: AssessedRaster | AssessedFeatures
    left_out: Mapping[str, int]
    matched_by: str
    notes: tuple[str, ...]
    made: str
    software: Mapping[str, str]
    resampled: bool = False
    intervals: Intervals = field(default_factory=Intervals)
    blocks: BlockDesign | None = None
    sample: SampleResult | None = None
    errors: ErrorMap | ErrorPoints | None = None
    calibration: Calibration | None = None

    @property
    def headline(self) -> HeadlineFigures:
        """The figures over all classes."""
        return headline_figures(self.matrix, self.table)

    @property
    def classes(self) -> tuple[ClassFigures, ...]:
        """The figures of each class, in the order of the matrix."""
        return class_figures(self.matrix, self.table)

    @property
    def noun(self) -> str:
        """What was counted: "pixels" or "points"."""
        return "points" if self.kind in (Kind.SAMPLE, Kind.POINTS) else "pixels"
