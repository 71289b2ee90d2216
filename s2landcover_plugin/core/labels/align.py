# SPDX-License-Identifier: GPL-2.0-or-later
"""Labels onto an image's grid, file to file."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..areas import class_areas, write_attribute_table
from ..class_raster import ClassArray, legend_for
from ..class_rows import class_rows
from ..classification.map_output import class_spec
from ..errors import GridError, InputError
from ..legend import NODATA, Legend, write_style
from ..outputs import check_distinct, staged
from ..pipeline import read_ahead
from ..progress import Progress, ProgressPart
from ..raster import Grid, RasterSpec, RasterWriter, Window, create_raster, open_raster
from .class_table import ClassTable
from .overlap import LabelBlock
from .polygon_labels import open_polygons
from .raster_labels import RasterLabels
from .recoding import most_frequent
from .request import AlignmentRequest, AlignmentResult
from .source import LabelSource
from .voting import Ballot, Method, resolve_weights

_STRIP = 256  # rows of the result that are written at a time: those of its blocks
_LABELS = 4_000_000  # read at a time, about
_LABEL_ROWS = 512  # read at a time, about: what tiled files decompress at once
_KEPT_BYTES = 96_000_000  # what the library may keep of the labels


def align(request: AlignmentRequest, progress: Progress) -> AlignmentResult:
    """Bring labels onto an image's grid.

    The result has a legend, an attribute table where it has a CRS, and a `.qml` style beside it.

    Raises:
        LandCoverError: if an input or the output cannot be used, or the user cancelled. No output exists then.
    """
    check_distinct(request.output, [path for path in (request.image, request.labels, request.polygons) if path])
    with open_raster(request.image) as image:
        grid = image.grid
    with contextlib.ExitStack() as stack:
        source = stack.enter_context(_opened(request, grid))
        path = stack.enter_context(staged(request.output))
        aside = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=path.parent))) / path.name
        counts = _vote(source, _ballot(request, source), grid, aside, ProgressPart(progress, 0.0, 0.9))
        _check_found(counts, source, request)
        legend = _legend(request.options.table, source, counts)
        _finish(aside, path, legend, grid, ProgressPart(progress, 0.9, 1.0))
        pixels = {value: int(counts[value]) for value in legend.values}
        result = AlignmentResult(request.output, legend, pixels, int(counts[NODATA]), dict(source.unlisted))
    _report(result, request, progress)
    return result


@contextlib.contextmanager
def _opened(request: AlignmentRequest, grid: Grid) -> Iterator[LabelSource]:
    at_centres = request.method is Method.NEAREST
    if request.labels:
        with open_raster(request.labels) as raster:
            yield RasterLabels(raster, grid, request.options, at_centres)
    else:
        yield open_polygons(request.polygons, request.layer, request.class_field, grid, request.options, at_centres)


def _ballot(request: AlignmentRequest, source: LabelSource) -> Ballot:
    table = request.options.table
    # What labels were called before a table is of no use afterwards, unless they stay as they are.
    legends = [table.legend if table else None, source.legend if table is None or request.options.keep else None]
    return Ballot(request.method, resolve_weights(request.weights, legends), request.least)


def _vote(source: LabelSource, ballot: Ballot, grid: Grid, path: Path, progress: Progress) -> NDArray[np.int64]:
    """Write the class of every pixel; return pixels by class value, shape (256,)."""
    counts = np.zeros(256, np.int64)
    blocks = read_ahead(_blocks(source, grid), progress.check)
    strip = np.zeros((_STRIP, grid.width), np.uint8)
    with create_raster(str(path), RasterSpec(grid, "uint8", ("labels",), NODATA)) as writer, contextlib.closing(blocks):
        for window, block in blocks:
            row = window.row % _STRIP
            strip[row : row + window.height, window.cols] = NODATA if block is None else ballot.winners(block)
            progress.check()
            done = window.row + window.height
            if window.cols.stop == grid.width and (done % _STRIP == 0 or done == grid.height):
                _write(strip[: row + window.height], done, counts, writer)
                progress.fraction(done / grid.height)
    return counts


def _write(strip: ClassArray, stop: int, counts: NDArray[np.int64], writer: RasterWriter) -> None:
    """Write finished rows, the last of which is before `stop`, and add up their classes."""
    rows, cols = strip.shape
    writer.write(strip[np.newaxis], Window(0, stop - rows, cols, rows))
    writer.flush()
    counts += np.bincount(strip.ravel(), minlength=256)


def _blocks(source: LabelSource, grid: Grid) -> Generator[tuple[Window, LabelBlock | None], None, None]:
    """Read the labels strip by strip, in each from left to right; the last window of a strip is its lower right."""
    height = min(max(_LABEL_ROWS // source.factor, 1), _STRIP)
    kept = 0
    for part in _parts(source, grid):
        for row in range(part.row, part.rows.stop, height):
            rows = min(height, part.rows.stop - row)
            width = max(_LABELS // (rows * source.factor**2), 1)
            for col in range(part.col, part.cols.stop, width):
                window = Window(col, row, min(width, part.cols.stop - col), rows)
                yield window, source.read(window)
            kept += rows * part.width * source.pixel_bytes
            if kept > _KEPT_BYTES:
                source.forget()
                kept = 0


def _parts(source: LabelSource, grid: Grid) -> Iterator[Window]:
    """Cut the image into strips, and those into shorter ones where whole rows of the labels' blocks fill the memory."""
    width = grid.width
    if source.block_bytes > _KEPT_BYTES / 2:
        width = max(_KEPT_BYTES // (_STRIP * source.pixel_bytes), 1)
    for row in range(0, grid.height, _STRIP):
        for col in range(0, grid.width, width):
            yield Window(col, row, min(width, grid.width - col), min(_STRIP, grid.height - row))


def _check_found(counts: NDArray[np.int64], source: LabelSource, request: AlignmentRequest) -> None:
    """Make sure that some pixel has a class.

    Raises:
        InputError: if the class table lists none of the labels.
        GridError: if no label lies on the image.
    """
    if counts[1:].any():
        return
    if source.unlisted:
        raise InputError(
            f"The class table lists none of the labels on the image, which are {most_frequent(source.unlisted)}."
        )
    raise GridError(
        f"No pixel of the image gets a label from {request.labels or request.polygons}; check that the two overlap, "
        "and the least labelled share."
    )


def _legend(table: ClassTable | None, source: LabelSource, counts: NDArray[np.int64]) -> Legend:
    """Return the classes that the labels can have become, and those that they have."""
    stated = table.legend if table else source.legend
    occurring = np.flatnonzero(counts).tolist()
    values = {*occurring, *(stated.values if stated else ())} - {NODATA}
    return legend_for(values, stated, source.legend)


def _finish(aside: Path, path: Path, legend: Legend, grid: Grid, progress: Progress) -> None:
    """Write the result again with its legend, which is known only now."""
    with open_raster(str(aside)) as source, create_raster(str(path), class_spec(grid, legend, {})) as writer:
        for row, values in class_rows(source, ProgressPart(progress, 0.0, 0.5)):
            writer.write(values[np.newaxis], Window(0, row, *values.shape[::-1]))
            writer.flush()
    write_style(path, legend)
    if grid.crs:
        write_attribute_table(class_areas(str(path), legend, ProgressPart(progress, 0.5, 1.0)), str(path))


def _report(result: AlignmentResult, request: AlignmentRequest, progress: Progress) -> None:
    for line in result.lines():
        progress.info(line)
    count = sum(result.unlisted.values())
    if not count:
        return
    if request.options.table is None:
        progress.warning(f"{count:,} labels are 0, which means no data here. If it is a class, give a class table.")
        return
    kind = "labels" if request.labels else "polygons"
    fate = "stay as they are" if request.options.keep else "count as no data"
    progress.warning(f"Not in the class table are {count:,} {kind}, which {fate}: {most_frequent(result.unlisted)}.")
