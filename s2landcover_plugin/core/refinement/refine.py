# SPDX-License-Identifier: GPL-2.0-or-later
"""From a class map to a calmer one, file to file."""

from __future__ import annotations

import contextlib
import functools
import glob
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..areas import ClassAreas, class_areas, write_attribute_table
from ..class_raster import ClassArray, class_legend, legend_for, open_class_raster
from ..class_rows import count_values, forget_sometimes, read_classes
from ..classification.map_output import class_spec
from ..errors import InputError
from ..legend import NODATA, Legend, write_style
from ..outputs import check_distinct, staged
from ..pipeline import WriteBehind
from ..progress import Progress, ProgressPart
from ..raster import RasterReader, RasterSpec, RasterWriter, Window, create_raster, open_raster
from .options import MAJORITY, PROBABILITY, RefinementOptions
from .probabilities import ProbabilityReader
from .steps import Write, apply_majority, apply_mapping_unit, apply_probabilities

_Step = Callable[[RasterReader, Write, Progress], None]


@dataclass(frozen=True)
class RefinementRequest:
    """A class map and what is to be done to it.

    Attributes:
        raster: path of a class raster with values 1-255; 0 and its declared nodata are left alone.
        output: path of the class raster to write.
        options: what is to be done.
        probabilities: path of the map's class probabilities, where the options want them; empty otherwise.
    """

    raster: str
    output: str
    options: RefinementOptions = field(default_factory=RefinementOptions)
    probabilities: str = ""

    def __post_init__(self) -> None:
        if self.options.does_nothing:
            raise InputError(
                "There is nothing to refine with; choose a spatial context, a minimum mapping unit, or both."
            )
        if self.options.context == PROBABILITY and not self.probabilities:
            raise InputError(
                "Context weighted by probability needs the class probabilities that 'Classify land cover' writes if "
                "asked to; give them, or choose majority."
            )


@dataclass(frozen=True)
class RefinementResult:
    """What a run gave.

    Attributes:
        output: path of the class raster.
        changed_pixels: pixels with another class than before.
        areas: its classes, and how much ground they cover.
    """

    output: str
    changed_pixels: int
    areas: ClassAreas


def refine(request: RefinementRequest, progress: Progress) -> RefinementResult:
    """Refine a class map.

    The result has the map's legend, tags and grid, an attribute table, and a `.qml` style beside it.

    Raises:
        LandCoverError: if an input or the output cannot be used, or the user cancelled. No output exists then.
    """
    check_distinct(request.output, [path for path in (request.raster, request.probabilities) if path])
    with contextlib.ExitStack() as stack:
        source = stack.enter_context(open_class_raster(request.raster))
        legend = _occurring(source, ProgressPart(progress, 0.0, 0.1))
        path = stack.enter_context(staged(request.output))
        tags = {**source.tags, "S2LC_REFINEMENT": request.options.describe()}
        steps = _steps(request, source, legend, stack)
        changed = _run(source, steps, path, class_spec(source.grid, legend, tags), ProgressPart(progress, 0.1, 0.95))
        write_style(path, legend)
        areas = class_areas(str(path), legend, ProgressPart(progress, 0.95, 1.0))
        write_attribute_table(areas, str(path))
    return RefinementResult(request.output, changed, areas)


def refine_in_place(path: Path, options: RefinementOptions, probabilities: str, progress: Progress) -> RefinementResult:
    """Refine a class map that nobody has seen yet; arguments and errors as in `refine`.

    For a run that makes the map in a staging folder: if this fails, what is left there is of no use.
    """
    with tempfile.TemporaryDirectory(dir=path.parent) as aside:
        raw = Path(aside) / path.name
        for item in path.parent.glob(f"{glob.escape(path.name)}*"):
            os.replace(item, raw.with_name(item.name))
        return refine(RefinementRequest(str(raw), str(path), options, probabilities), progress)


def _occurring(source: RasterReader, progress: Progress) -> Legend:
    """Return the classes that a map knows or has.

    Raises:
        InputError: if none has.
    """
    counts = count_values(source, progress)
    counts[NODATA] = 0
    if not counts.any():
        raise InputError(f"{source.path} has no pixel with a class, so that there is nothing to refine.")
    known = class_legend(source)
    return legend_for([*np.flatnonzero(counts).tolist(), *(known.values if known else ())], known)


def _steps(
    request: RefinementRequest, source: RasterReader, legend: Legend, stack: contextlib.ExitStack
) -> list[_Step]:
    options = request.options
    steps: list[_Step] = []
    if options.context == MAJORITY:
        steps.append(functools.partial(apply_majority, options.neighbourhood))
    elif options.context == PROBABILITY:
        raster = stack.enter_context(open_raster(request.probabilities))
        probabilities = ProbabilityReader(raster, legend, source.grid)
        steps.append(functools.partial(apply_probabilities, probabilities, options.neighbourhood))
    if options.mapping_unit.size:
        steps.append(functools.partial(apply_mapping_unit, options.mapping_unit))
    return steps


def _run(source: RasterReader, steps: list[_Step], path: Path, spec: RasterSpec, progress: Progress) -> int:
    """Take one step after the other, the last one to `path`; return how many pixels they changed in all."""
    changed, present = 0, source
    with contextlib.ExitStack() as stack:
        aside = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=path.parent)))
        for number, step in enumerate(steps, start=1):
            target = path if number == len(steps) else aside / f"{number}.tif"
            part = ProgressPart(progress, (number - 1) / len(steps), number / len(steps))
            # Rows are written in another thread, and an open raster belongs to one.
            with open_class_raster(source.path) as before, create_raster(str(target), spec) as writer:
                with WriteBehind() as background:
                    sink = _Sink(before, writer)
                    step(present, functools.partial(background.submit, sink.write), part)
                changed = sink.changed
            if target != path:
                present = stack.enter_context(open_class_raster(str(target)))
    return changed


class _Sink:
    """Writes rows, and counts the pixels that are no longer as they were."""

    def __init__(self, before: RasterReader, writer: RasterWriter) -> None:
        self.changed = 0
        self._before = before
        self._writer = writer

    def write(self, row: int, values: ClassArray) -> None:
        rows, cols = values.shape
        self.changed += int(np.count_nonzero(values != read_classes(self._before, row, rows)))
        self._writer.write(values[np.newaxis], Window(0, row, cols, rows))
        self._writer.flush()
        forget_sometimes(self._before, row, rows)
