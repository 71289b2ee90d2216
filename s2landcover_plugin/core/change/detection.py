# SPDX-License-Identifier: GPL-2.0-or-later
"""Two class maps of one place compared: from which class to which, and how much ground.

Post-classification comparison (Singh 1989, https://doi.org/10.1080/01431168908903939). Both maps are read window by
window; the later one is brought onto the earlier one's grid by nearest neighbour as it is read.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..accuracy.class_matching import VALUES, Matching
from ..accuracy.error_map import ErrorMap, ErrorShares
from ..accuracy.figures import ConfusionMatrix, Counts, FloatArray
from ..accuracy.inputs import AssessedRaster, describe_raster
from ..accuracy.pair_raster import PairCodes, pair_codes, write_pair_raster
from ..accuracy.pairing import ClassPair, PairScan, check_pairs
from ..accuracy.remap import ClassRows
from ..areas import HECTARE, pixel_areas
from ..class_raster import ClassArray, open_class_raster
from ..legend import LandCoverClass
from ..outputs import check_distinct
from ..pages.provenance import now, software
from ..pipeline import read_ahead
from ..progress import Progress, ProgressPart
from ..raster import Grid, Window

_ERRORS_MULTIPLY = (
    "Both maps have errors, and a pixel counts as changed where either is wrong: two maps that are right on 90 % of "
    "the pixels can differ on almost 20 % of them without any change. Small changes are mostly errors. For areas of "
    "change with confidence intervals, draw validation points from the change raster and label them."
)


@dataclass(frozen=True)
class ChangeRequest:
    """Two maps of one place.

    Attributes:
        earlier: class raster; its grid is the one compared on.
        later: class raster; any grid and CRS.
        output: GeoTIFF to write that says what became what; empty for none.
        matching: how classes of the later map are found on the earlier one.
        remap: a class table that says which class of the later map is which.
        checksums: whether the report gives the files' SHA-256.
    """

    earlier: str
    later: str
    output: str = ""
    matching: Matching = Matching.AUTO
    remap: ClassRows | None = None
    checksums: bool = True


@dataclass(frozen=True)
class Transition:
    """Ground that went from one class to another.

    Attributes:
        source: class on the earlier map.
        target: class on the later map.
        pixels: how many.
        hectares: how much ground.
    """

    source: LandCoverClass
    target: LandCoverClass
    pixels: int
    hectares: float


@dataclass(frozen=True, eq=False)
class Change:
    """What two maps say.

    Attributes:
        matrix: pixels by class, rows = earlier, columns = later.
        hectares: ground by class, same shape.
        earlier: the earlier map.
        later: the later map.
        left_out: pixels of the grid that lack a class on either map.
        matched_by: how classes were matched: value, name or table.
        resampled: whether the later map lay on another grid.
        places: where it changed, for a picture.
        notes: what a reader should know, in sentences.
        made: when it was made, UTC, ISO 8601.
        software: versions of what computed it, by component.
    """

    matrix: ConfusionMatrix
    hectares: FloatArray
    earlier: AssessedRaster
    later: AssessedRaster
    left_out: int
    matched_by: str
    resampled: bool
    places: ErrorMap
    notes: tuple[str, ...]
    made: str
    software: Mapping[str, str]

    @property
    def compared_hectares(self) -> float:
        """Ground that has a class on both maps."""
        return float(self.hectares.sum())

    @property
    def changed_hectares(self) -> float:
        """Ground whose class differs."""
        return float(self.hectares.sum() - np.trace(self.hectares))

    @property
    def changed_pixels(self) -> int:
        """Pixels whose class differs."""
        return int(self.matrix.counts.sum() - np.trace(self.matrix.counts))

    @property
    def transitions(self) -> tuple[Transition, ...]:
        """Every pair of different classes that occurs, the largest area first."""
        classes, counts = self.matrix.legend.classes, self.matrix.counts
        found = [
            Transition(classes[row], classes[col], int(counts[row, col]), float(self.hectares[row, col]))
            for row, col in np.argwhere(counts > 0).tolist()
            if row != col
        ]
        return tuple(sorted(found, key=lambda item: -item.hectares))


class _Counted:
    """Pixels and ground by pair of values."""

    def __init__(self, grid: Grid, classes: ClassPair) -> None:
        self.pixels = np.zeros((VALUES, VALUES), dtype=np.int64)
        self.hectares = np.zeros((VALUES, VALUES))
        self.places = ErrorShares(grid)
        self._classes = classes.translation
        self._areas = pixel_areas(grid) / HECTARE

    def add(self, window: Window, earlier: ClassArray, later: ClassArray) -> None:
        self.places.add(window, earlier, later, self._classes)
        areas = self._areas[window.rows]
        # Rows of one area are counted together: all of them, unless the map measures in degrees.
        edges = [0, *(np.flatnonzero(np.diff(areas)) + 1).tolist(), window.height]
        for start, stop in zip(edges, edges[1:]):
            counts = _pairs(earlier[start:stop], later[start:stop])
            self.pixels += counts
            self.hectares += counts * areas[start]


def _pairs(earlier: ClassArray, later: ClassArray) -> Counts:
    rows, columns = (int(values.max(initial=0)) + 1 for values in (earlier, later))
    keys = np.multiply(earlier, columns, dtype=np.int64)
    keys += later
    result = np.zeros((VALUES, VALUES), dtype=np.int64)
    result[:rows, :columns] = np.bincount(keys.ravel(), minlength=rows * columns).reshape(rows, columns)
    return result


def detect_change(request: ChangeRequest, progress: Progress) -> Change:
    """Compare two maps, and write the change raster if one is wanted.

    Raises:
        RasterError: if a map cannot be opened or read.
        GridError: if one has no CRS, or they do not overlap.
        InputError: if one is not a class raster, or no pixel has a class on both.
        OutputError: if the change raster cannot be written.
        Cancelled: if the user asks to stop.
    """
    if request.output:
        check_distinct(request.output, [request.earlier, request.later])
    with open_class_raster(request.earlier) as earlier, open_class_raster(request.later) as later:
        classes = ClassPair.of(earlier, later, request.matching, request.remap)
        scan = PairScan(earlier, later, classes)
        counted = _Counted(scan.grid, classes)
        _count(counted, scan, ProgressPart(progress, 0.0, 0.6 if request.output else 0.9))
        check_pairs(counted.pixels, request.earlier, request.later)
        described = [describe_raster(raster, request.checksums, progress) for raster in (earlier, later)]
        result = _result(classes, scan, counted, described[0], described[1])
        if request.output:
            part = ProgressPart(progress, 0.6, 1.0)
            write_pair_raster(request.output, "change", scan, classes.translation, change_codes(result.matrix), part)
    _report(result, progress)
    return result


def change_codes(matrix: ConfusionMatrix) -> PairCodes:
    """Return the values of a change raster."""
    return pair_codes(matrix, "no change", lambda source, target: f"{source} to {target}")


def _count(counted: _Counted, scan: PairScan, progress: Progress) -> None:
    windows = len(scan.windows)
    with contextlib.closing(read_ahead(scan.pairs(), progress.check)) as pieces:
        for done, piece in enumerate(pieces, start=1):
            progress.check()
            counted.add(*piece)
            progress.fraction(done / windows)


def _result(
    classes: ClassPair, scan: PairScan, counted: _Counted, earlier: AssessedRaster, later: AssessedRaster
) -> Change:
    matrix = classes.matrix(counted.pixels)
    hectares = np.zeros_like(counted.hectares)
    np.add.at(hectares.T, classes.translation.values, counted.hectares.T)
    values = list(matrix.legend.values)
    notes = (*scan.notes, classes.translation.note, *_one_sided(matrix), _ERRORS_MULTIPLY)
    return Change(
        matrix=matrix,
        hectares=hectares[np.ix_(values, values)],
        earlier=earlier,
        later=later,
        left_out=int(counted.pixels[0].sum() + counted.pixels[1:, 0].sum()),
        matched_by=classes.matched_by,
        resampled=scan.resampled,
        places=counted.places.result(),
        notes=tuple(note for note in notes if note),
        made=now(),
        software=software(),
    )


def _one_sided(matrix: ConfusionMatrix) -> tuple[str, ...]:
    names = [item.name for item in matrix.legend]
    sides = (
        ("earlier", matrix.reference_pixels, matrix.map_pixels),
        ("later", matrix.map_pixels, matrix.reference_pixels),
    )
    notes = []
    for side, absent, present in sides:
        only = [name for name, gone, there in zip(names, absent, present) if there and not gone]
        if only:
            notes.append(f"On the {side} map only: {', '.join(only)}. Check that both maps use the same classes.")
    return tuple(notes)


def _report(result: Change, progress: Progress) -> None:
    for note in result.notes:
        progress.warning(note)
    share = result.changed_hectares / result.compared_hectares
    progress.info(f"{result.changed_hectares:,.2f} of {result.compared_hectares:,.2f} ha changed ({share:.1%}).")
    for item in result.transitions[:10]:
        progress.info(f"{item.source.name} to {item.target.name}: {item.hectares:,.2f} ha")
    progress.fraction(1.0)
