# SPDX-License-Identifier: GPL-2.0-or-later
"""The tiles of a dataset folder as tensors."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

from s2landcover_plugin.core.legend import Legend
from s2landcover_plugin.core.radiometry import Radiometry
from s2landcover_plugin.core.raster import open_raster
from s2landcover_plugin.core.tiling.dataset import DatasetInfo, TileRecord

from .samples import Sample

ByteArray = NDArray[np.uint8]


class TileDataset(Dataset[Sample]):
    """The tiles of one split.

    Args:
        folder: the dataset folder.
        info: what its `dataset.json` says.
        tiles: the tiles to read.
        memory: bytes of tiles that are kept once they are read; further ones are read each time.
    """

    def __init__(self, folder: Path, info: DatasetInfo, tiles: tuple[TileRecord, ...], memory: int = 0) -> None:
        self._folder = folder
        self._tiles = tiles
        self._soft = info.soft_labels
        self._positions = _positions(info.legend)
        self._kept: dict[str, _Pixels] = {}
        self._room = memory

    def __len__(self) -> int:
        return len(self._tiles)

    def __getitem__(self, index: int) -> Sample:
        tile = self._tiles[index]
        pixels = self._kept.get(tile.id) or self._read(tile)
        image = torch.from_numpy(pixels.radiometry.to_reflectance(pixels.image))
        valid = torch.from_numpy(pixels.valid)
        labels = torch.from_numpy(self._positions[pixels.labels])
        probabilities = torch.from_numpy(pixels.soft.astype(np.float32) / np.float32(255))
        return Sample(image, labels * valid, probabilities * valid, tile.split, tile.place, tile.id)

    def _read(self, tile: TileRecord) -> _Pixels:
        with open_raster(str(self._folder / "images" / f"{tile.id}.tif")) as reader:
            image, valid = reader.read_masked()
            radiometry = Radiometry(reader.bands[0].scale, reader.bands[0].offset)
        labels = self._bytes("labels", tile)[0]
        soft = self._bytes("probabilities", tile) if self._soft else np.zeros((0, *labels.shape), dtype=np.uint8)
        pixels = _Pixels(image, np.asarray(valid.all(axis=0)), labels, soft, radiometry)
        if pixels.size <= self._room:
            self._room -= pixels.size
            self._kept[tile.id] = pixels
        return pixels

    def _bytes(self, kind: str, tile: TileRecord) -> ByteArray:
        with open_raster(str(self._folder / kind / f"{tile.id}.tif")) as reader:
            return reader.read()


class _Pixels(NamedTuple):
    """A tile as its files store it.

    Attributes:
        image: shape (bands, rows, cols).
        valid: where all bands have data, shape (rows, cols).
        labels: class values, shape (rows, cols).
        soft: soft labels, shape (classes, rows, cols).
        radiometry: from the image's numbers to reflectance.
    """

    image: NDArray[Any]
    valid: NDArray[np.bool_]
    labels: ByteArray
    soft: ByteArray
    radiometry: Radiometry

    @property
    def size(self) -> int:
        """Bytes."""
        return self.image.nbytes + self.valid.nbytes + self.labels.nbytes + self.soft.nbytes


def _positions(legend: Legend | None) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return a table from class value (0-255) to position in the legend plus 1; 0 for values outside the legend."""
    table = np.zeros(256, dtype=np.int64)
    for position, value in enumerate(legend.values if legend else (), start=1):
        table[value] = position
    return table
