# SPDX-License-Identifier: GPL-2.0-or-later
"""What is done to the classes after the model's pass: refinement, areas, and the attribute table."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ..areas import ClassAreas, class_areas, write_attribute_table
from ..legend import Legend
from ..progress import Progress, ProgressPart
from ..refinement.options import PROBABILITY, RefinementOptions
from ..refinement.refine import refine_in_place
from .request import MapPaths

_PASS = 0.9  # of the run, where refinement follows


@contextlib.contextmanager
def with_probabilities(paths: MapPaths, options: RefinementOptions) -> Iterator[MapPaths]:
    """Yield the rasters to write: for a while the probabilities, too, if only refinement needs them."""
    if options.context != PROBABILITY or paths.probabilities:
        yield paths
        return
    with tempfile.TemporaryDirectory(dir=Path(paths.classes).parent) as aside:
        yield replace(paths, probabilities=str(Path(aside) / "probabilities.tif"))


def split(progress: Progress, options: RefinementOptions) -> tuple[Progress, Progress]:
    """Return the progress of the model's pass, and of what follows."""
    end = 1.0 if options.does_nothing else _PASS
    return ProgressPart(progress, 0.0, end), ProgressPart(progress, end, 1.0)


def finish_classes(
    paths: MapPaths, legend: Legend, options: RefinementOptions, progress: Progress
) -> tuple[ClassAreas, int]:
    """Refine the classes as wanted, and write the attribute table.

    Args:
        paths: rasters in a staging folder, closed.
        legend: the model's classes.
        options: what is to be done.
        progress: hears how far it is.

    Returns:
        The areas of the classes, and how many pixels refinement changed.

    Raises:
        LandCoverError: if they cannot be read or written, or the user cancelled.
    """
    if options.does_nothing:
        areas = class_areas(paths.classes, legend, progress)
        write_attribute_table(areas, paths.classes)
        return areas, 0
    result = refine_in_place(Path(paths.classes), options, paths.probabilities, progress)
    return result.areas, result.changed_pixels
