# SPDX-License-Identifier: GPL-2.0-or-later
"""Writing labelled tiles as a dataset folder (`core.tiling.dataset`)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from s2landcover_plugin.core.radiometry import STORED_DTYPE, STORED_NODATA, STORED_SCALE, FloatArray, to_stored
from s2landcover_plugin.core.raster import Array, Grid, RasterSpec, create_raster
from s2landcover_plugin.core.tiling.dataset import SPLITS, BandStatistics, DatasetInfo, TileRecord
from s2landcover_plugin.core.tiling.statistics import BandSums, add_up, sum_bands

from ..dynamic_world import LEGEND
from .atmosphere import STUDENT_BANDS
from .scenes import ATTRIBUTION, Scene

GSD = 10.0
_FOLDERS = ("images", "labels", "probabilities")


class TileWriter:
    """Writes tiles one by one and the folder's description at the end.

    Args:
        folder: where to; it must exist.
        tile_size: height and width of every tile, pixels.
    """

    def __init__(self, folder: Path, tile_size: int) -> None:
        self._folder = folder
        self._size = tile_size
        self._grid = Grid(tile_size, tile_size, (0.0, GSD, 0.0, 0.0, 0.0, -GSD))
        self._tiles: list[TileRecord] = []
        self._pixels = {split: Counter(dict.fromkeys(LEGEND.values, 0)) for split in SPLITS}
        self._sums: list[tuple[BandSums, ...]] = []
        for name in _FOLDERS:
            (folder / name).mkdir()

    def add(self, tile: TileRecord, image: FloatArray, probabilities: FloatArray, labelled: NDArray[np.bool_]) -> None:
        """Write one tile.

        Args:
            tile: its record; the class fractions are filled in here.
            image: reflectance, shape (10, size, size).
            probabilities: shape (9, size, size); the label is the likeliest class.
            labelled: shape (size, size); elsewhere the label is 0 and every probability 0.
        """
        labels = np.where(labelled, probabilities.argmax(axis=0) + 1, 0).astype(np.uint8)
        soft = np.rint(np.where(labelled, probabilities, 0.0) * 255).astype(np.uint8)
        valid = np.ones(image.shape[1:], dtype=bool)
        stored = to_stored(image, valid)
        names = tuple(LEGEND.names.values())
        self._write("images", tile.id, stored, STUDENT_BANDS, STORED_SCALE)
        self._write("labels", tile.id, labels[np.newaxis], ("class",))
        self._write("probabilities", tile.id, soft, names)
        values, counts = np.unique(labels[labelled], return_counts=True)
        found = {int(value): int(count) for value, count in zip(values, counts)}
        self._pixels[tile.split].update(found)
        fractions = {value: count / labels.size for value, count in found.items()}
        self._tiles.append(TileRecord(**{**vars(tile), "class_fractions": fractions}))
        if tile.split == SPLITS[0]:
            self._sums.append(sum_bands(stored, valid))

    def finish(self, scenes: tuple[Scene, ...]) -> DatasetInfo:
        """Write `dataset.json` and return what it says."""
        columns = ("source", "level", "place", "split")
        sources = {scene.name: {name: getattr(scene, name) for name in columns} for scene in scenes}
        info = DatasetInfo(
            bands=STUDENT_BANDS,
            gsd=GSD,
            tile_size=self._size,
            overlap=0,
            legend=LEGEND,
            class_pixels=self._pixels,
            statistics=self._statistics(),
            sources=sources,
            tiles=tuple(self._tiles),
            soft_labels=True,
            attribution=ATTRIBUTION,
        )
        info.write(self._folder)
        return info

    def _statistics(self) -> dict[str, BandStatistics]:
        """Return the statistics of the training tiles by band id; empty without training tiles."""
        columns = zip(STUDENT_BANDS, zip(*self._sums))
        return {band: add_up(column).statistics() for band, column in columns}

    def _write(self, kind: str, name: str, array: Array, bands: tuple[str, ...], scale: float = 1.0) -> None:
        nodata = STORED_NODATA if kind == "images" else None
        spec = RasterSpec(self._grid, STORED_DTYPE if kind == "images" else "uint8", bands, nodata, scale)
        with create_raster(str(self._folder / kind / f"{name}.tif"), spec) as writer:
            writer.write(array)
