# SPDX-License-Identifier: GPL-2.0-or-later
"""One tile of a dataset, read and counted."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import RasterError
from ..legend import NODATA
from ..radiometry import BoolArray
from ..raster import Array, RasterReader, open_raster, same_crs
from ..tiling.cutting import IMAGES, LABELS
from ..tiling.dataset import DatasetInfo, TileRecord
from .files import header_problem

BINS = 256
"""Number of bins of the histograms, as wide as the dataset's storage says; the last takes the rest."""

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class TileScan:
    """What was found in a tile.

    Attributes:
        problems: a line each, with the file that it is about.
        checksum: of the image's pixels; empty if they could not be read.
        labels: pixels by value of the label raster, shape (256,).
        without_image: labelled pixels where the image has no data.
        nodata: pixels that lack data in a band.
        histogram: valid pixels by band and bin, shape (bands, bins).
    """

    problems: tuple[str, ...]
    checksum: str = ""
    labels: Counts = field(default_factory=lambda: np.zeros(256, dtype=np.int64))
    without_image: int = 0
    nodata: int = 0
    histogram: Counts = field(default_factory=lambda: np.zeros((0, BINS), dtype=np.int64))


def scan_tile(folder: Path, info: DatasetInfo, tile: TileRecord) -> TileScan:
    """Read a tile and count; whatever is wrong with it is in the result."""
    try:
        with open_raster(str(folder / IMAGES / f"{tile.id}.tif")) as image:
            problem = header_problem(image, IMAGES, info)
            if problem:
                return TileScan((f"{IMAGES}/{tile.id}.tif: {problem}",))
            stored, known = image.read_masked()
            valid: BoolArray = np.logical_and.reduce(known, axis=0)
            scan = _scan_image(stored, valid, info.storage.bin)
            return scan if info.legend is None else _with_labels(scan, folder, info, tile, image, valid)
    except RasterError as error:
        return TileScan((f"{IMAGES}/{tile.id}.tif: {error}",))


def _scan_image(stored: Array, valid: BoolArray, width: int) -> TileScan:
    histogram = [np.bincount(np.minimum(plane[valid] // width, BINS - 1), minlength=BINS) for plane in stored]
    return TileScan(
        (),
        checksum=hashlib.blake2b(stored.tobytes(), digest_size=16).hexdigest(),
        nodata=int(np.count_nonzero(~valid)),
        histogram=np.array(histogram, dtype=np.int64),
    )


def _with_labels(
    scan: TileScan, folder: Path, info: DatasetInfo, tile: TileRecord, image: RasterReader, valid: BoolArray
) -> TileScan:
    name = f"{LABELS}/{tile.id}.tif"
    try:
        with open_raster(str(folder / name)) as labels:
            problem = header_problem(labels, LABELS, info) or _pair_problem(image, labels)
            if problem:
                return TileScan((f"{name}: {problem}",), scan.checksum, nodata=scan.nodata, histogram=scan.histogram)
            values = labels.read()[0]
    except RasterError as error:
        return TileScan((f"{name}: {error}",), scan.checksum, nodata=scan.nodata, histogram=scan.histogram)
    counts = np.bincount(values.ravel(), minlength=256)
    without = int(np.count_nonzero(values[~valid] != NODATA))
    problems = _value_problems(name, counts, info)
    return TileScan(problems, scan.checksum, counts, without, scan.nodata, scan.histogram)


def _pair_problem(image: RasterReader, labels: RasterReader) -> str:
    if image.grid.matches(labels.grid) and same_crs(image.grid.crs, labels.grid.crs):
        return ""
    return "lies elsewhere than its image; make the pair again."


def _value_problems(name: str, counts: Counts, info: DatasetInfo) -> tuple[str, ...]:
    known = info.legend.values if info.legend else ()
    wrong = [int(value) for value in np.flatnonzero(counts) if value != NODATA and value not in known]
    if not wrong:
        return ()
    return (f"{name}: holds {', '.join(map(str, wrong))}, which the legend does not have.",)
