# SPDX-License-Identifier: GPL-2.0-or-later
"""A class map against reference polygons: they become pixels of the map's grid, and those are compared."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..class_raster import class_legend, open_class_raster
from ..errors import GridError, InputError
from ..progress import Progress, ProgressPart
from ..raster import Grid, RasterSpec, Window, create_raster
from ..vector.burning import PolygonBurner
from ..vector.inside import Polygon, pixel_edges
from .assessment import AssessmentRequest, assess
from .class_matching import Matching
from .inputs import AssessedFeatures
from .point_labels import Label, LabelledClasses, labelled_classes
from .result import Assessment, Kind

_ROWS = 512


@dataclass(frozen=True)
class ReferencePolygons:
    """A layer of polygons, brought to the map's CRS.

    Attributes:
        source: what the report says of the layer.
        polygons: all of them; later ones lie on top.
        labels: class value or name of each; None where nobody has labelled it.
        lost: features that have no place in the map's CRS.
    """

    source: AssessedFeatures
    polygons: tuple[Polygon, ...]
    labels: tuple[Label, ...]
    lost: int = 0

    def __post_init__(self) -> None:
        if not self.polygons:
            raise InputError(f"{self.source.path} has no polygon; give a layer that has some.")


def assess_polygons(request: AssessmentRequest, reference: ReferencePolygons, progress: Progress) -> Assessment:
    """Compare a map with polygons.

    Args:
        request: the map and how to compare; its `reference` is not used.
        reference: the polygons.
        progress: hears how far it is.

    Raises:
        RasterError: if a raster cannot be opened or read.
        GridError: if one has no CRS, or no polygon lies on the map.
        InputError: if the map is not a class raster, or a label is no class.
        Cancelled: if the user asks to stop.
    """
    with open_class_raster(request.map) as class_map:
        grid, legend = class_map.grid, class_legend(class_map)
    found = labelled_classes(reference.labels, legend, request.remap, request.matching)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "polygons.tif"
        _burn(path, grid, reference, found.values, ProgressPart(progress, 0.0, 0.3))
        pixels = dataclasses.replace(
            request,
            reference=str(path),
            matching=Matching.VALUE,
            remap=None,
            reference_name=reference.source.path,
            first_notes=_notes(found, reference),
        )
        result = assess(pixels, ProgressPart(progress, 0.3, 1.0))
    return dataclasses.replace(
        result,
        kind=Kind.POLYGONS,
        reference=reference.source,
        matched_by=found.matched_by,
    )


def _burn(path: Path, grid: Grid, reference: ReferencePolygons, values: Sequence[int], progress: Progress) -> None:
    burner = PolygonBurner([pixel_edges(grid, polygon) for polygon in reference.polygons], values)
    touched = False
    with create_raster(str(path), RasterSpec(grid, "uint8", ("reference",), nodata=0)) as writer:
        for row in range(0, grid.height, _ROWS):
            progress.check()
            window = Window(0, row, grid.width, min(_ROWS, grid.height - row))
            strip = burner.burn(window)
            touched = touched or bool(strip.any())
            writer.write(strip[np.newaxis], window)
            progress.fraction((row + window.height) / grid.height)
    if not touched:
        _refuse(reference, values)


def _refuse(reference: ReferencePolygons, values: Sequence[int]) -> None:
    source = reference.source
    if not any(values):
        raise InputError(
            f"No polygon of {source.path} has a class in its field '{source.field}'. Choose the field that holds the "
            "classes."
        )
    raise GridError(
        f"No polygon of {source.path} holds the centre of a pixel of the map. Check that both show the same place, and "
        "that the polygons are not smaller than pixels."
    )


def _notes(found: LabelledClasses, reference: ReferencePolygons) -> tuple[str, ...]:
    notes = [found.note] if found.note else []
    unlabelled = sum(not value for value in found.values)
    if unlabelled:
        notes.append(f"{unlabelled:,} of {len(found.values):,} polygons have no class and are left out.")
    if reference.lost:
        notes.append(f"{reference.lost:,} features have no place in the map's coordinate reference system.")
    return tuple(notes)
