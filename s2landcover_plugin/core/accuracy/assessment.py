# SPDX-License-Identifier: GPL-2.0-or-later
"""A class map against a reference raster, compared pixel by pixel in one pass.

Both rasters are read window by window; a reference on another grid or CRS is brought onto the map's by nearest
neighbour as it is read. Memory does not depend on the rasters' size.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..class_raster import ClassArray, ClassScan, class_legend, class_windows, open_class_raster
from ..errors import GridError, InputError
from ..pages.provenance import now, software
from ..pipeline import read_ahead
from ..progress import Progress, ProgressPart
from ..raster import Grid, RasterReader, crs_name, same_crs
from .checksum import sha256
from .class_matching import VALUES, match_classes
from .figures import ClassFigures, ConfusionMatrix, Counts, HeadlineFigures, class_figures, headline_figures

_PIECE = 1 << 16


@dataclass(frozen=True)
class AssessmentRequest:
    """A map and what it is to be compared with.

    Attributes:
        map: class raster to be assessed.
        reference: class raster taken as the truth; any grid and CRS.
        checksums: whether the report gives the files' SHA-256.
    """

    map: str
    reference: str
    checksums: bool = True


@dataclass(frozen=True)
class AssessedRaster:
    """One of the two inputs.

    Attributes:
        path: as it was given.
        grid: size, place and CRS.
        dtype: numpy name of its pixel type.
        sha256: checksum in hexadecimal digits, or None where it was not computed.
    """

    path: str
    grid: Grid
    dtype: str
    sha256: str | None = None


@dataclass(frozen=True)
class LeftOut:
    """Pixels of the map's grid that could not be compared.

    Attributes:
        no_reference: the map has a class, the reference has no data there (or ends before).
        no_map: the reference has a class, the map has no data there.
        neither: no data in both.
    """

    no_reference: int
    no_map: int
    neither: int


@dataclass(frozen=True)
class Assessment:
    """The result of a comparison; `core.accuracy.report` writes it.

    Attributes:
        matrix: confusion matrix of the classes that occur, rows = map, columns = reference.
        map: the map; its grid is the one compared on.
        reference: the reference.
        left_out: pixels not compared, and why.
        resampled: whether the reference lay on another grid.
        by_name: whether classes were matched by name and not by value.
        notes: what a reader of the figures should know; sentences.
        made: when the comparison ran, UTC, ISO 8601.
        software: versions of what computed it, by component.
    """

    matrix: ConfusionMatrix
    map: AssessedRaster
    reference: AssessedRaster
    left_out: LeftOut
    resampled: bool
    by_name: bool
    notes: tuple[str, ...]
    made: str
    software: Mapping[str, str]

    @property
    def headline(self) -> HeadlineFigures:
        """The figures over all classes."""
        return headline_figures(self.matrix)

    @property
    def classes(self) -> tuple[ClassFigures, ...]:
        """The figures of each class, in the order of the matrix."""
        return class_figures(self.matrix)


def assess(request: AssessmentRequest, progress: Progress) -> Assessment:
    """Compare a map with a reference raster.

    Raises:
        RasterError: if one of the two cannot be opened or read.
        GridError: if one has no CRS, or they do not overlap.
        InputError: if one is not a class raster, or no pixel has a class in both.
        Cancelled: if the user asks to stop.
    """
    with contextlib.ExitStack() as stack:
        class_map = stack.enter_context(open_class_raster(request.map))
        reference = stack.enter_context(open_class_raster(request.reference))
        resampled = not _same_grid(class_map.grid, reference.grid)
        _check_overlap(class_map, reference)
        table, notes = _count_pairs(class_map, reference, resampled, ProgressPart(progress, 0.0, 0.95))
        _check_pairs(table, request)
        matched = match_classes(table, class_legend(class_map), class_legend(reference))
        notes = (*_same_file_note(request), *notes, matched.note, *_one_sided_notes(matched.matrix))
        inputs = [_describe(raster, request.checksums, progress) for raster in (class_map, reference)]
    result = Assessment(
        matrix=matched.matrix,
        map=inputs[0],
        reference=inputs[1],
        left_out=_left_out(table),
        resampled=resampled,
        by_name=matched.by_name,
        notes=tuple(note for note in notes if note),
        made=now(),
        software=software(),
    )
    _report(result, progress)
    return result


def _same_grid(first: Grid, second: Grid) -> bool:
    return first.matches(second) and same_crs(first.crs, second.crs)


def _check_overlap(class_map: RasterReader, reference: RasterReader) -> None:
    """Catch early what can be told from the corners; another CRS shows itself in the counts."""
    if not same_crs(class_map.grid.crs, reference.grid.crs):
        return
    left, bottom, right, top = class_map.grid.bounds
    west, south, east, north = reference.grid.bounds
    if left >= east or right <= west or bottom >= north or top <= south:
        raise GridError(
            f"{class_map.path} and {reference.path} do not overlap. Check that both show the same place and that "
            "neither was given a wrong coordinate reference system."
        )


def _count_pairs(
    class_map: RasterReader, reference: RasterReader, resampled: bool, progress: Progress
) -> tuple[Counts, tuple[str, ...]]:
    """Count value pairs: shape (256, 256), rows = map, columns = reference, 0 where a raster has no data."""
    if resampled and not class_map.grid.is_north_up:
        raise GridError(f"{class_map.path} is rotated or upside down; warp it to a north-up grid first.")
    other = reference.onto(class_map.grid) if resampled else reference
    scans = (ClassScan(class_map), ClassScan(other))
    table = np.zeros((VALUES, VALUES), dtype=np.int64)
    windows = tuple(class_windows(class_map.grid))
    reads = (tuple(scan.read(window) for scan in scans) for window in windows)
    with contextlib.closing(read_ahead(reads, progress.check)) as pairs:
        for done, pair in enumerate(pairs, start=1):
            progress.check()
            add_pairs(table, *pair)
            progress.fraction(done / len(windows))
    return table, tuple(scan.note() for scan in scans)


def add_pairs(table: Counts, map_values: ClassArray, reference_values: ClassArray) -> None:
    """Add the value pairs of two arrays of the same shape to a table of shape (256, 256), rows = map."""
    first, second = map_values.reshape(-1), reference_values.reshape(-1)
    # As few bins as the values need: a handful fits the fastest cache, 65536 do not.
    rows, columns = (int(values.max(initial=0)) + 1 for values in (first, second))
    counts = np.zeros(rows * columns, dtype=np.int64)
    for start in range(0, first.size, _PIECE):
        pair = first[start : start + _PIECE].astype(np.uint16)
        pair *= np.uint16(columns)
        pair += second[start : start + _PIECE]
        counts += np.bincount(pair, minlength=counts.size)
    table[:rows, :columns] += counts.reshape(rows, columns)


def _check_pairs(table: Counts, request: AssessmentRequest) -> None:
    if table[1:, 1:].any():
        return
    if not table[1:, :].any():
        raise InputError(f"Every pixel of {request.map} is nodata; there is nothing to assess.")
    if not table[:, 1:].any():
        raise GridError(
            f"{request.reference} has no data anywhere inside {request.map}. Check that both show the same place and "
            "that their coordinate reference systems are right."
        )
    raise InputError(
        f"No pixel has a class both in {request.map} and in {request.reference}; where one has data, the other has "
        "none. Choose a reference that covers a part of the map."
    )


def _same_file_note(request: AssessmentRequest) -> tuple[str, ...]:
    with contextlib.suppress(OSError):
        if os.path.samefile(request.map, request.reference):
            return ("Map and reference are the same file, so every figure is perfect and says nothing.",)
    return ()


def _one_sided_notes(matrix: ConfusionMatrix) -> tuple[str, ...]:
    names = [item.name for item in matrix.legend]
    only_map = [name for name, pixels in zip(names, matrix.reference_pixels) if not pixels]
    only_reference = [name for name, pixels in zip(names, matrix.map_pixels) if not pixels]
    notes = []
    if only_map:
        notes.append(f"On the map but not in the reference: {', '.join(only_map)}. Macro averages leave them out.")
    if only_reference:
        notes.append(f"In the reference but never on the map: {', '.join(only_reference)}.")
    return tuple(notes)


def _left_out(table: Counts) -> LeftOut:
    return LeftOut(int(table[1:, 0].sum()), int(table[0, 1:].sum()), int(table[0, 0]))


def _describe(raster: RasterReader, checksum: bool, progress: Progress) -> AssessedRaster:
    digest = sha256(raster.path, progress) if checksum else None
    return AssessedRaster(raster.path, raster.grid, raster.bands[0].dtype, digest)


def _report(result: Assessment, progress: Progress) -> None:
    for note in result.notes:
        progress.warning(note)
    left_out = result.left_out
    skipped = left_out.no_map + left_out.no_reference + left_out.neither
    progress.info(f"{result.matrix.pixels:,} pixels were compared; {skipped:,} were left out for want of data.")
    if result.resampled:
        grid = result.reference.grid
        progress.info(f"The reference ({crs_name(grid.crs)}) was brought onto the map's grid by nearest neighbour.")
    progress.fraction(1.0)
