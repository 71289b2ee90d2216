# SPDX-License-Identifier: GPL-2.0-or-later
"""One tile of a dataset as its files have it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..class_raster import ClassArray
from ..errors import RasterError
from ..legend import NODATA
from ..radiometry import BoolArray
from ..raster import RasterReader, open_raster, same_crs
from ..tiling.cutting import IMAGES, LABELS
from ..tiling.dataset import DatasetInfo, TileRecord
from .files import header_problem, tile_problems
from .tile_counts import TileCounts, count_tile


@dataclass(frozen=True)
class TileScan:
    """What was found in a tile: what is wrong, a line each with the file that it is about, and what is there."""

    problems: tuple[str, ...]
    counts: TileCounts = field(default_factory=TileCounts)


def scan_tile(folder: Path, info: DatasetInfo, tile: TileRecord) -> TileScan:
    """Read a tile and count; whatever is wrong with it is in the result."""
    name = f"{IMAGES}/{tile.id}.tif"
    try:
        with open_raster(str(folder / name)) as image:
            problem = header_problem(image, IMAGES, info)
            if problem:
                return TileScan((f"{name}: {problem}",))
            stored, known = image.read_masked()
            labels, problems = (None, ()) if info.legend is None else _labels(folder, info, tile, image)
    except RasterError as error:
        return TileScan((f"{name}: {error}",))
    valid: BoolArray = np.logical_and.reduce(known, axis=0)
    counts = count_tile(stored, valid, labels, info.storage.bin)
    return TileScan(problems or _value_problems(info, tile, counts), counts)


def confirm_tile(folder: Path, info: DatasetInfo, tile: TileRecord, counts: TileCounts) -> TileScan:
    """Make sure that the files of a tile are there and whole, without reading all of them.

    Args:
        folder: of the dataset.
        info: of the dataset.
        tile: the tile.
        counts: what was counted as it was written.

    Returns:
        What `scan_tile` returns.
    """
    if any(tile_problems(folder, info, tile)):
        return scan_tile(folder, info, tile)
    return TileScan(_value_problems(info, tile, counts), counts)


def _labels(
    folder: Path, info: DatasetInfo, tile: TileRecord, image: RasterReader
) -> tuple[ClassArray | None, tuple[str, ...]]:
    """Return the labels of an image, or None and what is wrong with them."""
    name = f"{LABELS}/{tile.id}.tif"
    try:
        with open_raster(str(folder / name)) as labels:
            problem = header_problem(labels, LABELS, info) or _pair_problem(image, labels)
            return (None, (f"{name}: {problem}",)) if problem else (labels.read()[0], ())
    except RasterError as error:
        return None, (f"{name}: {error}",)


def _pair_problem(image: RasterReader, labels: RasterReader) -> str:
    if image.grid.matches(labels.grid) and same_crs(image.grid.crs, labels.grid.crs):
        return ""
    return "lies elsewhere than its image; make the pair again."


def _value_problems(info: DatasetInfo, tile: TileRecord, counts: TileCounts) -> tuple[str, ...]:
    known = info.legend.values if info.legend else ()
    wrong = [int(value) for value in np.flatnonzero(counts.labels) if value != NODATA and value not in known]
    if not wrong:
        return ()
    return (f"{LABELS}/{tile.id}.tif: holds {', '.join(map(str, wrong))}, which the legend does not have.",)
