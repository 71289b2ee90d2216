# SPDX-License-Identifier: GPL-2.0-or-later
"""A dataset folder as batches of tensors."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from lightning import LightningDataModule
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from s2landcover_plugin.core.errors import DatasetError
from s2landcover_plugin.core.legend import Legend
from s2landcover_plugin.core.radiometry import Radiometry
from s2landcover_plugin.core.raster import open_raster
from s2landcover_plugin.core.tiling.dataset import DatasetInfo, TileRecord

from .augmentation import Augmentation, turned
from .checks import check_dataset


class Sample(NamedTuple):
    """One tile, or a batch of them with one more dimension in front.

    Attributes:
        image: reflectance, float32, shape (bands, rows, cols).
        labels: position in the legend plus 1, int64, shape (rows, cols); 0 is no label.
        probabilities: soft labels, float32, shape (classes, rows, cols); of no classes if the dataset has none.
        split: the tile's split.
        place: the tile's spatial group.
    """

    image: Tensor
    labels: Tensor
    probabilities: Tensor
    split: str
    place: str


class TileDataset(Dataset[Sample]):
    """The tiles of one split.

    Args:
        folder: the dataset folder.
        info: what its `dataset.json` says.
        tiles: the tiles to read.
        augmentation: what to do to them; None reads them as they are.
    """

    def __init__(
        self, folder: Path, info: DatasetInfo, tiles: tuple[TileRecord, ...], augmentation: Augmentation | None = None
    ) -> None:
        self._folder = folder
        self._tiles = tiles
        self._soft = info.soft_labels
        self._positions = _positions(info.legend)
        self._augmentation = augmentation

    def __len__(self) -> int:
        return len(self._tiles)

    def __getitem__(self, index: int) -> Sample:
        tile = self._tiles[index]
        image, valid = self._image(tile)
        labels = torch.from_numpy(self._positions[self._read("labels", tile)[0]])
        soft = self._read("probabilities", tile) if self._soft else np.zeros((0, *labels.shape), dtype=np.uint8)
        probabilities = torch.from_numpy(soft.astype(np.float32) / np.float32(255))
        sample = Sample(image, labels * valid, probabilities * valid, tile.split, tile.place)
        return _augmented(sample, self._augmentation) if self._augmentation else sample

    def _image(self, tile: TileRecord) -> tuple[Tensor, Tensor]:
        with open_raster(str(self._folder / "images" / f"{tile.id}.tif")) as reader:
            stored, valid = reader.read_masked()
            scale = Radiometry(reader.bands[0].scale, reader.bands[0].offset)
        return torch.from_numpy(scale.to_reflectance(stored)), torch.from_numpy(valid.all(axis=0))

    def _read(self, kind: str, tile: TileRecord) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        with open_raster(str(self._folder / kind / f"{tile.id}.tif")) as reader:
            return reader.read()


class TileData(LightningDataModule):
    """A dataset folder for training and testing.

    Args:
        folder: the dataset folder, as `tile` or `distil` writes it.
        batch_size: tiles in a batch.
        workers: processes that read tiles ahead; 0 reads in the training process.
        augmentation: what happens to training tiles; `null` for nothing.
        fold: number of the fold for validation, in a dataset that `tile` split into folds; as it was split by default.
    """

    def __init__(
        self,
        folder: Path,
        batch_size: int = 8,
        workers: int = 0,
        augmentation: Augmentation | None = Augmentation(),  # noqa: B008 (frozen)
        fold: int | None = None,
    ) -> None:
        super().__init__()
        self.folder = folder
        info = DatasetInfo.read(folder)
        self.info = info if fold is None else info.with_fold(fold)
        self.legend = _legend_of(folder, self.info)
        self._batch_size = batch_size
        self._workers = workers
        self._augmentation = augmentation

    def prepare_data(self) -> None:
        """Check every file, once, before anything is trained."""
        check_dataset(self.folder, self.info)

    def train_dataloader(self) -> DataLoader[Sample]:
        """Return shuffled, augmented training tiles, as often as each is to be repeated.

        The last, smaller batch of an epoch is left out if it can be.
        """
        tiles = tuple(tile for tile in self.info.split("train") for _ in range(tile.repeat))
        dataset = TileDataset(self.folder, self.info, tiles, self._augmentation)
        return self._loader(dataset, shuffle=True, drop_last=len(tiles) > self._batch_size)

    def val_dataloader(self) -> DataLoader[Sample]:
        """Return the validation tiles as they are."""
        return self._loader(TileDataset(self.folder, self.info, self.info.split("validation")))

    def test_dataloader(self) -> DataLoader[Sample]:
        """Return the validation and test tiles as they are; the figures are kept apart by split and place."""
        tiles = self.info.split("validation") + self.info.split("test")
        if not tiles:
            raise DatasetError(f"{self.folder} has no tile held out for validation or test; there is nothing to test.")
        return self._loader(TileDataset(self.folder, self.info, tiles))

    def _loader(self, dataset: TileDataset, shuffle: bool = False, drop_last: bool = False) -> DataLoader[Sample]:
        return DataLoader(
            dataset,
            batch_size=self._batch_size,
            shuffle=shuffle,
            drop_last=drop_last,
            num_workers=self._workers,
            persistent_workers=self._workers > 0,
        )


def _legend_of(folder: Path, info: DatasetInfo) -> Legend:
    if info.legend is None:
        raise DatasetError(f"{folder} has no labels; make it again with 'tile' and a label raster.")
    return info.legend


def _positions(legend: Legend | None) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return a table from class value (0-255) to position in the legend plus 1; 0 for values outside the legend."""
    table = np.zeros(256, dtype=np.int64)
    for position, value in enumerate(legend.values if legend else (), start=1):
        table[value] = position
    return table


def _augmented(sample: Sample, augmentation: Augmentation) -> Sample:
    image, labels, probabilities = augmentation.relight(sample.image), sample.labels, sample.probabilities
    if augmentation.turn:
        turns, mirrored = int(torch.randint(4, ())), bool(torch.rand(()) < 0.5)
        image, labels, probabilities = (turned(part, turns, mirrored) for part in (image, labels, probabilities))
    return sample._replace(
        image=image.contiguous(), labels=labels.contiguous(), probabilities=probabilities.contiguous()
    )
