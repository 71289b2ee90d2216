# SPDX-License-Identifier: GPL-2.0-or-later
"""The two steps of a refinement, from one class raster to the next, a block of rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from ..class_raster import ClassArray
from ..class_rows import BLOCK_ROWS, class_rows, forget_sometimes, read_classes
from ..progress import Progress, ProgressPart
from ..raster import RasterReader
from .context import Neighbourhood, majority, probability_weighted
from .object_graph import ObjectGraph
from .objects import BlockObjects
from .options import MappingUnit
from .probabilities import ProbabilityReader

Write = Callable[[int, ClassArray], None]
"""Takes the number of a row, and finished rows from there on, shape (rows, cols)."""


def apply_mapping_unit(
    unit: MappingUnit, source: RasterReader, write: Write, progress: Progress, rows: int = BLOCK_ROWS
) -> None:
    """Give objects that are too small to their neighbours.

    Reads the map twice: to find out what becomes of every object, and to paint them. See `object_graph` for the rule.

    Args:
        unit: the smallest object to keep.
        source: a class raster.
        write: takes the result, from top to bottom.
        progress: hears how far it is.
        rows: how many are held in memory at a time; the result does not depend on it.

    Raises:
        LandCoverError: if the map cannot be read, the result not written, or the user cancelled.
    """
    graph = ObjectGraph(unit.minimum(), unit.eight, progress.check)
    sizes = unit.row_sizes(source.grid)
    for row, values in class_rows(source, ProgressPart(progress, 0.0, 0.6), rows):
        graph.add(BlockObjects.found_in(values, unit.eight), sizes[row : row + values.shape[0]])
    graph.finish()
    done = 0
    for row, values in class_rows(source, ProgressPart(progress, 0.6, 1.0), rows):
        block = BlockObjects.found_in(values, unit.eight)
        count = block.first_runs.size
        write(row, block.painted(graph.classes[done : done + count]))
        done += count


def apply_majority(
    neighbourhood: Neighbourhood, source: RasterReader, write: Write, progress: Progress, rows: int = BLOCK_ROWS
) -> None:
    """Give every pixel the most frequent class around it; arguments as in `apply_mapping_unit`."""
    for row, values in _haloed(source, neighbourhood.radius, progress, rows):
        write(row, majority(values, neighbourhood))


def apply_probabilities(
    probabilities: ProbabilityReader,
    neighbourhood: Neighbourhood,
    source: RasterReader,
    write: Write,
    progress: Progress,
    rows: int = BLOCK_ROWS,
) -> None:
    """Give every pixel the class most probable around it; arguments as in `apply_mapping_unit`."""
    halo = neighbourhood.radius
    for row, values in _haloed(source, halo, progress, rows):
        top, bottom = _inside(source, row - halo, row - halo + values.shape[0])
        planes = np.zeros((len(probabilities.classes), *values.shape), np.uint16)
        planes[:, top - row + halo : bottom - row + halo] = probabilities.read(top, bottom - top)
        planes[:, values == 0] = 0
        write(row, probability_weighted(values, planes, probabilities.classes, neighbourhood))


def _haloed(source: RasterReader, halo: int, progress: Progress, rows: int) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Yield blocks of rows with `halo` rows more above and below, which are nodata beyond the raster."""
    height = source.grid.height
    for row in range(0, height, rows):
        progress.check()
        count = min(rows, height - row)
        top, bottom = _inside(source, row - halo, row + count + halo)
        values = np.zeros((count + 2 * halo, source.grid.width), np.uint8)
        values[top - row + halo : bottom - row + halo] = read_classes(source, top, bottom - top)
        yield row, values
        forget_sometimes(source, row, rows)
        progress.fraction((row + count) / height)


def _inside(source: RasterReader, top: int, bottom: int) -> tuple[int, int]:
    return max(0, top), min(source.grid.height, bottom)
