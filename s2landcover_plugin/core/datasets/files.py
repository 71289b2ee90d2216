# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether the files of a dataset are there, and as `dataset.json` describes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..bands import band_ids_of
from ..errors import RasterError
from ..raster import RasterReader, Window, open_raster
from ..tiling.cutting import IMAGES, LABELS
from ..tiling.dataset import DatasetInfo, TileRecord
from ..tiling.storage import STORED

PROBABILITIES = "probabilities"
_CLASS_DTYPE = "uint8"


def kinds_of(info: DatasetInfo) -> tuple[str, ...]:
    """Return the folders that a dataset has."""
    labels = (LABELS,) if info.legend is not None else ()
    return (IMAGES, *labels, *((PROBABILITIES,) if info.soft_labels else ()))


def file_problems(folder: Path, info: DatasetInfo) -> Iterator[str]:
    """Yield one line for each file that is missing, damaged, or not as `dataset.json` describes it."""
    for tile in info.tiles:
        yield from tile_problems(folder, info, tile)


def tile_problems(folder: Path, info: DatasetInfo, tile: TileRecord) -> Iterator[str]:
    """Yield one line for each file of a tile that is missing, damaged, or not as `dataset.json` describes it."""
    for kind in kinds_of(info):
        path = folder / kind / f"{tile.id}.tif"
        try:
            with open_raster(str(path)) as reader:
                # A truncated file lacks its end: reading the last row of the last band finds out.
                problem = header_problem(reader, kind, info)
                if not problem:
                    reader.read(Window(0, info.tile_size - 1, info.tile_size, 1), [len(reader.bands)])
        except RasterError as error:
            problem = str(error)
        if problem:
            yield f"{kind}/{path.name}: {problem}"


def header_problem(reader: RasterReader, kind: str, info: DatasetInfo) -> str:
    """Return in which way an open file is not as `dataset.json` describes it; empty if in none.

    Args:
        reader: the file.
        kind: the folder that it lies in.
        info: of the dataset.
    """
    size = (reader.grid.width, reader.grid.height)
    if size != (info.tile_size, info.tile_size):
        return f"{size[0]} x {size[1]} pixels; expected {info.tile_size} x {info.tile_size}."
    classes = len(info.legend) if info.legend else 0
    count = {IMAGES: len(info.bands), LABELS: 1, PROBABILITIES: classes}[kind]
    if len(reader.bands) != count:
        return f"{len(reader.bands)} band(s); expected {count}."
    if kind == IMAGES and _bands_of(reader, info) != info.bands:
        return f"bands {', '.join(band.name or '?' for band in reader.bands)}; expected {', '.join(info.bands)}."
    dtype = info.storage.dtype if kind == IMAGES else _CLASS_DTYPE
    if reader.bands[0].dtype != dtype:
        return f"{reader.bands[0].dtype} numbers; expected {dtype}."
    return ""


def _bands_of(reader: RasterReader, info: DatasetInfo) -> tuple[str | None, ...]:
    return tuple(band.name for band in reader.bands) if info.values == STORED else band_ids_of(reader)


def stray_files(folder: Path, info: DatasetInfo) -> list[str]:
    """Return the rasters of a dataset folder that `dataset.json` does not name, as `images/<id>.tif`."""
    named = {tile.id for tile in info.tiles}
    return [
        f"{kind}/{path.name}"
        for kind in kinds_of(info)
        for path in sorted((folder / kind).glob("*.tif"))
        if path.stem not in named
    ]
