# SPDX-License-Identifier: GPL-2.0-or-later
"""A class map against reference points: estimates where the points are a probability sample, else a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..areas import HECTARE, pixel_areas
from ..class_raster import class_legend, open_class_raster
from ..errors import GridError, InputError
from ..legend import Legend
from ..pages.provenance import now, software
from ..progress import Progress, ProgressPart
from ..raster import Grid, is_geographic
from .calibration import Calibration, CalibrationCounts, confidence_on, open_confidence
from .class_matching import VALUES, Matching, check_common_class, confusion_matrix, one_sided_notes
from .error_map import ErrorPoints
from .estimation import estimate, sampling_notes
from .figures import ConfusionMatrix
from .inputs import AssessedFeatures, describe_raster
from .point_design import DesignedSample, DrawnPoint, PointDesign, UsablePoints, designed_sample
from .point_labels import Label, labelled_classes
from .point_reading import OUTSIDE, MapAtPoints, Places, percent_at, places_on, read_at
from .remap import ClassRows
from .result import Assessment, Intervals, Kind, SampleResult
from .sample_intervals import sample_intervals

_NO_DESIGN = (
    "The points do not say how they were drawn. The figures describe these points only: nothing follows from them for "
    "the map as a whole or for areas. If the points were drawn at random, say how."
)
_DEGREES = (
    "The map measures in degrees, so that its pixels differ in area; the estimates count pixels, and areas take their "
    "mean. Reproject the map to an equal-area system for exact areas."
)


@dataclass(frozen=True)
class ReferencePoint:
    """A place whose class is known, or should be.

    Attributes:
        x: coordinate in the map's CRS.
        y: coordinate in the map's CRS.
        label: class value or name; None where nobody has labelled it.
        drawn: what the point says of the sample that it belongs to.
    """

    x: float
    y: float
    label: Label
    drawn: DrawnPoint | None = None


@dataclass(frozen=True)
class ReferencePoints:
    """A layer of points, brought to the map's CRS.

    Attributes:
        source: what the report says of the layer.
        points: all of them.
        lost: features that have no place in the map's CRS.
    """

    source: AssessedFeatures
    points: tuple[ReferencePoint, ...]
    lost: int = 0

    def __post_init__(self) -> None:
        if not self.points:
            raise InputError(f"{self.source.path} has no point; give a layer that has some.")


@dataclass(frozen=True)
class PointRequest:
    """A map and how points are read.

    Attributes:
        map: class raster to be assessed.
        design: how the points were drawn.
        remap: a class table that says which label is which class of the map, if the two differ.
        matching: how classes that have a value in that table are found on the map.
        confidence: raster of the map's confidence, per cent; empty for none.
        checksums: whether the report gives the rasters' SHA-256.
    """

    map: str
    design: PointDesign = PointDesign.AUTO
    remap: ClassRows | None = None
    matching: Matching = Matching.AUTO
    confidence: str = ""
    checksums: bool = True


@dataclass(frozen=True, eq=False)
class _Points:
    """All points: class on the map and class as labelled, shape (points,)."""

    mapped: NDArray[np.int64]
    labels: NDArray[np.int64]

    @property
    def usable(self) -> NDArray[np.bool_]:
        return np.asarray((self.mapped > 0) & (self.labels > 0))

    def chosen(self) -> UsablePoints:
        return UsablePoints(self.mapped[self.usable], self.labels[self.usable])

    def left_out(self) -> dict[str, int]:
        outside, blank = self.mapped == OUTSIDE, self.labels == 0
        return {
            "outside": int(outside.sum()),
            "unlabelled": int((blank & ~outside).sum()),
            "no_map": int(((self.mapped == 0) & ~blank).sum()),
        }


def assess_points(request: PointRequest, reference: ReferencePoints, progress: Progress) -> Assessment:
    """Compare a map with points.

    Raises:
        RasterError: if the map cannot be opened or read.
        GridError: if it has no CRS, or no point lies on it.
        InputError: if it is not a class raster, no point is labelled, a label is no class, or the two share none.
        Cancelled: if the user asks to stop.
    """
    with open_class_raster(request.map) as class_map:
        legend = class_legend(class_map)
        labels = [point.label for point in reference.points]
        found = labelled_classes(labels, legend, request.remap, request.matching)
        places = places_on(class_map.grid, [(point.x, point.y) for point in reference.points])
        seen = read_at(class_map, places, ProgressPart(progress, 0.0, 0.9))
        described = describe_raster(class_map, request.checksums, progress)
    points = _Points(seen.mapped, np.array(found.values, dtype=np.int64))
    _check(points, request, reference)
    matrix = _matrix(points.chosen(), legend)
    drawn = [point.drawn for point in reference.points]
    designed = designed_sample(request.design, points.chosen(), points.usable, drawn, seen.pixels)
    sample = None if designed is None else _estimated(designed, seen, described.grid)
    notes = (found.note, *_left_out_notes(points, reference), *_notes(designed, sample, matrix, seen, described.grid))
    result = Assessment(
        kind=Kind.POINTS if sample is None else Kind.SAMPLE,
        matrix=matrix,
        table=matrix.counts if sample is None else sample.estimates.proportions,
        map=described,
        reference=reference.source,
        left_out=points.left_out(),
        matched_by=found.matched_by,
        notes=tuple(note for note in notes if note),
        made=now(),
        software=software(),
        intervals=Intervals() if sample is None else sample_intervals(sample.estimates),
        sample=sample,
        errors=_errors(points, places, described.grid),
        calibration=_calibration(request, points, places, designed, progress) if request.confidence else None,
    )
    _report(result, progress)
    return result


def _check(points: _Points, request: PointRequest, reference: ReferencePoints) -> None:
    path = reference.source.path
    if (points.mapped == OUTSIDE).all():
        raise GridError(
            f"No point of {path} lies on {request.map}. Check that both show the same place and that their coordinate "
            "reference systems are right."
        )
    if not (points.labels > 0).any():
        raise InputError(
            f"No point of {path} has a class in its field '{reference.source.field}'. Label the points, or choose the "
            "field that holds the classes."
        )
    if not points.usable.any():
        raise InputError(f"No labelled point of {path} lies where {request.map} has data.")


def _matrix(points: UsablePoints, legend: Legend | None) -> ConfusionMatrix:
    table = np.zeros((VALUES, VALUES), dtype=np.int64)
    np.add.at(table, (points.mapped, points.labels), 1)
    matrix = confusion_matrix(table, legend)
    check_common_class(matrix)
    return matrix


def _errors(points: _Points, places: Places, grid: Grid) -> ErrorPoints:
    chosen = points.chosen()
    shares = (places[points.usable] + 0.5) / max(grid.width, grid.height)
    return ErrorPoints(shares, chosen.mapped == chosen.labels, grid.height / grid.width)


def _calibration(
    request: PointRequest, points: _Points, places: Places, designed: DesignedSample | None, progress: Progress
) -> Calibration | None:
    chosen = points.chosen()
    counts = CalibrationCounts()
    with open_class_raster(request.map) as class_map, open_confidence(request.confidence) as confidence:
        reader = confidence_on(class_map, confidence)
        percent = percent_at(reader, class_map.grid, places[points.usable], progress)
        counts.add(percent, chosen.mapped == chosen.labels, None if designed is None else designed.weights)
        return counts.result(describe_raster(confidence, request.checksums, progress))


def _estimated(designed: DesignedSample, seen: MapAtPoints, grid: Grid) -> SampleResult:
    return SampleResult(
        estimates=estimate(designed.sample),
        design=designed.design,
        stratum_names=designed.stratum_names,
        pixel_hectares=float(pixel_areas(grid).mean()) / HECTARE,
        mapped_pixels=seen.pixels,
    )


def _notes(
    designed: DesignedSample | None, sample: SampleResult | None, matrix: ConfusionMatrix, seen: MapAtPoints, grid: Grid
) -> tuple[str, ...]:
    if designed is None or sample is None:
        return (_NO_DESIGN, seen.note, *one_sided_notes(matrix))
    names = matrix.legend.names
    found = sampling_notes(sample.estimates, designed.sample, names, {**names, **designed.stratum_names})
    return (*designed.notes, _DEGREES if is_geographic(grid.crs) else "", seen.note, *found)


def _left_out_notes(points: _Points, reference: ReferencePoints) -> Sequence[str]:
    left_out, total = points.left_out(), len(reference.points)
    notes = []
    if reference.lost:
        notes.append(f"{reference.lost:,} features have no place in the map's coordinate reference system.")
    if left_out["unlabelled"]:
        notes.append(
            f"{left_out['unlabelled']:,} of {total:,} points have no label and are left out, as if they were like the "
            "labelled ones. If they are the difficult ones, the map looks better than it is; say how many there were."
        )
    if left_out["outside"]:
        notes.append(f"{left_out['outside']:,} of {total:,} points lie outside the map and are left out.")
    if left_out["no_map"]:
        notes.append(f"{left_out['no_map']:,} of {total:,} points lie where the map has no data and are left out.")
    return notes


def _report(result: Assessment, progress: Progress) -> None:
    for note in result.notes:
        progress.warning(note)
    progress.info(f"{result.matrix.pixels:,} points were compared; {sum(result.left_out.values()):,} were left out.")
    if result.sample is not None:
        interval = result.intervals.headline.get("overall_accuracy")
        value = result.sample.estimates.overall.value
        ends = f", 95 % interval {interval[0]:.1%} to {interval[1]:.1%}" if interval else ""
        progress.info(f"Overall accuracy {value:.1%}{ends}; the points were {result.sample.design.value}.")
    progress.fraction(1.0)
