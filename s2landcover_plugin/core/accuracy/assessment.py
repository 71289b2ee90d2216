# SPDX-License-Identifier: GPL-2.0-or-later
"""A class map against a reference raster, compared pixel by pixel in one pass.

Both rasters are read window by window; a reference on another grid or CRS is brought onto the map's by nearest
neighbour as it is read. Memory does not depend on the rasters' size.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass

from ..class_raster import ClassArray, open_class_raster
from ..errors import InputError
from ..pages.provenance import now, software
from ..pipeline import read_ahead
from ..progress import Progress, ProgressPart
from ..raster import Grid, Window, crs_name
from .blocks import BlockPairs, block_figures
from .bootstrap import LEAST_BLOCKS, Bootstrap
from .calibration import CalibrationCounts, ConfidenceReader, PercentArray, confidence_on, open_confidence
from .class_matching import Matching, Translation, check_common_class, one_sided_notes
from .error_map import ErrorShares, agreement
from .figures import Counts
from .inputs import AssessedRaster, describe_raster
from .pair_raster import pair_codes, write_pair_raster
from .pairing import ClassPair, PairScan, check_pairs
from .remap import ClassRows
from .result import Assessment, BlockDesign, Kind

_Pixels = tuple[Window, ClassArray, ClassArray, "PercentArray | None"]


@dataclass(frozen=True)
class AssessmentRequest:
    """A map and what it is to be compared with.

    Attributes:
        map: class raster to be assessed.
        reference: class raster taken as the truth; any grid and CRS.
        matching: how classes of the reference are found on the map.
        remap: a class table that says which class of the reference is which.
        confidence: raster of the map's confidence, per cent; any grid and CRS. Empty for none.
        block_size: side of the blocks of ground that intervals rest on, pixels of the map.
        seed: the same seed gives the same intervals.
        checksums: whether the report gives the files' SHA-256.
        errors: GeoTIFF to write that says which class was taken for which; empty for none.
        reference_name: what messages call the reference, if not by its path.
        first_notes: what a reader should know of how the reference was made, in sentences.
    """

    map: str
    reference: str
    matching: Matching = Matching.AUTO
    remap: ClassRows | None = None
    confidence: str = ""
    block_size: int = 100
    seed: int = 0
    checksums: bool = True
    errors: str = ""
    reference_name: str = ""
    first_notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.block_size < 1:
            raise InputError(f"Blocks of {self.block_size} pixels cannot be; give a size of 1 or more.")


def assess(request: AssessmentRequest, progress: Progress) -> Assessment:
    """Compare a map with a reference raster.

    Raises:
        RasterError: if a raster cannot be opened or read.
        GridError: if one has no CRS, or they do not overlap.
        InputError: if one is not a class raster, no pixel has a class in both, or they share no class.
        Cancelled: if the user asks to stop.
    """
    with contextlib.ExitStack() as stack:
        class_map = stack.enter_context(open_class_raster(request.map))
        reference = stack.enter_context(open_class_raster(request.reference))
        confidence = stack.enter_context(open_confidence(request.confidence)) if request.confidence else None
        classes = ClassPair.of(class_map, reference, request.matching, request.remap)
        scan = PairScan(class_map, reference, classes)
        counted = _Counted(scan.grid, classes.translation, request.block_size)
        levels = confidence_on(class_map, confidence) if confidence else None
        _count(counted, scan, levels, ProgressPart(progress, 0.0, 0.7 if request.errors else 0.9))
        described = describe_raster(class_map, request.checksums, progress)
        source = describe_raster(reference, request.checksums, progress)
        sure = describe_raster(confidence, request.checksums, progress) if confidence else None
        result = _result(request, classes, scan, counted, (described, source, sure))
        if request.errors:
            codes = pair_codes(result.matrix, "same class", lambda mapped, actual: f"{actual} mapped as {mapped}")
            write_pair_raster(request.errors, "error", scan, classes.translation, codes, ProgressPart(progress, 0.7, 1))
    _report(result, progress)
    return result


def _result(
    request: AssessmentRequest,
    classes: ClassPair,
    scan: PairScan,
    counted: _Counted,
    inputs: tuple[AssessedRaster, AssessedRaster, AssessedRaster | None],
) -> Assessment:
    table = counted.blocks.table()
    check_pairs(table, request.map, request.reference_name or request.reference)
    matrix = classes.matrix(table)
    check_common_class(matrix)
    blocks = counted.blocks.matrices(matrix.legend, classes.translation)
    intervals, design = block_figures(*blocks, matrix.legend, Bootstrap(seed=request.seed))
    calibration = counted.calibration.result(inputs[2]) if inputs[2] else None
    notes = (
        *request.first_notes,
        *(_same_file_note(request), *scan.notes, classes.translation.note, *_block_notes(design, request.block_size)),
        "" if calibration or not inputs[2] else f"{request.confidence} has no confidence where map and reference have.",
        *one_sided_notes(matrix),
    )
    return Assessment(
        kind=Kind.PIXELS,
        matrix=matrix,
        table=matrix.counts,
        map=inputs[0],
        reference=inputs[1],
        left_out=_left_out(table),
        matched_by=classes.matched_by,
        notes=tuple(note for note in notes if note),
        made=now(),
        software=software(),
        resampled=scan.resampled,
        intervals=intervals,
        blocks=design,
        errors=counted.errors.result(),
        calibration=calibration,
    )


class _Counted:
    """What one pass adds up."""

    def __init__(self, grid: Grid, classes: Translation, block_size: int) -> None:
        self.blocks = BlockPairs(grid, block_size)
        self.errors = ErrorShares(grid)
        self.calibration = CalibrationCounts()
        self._classes = classes

    def add(self, window: Window, mapped: ClassArray, actual: ClassArray, percent: PercentArray | None) -> None:
        self.blocks.add(window, mapped, actual)
        self.errors.add(window, mapped, actual, self._classes)
        if percent is not None:
            right, compared = agreement(mapped, self._classes.apply(actual))
            self.calibration.add(percent[compared], right[compared])


def _count(counted: _Counted, scan: PairScan, levels: ConfidenceReader | None, progress: Progress) -> None:
    windows = len(scan.windows)
    with contextlib.closing(read_ahead(_pixels(scan, levels), progress.check)) as pieces:
        for done, piece in enumerate(pieces, start=1):
            progress.check()
            counted.add(*piece)
            progress.fraction(done / windows)


def _pixels(scan: PairScan, levels: ConfidenceReader | None) -> Iterator[_Pixels]:
    for window, mapped, actual in scan.pairs():
        yield window, mapped, actual, None if levels is None else levels.read(window)


def _same_file_note(request: AssessmentRequest) -> str:
    with contextlib.suppress(OSError):
        if os.path.samefile(request.map, request.reference):
            return "Map and reference are the same file, so every figure is perfect and says nothing."
    return ""


def _block_notes(design: BlockDesign, wanted: int) -> Iterator[str]:
    if design.blocks < LEAST_BLOCKS:
        yield (
            f"Intervals need at least {LEAST_BLOCKS} blocks with data; blocks of {design.size} x {design.size} pixels "
            f"gave {design.blocks}. Take smaller blocks, or a larger reference."
        )
    if design.size != wanted:
        yield (
            f"Blocks of {wanted} pixels would have taken too much memory with so many classes; intervals rest on "
            f"blocks of {design.size} pixels."
        )


def _left_out(table: Counts) -> dict[str, int]:
    return {
        "no_reference": int(table[1:, 0].sum()),
        "no_map": int(table[0, 1:].sum()),
        "neither": int(table[0, 0]),
    }


def _report(result: Assessment, progress: Progress) -> None:
    for note in result.notes:
        progress.warning(note)
    skipped = sum(result.left_out.values())
    progress.info(f"{result.matrix.pixels:,} pixels were compared; {skipped:,} were left out for want of data.")
    if isinstance(result.reference, AssessedRaster) and result.resampled:
        grid = result.reference.grid
        progress.info(f"The reference ({crs_name(grid.crs)}) was brought onto the map's grid by nearest neighbour.")
    progress.fraction(1.0)
