# SPDX-License-Identifier: GPL-2.0-or-later
"""Looking at every file of a dataset before hours are spent on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from s2landcover_plugin.core.bands import band_ids_of
from s2landcover_plugin.core.errors import DatasetError, RasterError
from s2landcover_plugin.core.raster import RasterReader, Window, open_raster
from s2landcover_plugin.core.tiling.dataset import DatasetInfo

_SHOWN = 10


def check_dataset(folder: Path, info: DatasetInfo) -> None:
    """Make sure that a dataset can be trained on.

    Raises:
        DatasetError: if it lacks labels, training or validation tiles, or if files are missing, damaged, or not as
            `dataset.json` describes them; lists the first ten.
    """
    if info.legend is None:
        raise DatasetError(f"{folder} has no labels; make it again with 'tile' and a label raster.")
    for split in ("train", "validation"):
        if not info.split(split):
            raise DatasetError(f"{folder} has no tile in the split '{split}'; make it again with other shares.")
    found = list(problems(folder, info))
    if found:
        more = f"\n  and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        listed = "\n  ".join(found[:_SHOWN])
        raise DatasetError(
            f"{len(found)} file(s) of {folder} cannot be used; make the dataset again.\n  {listed}{more}"
        )


def problems(folder: Path, info: DatasetInfo) -> Iterator[str]:
    """Yield one line for each file that is missing, damaged, or not as `dataset.json` describes it."""
    kinds = ["images", "labels"] + (["probabilities"] if info.soft_labels else [])
    for tile in info.tiles:
        for kind in kinds:
            path = folder / kind / f"{tile.id}.tif"
            try:
                with open_raster(str(path)) as reader:
                    problem = _problem(reader, kind, info)
            except RasterError as error:
                problem = str(error)
            if problem:
                yield f"{kind}/{path.name}: {problem}"


def _problem(reader: RasterReader, kind: str, info: DatasetInfo) -> str:
    size = (reader.grid.width, reader.grid.height)
    if size != (info.tile_size, info.tile_size):
        return f"{size[0]} x {size[1]} pixels; expected {info.tile_size} x {info.tile_size}."
    classes = len(info.legend) if info.legend else 0
    count = {"images": len(info.bands), "labels": 1, "probabilities": classes}[kind]
    if len(reader.bands) != count:
        return f"{len(reader.bands)} band(s); expected {count}."
    if kind == "images" and band_ids_of(reader) != info.bands:
        return f"bands {', '.join(band.name or '?' for band in reader.bands)}; expected {', '.join(info.bands)}."
    # A truncated file lacks its end: reading the last row of the last band finds out.
    reader.read(Window(0, info.tile_size - 1, info.tile_size, 1), [count])
    return ""
