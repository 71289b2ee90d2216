# SPDX-License-Identifier: GPL-2.0-or-later
"""The tiles of a dataset folder as tensors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from s2landcover_plugin.core.legend import Legend
from s2landcover_plugin.core.radiometry import Radiometry
from s2landcover_plugin.core.raster import open_raster
from s2landcover_plugin.core.tiling.dataset import DatasetInfo, TileRecord

from .samples import Sample


class TileDataset(Dataset[Sample]):
    """The tiles of one split.

    Args:
        folder: the dataset folder.
        info: what its `dataset.json` says.
        tiles: the tiles to read.
    """

    def __init__(self, folder: Path, info: DatasetInfo, tiles: tuple[TileRecord, ...]) -> None:
        self._folder = folder
        self._tiles = tiles
        self._soft = info.soft_labels
        self._positions = _positions(info.legend)

    def __len__(self) -> int:
        return len(self._tiles)

    def __getitem__(self, index: int) -> Sample:
        tile = self._tiles[index]
        image, valid = self._image(tile)
        labels = torch.from_numpy(self._positions[self._read("labels", tile)[0]])
        soft = self._read("probabilities", tile) if self._soft else np.zeros((0, *labels.shape), dtype=np.uint8)
        probabilities = torch.from_numpy(soft.astype(np.float32) / np.float32(255))
        return Sample(image, labels * valid, probabilities * valid, tile.split, tile.place, tile.id)

    def _image(self, tile: TileRecord) -> tuple[Tensor, Tensor]:
        with open_raster(str(self._folder / "images" / f"{tile.id}.tif")) as reader:
            stored, valid = reader.read_masked()
            scale = Radiometry(reader.bands[0].scale, reader.bands[0].offset)
        return torch.from_numpy(scale.to_reflectance(stored)), torch.from_numpy(valid.all(axis=0))

    def _read(self, kind: str, tile: TileRecord) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        with open_raster(str(self._folder / kind / f"{tile.id}.tif")) as reader:
            return reader.read()


def _positions(legend: Legend | None) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return a table from class value (0-255) to position in the legend plus 1; 0 for values outside the legend."""
    table = np.zeros(256, dtype=np.int64)
    for position, value in enumerate(legend.values if legend else (), start=1):
        table[value] = position
    return table
