# SPDX-License-Identifier: GPL-2.0-or-later
"""A dataset folder for Lightning: batches of its splits, changed at random on the device in training."""

from __future__ import annotations

from pathlib import Path

import torch
from lightning import LightningDataModule
from lightning.pytorch.overrides.distributed import UnrepeatedDistributedSampler
from torch.utils.data import DataLoader, Sampler

from s2landcover_plugin.core.errors import DatasetError
from s2landcover_plugin.core.legend import Legend
from s2landcover_plugin.core.tiling.dataset import DatasetInfo

from ..augmentation.batches import BatchAugmentation
from ..augmentation.options import AugmentationOptions
from .checks import check_dataset
from .order import EpochOrder
from .samples import Sample
from .tiles import TileDataset


class TileData(LightningDataModule):
    """A dataset folder for training and testing.

    Args:
        folder: the dataset folder, as `tile`, `prepare` or `distil` writes it.
        batch_size: tiles in a batch, on each device.
        workers: processes that read tiles ahead; 0 reads in the training process.
        memory: MB of training tiles, and of validation tiles, that are kept once they are read; each worker has its
            part of it for tiles of its own.
        augmentation: what happens to training batches; `null` for nothing.
        fold: number of the fold for validation, in a dataset that `tile` split into folds; as it was split by default.
    """

    def __init__(
        self,
        folder: Path,
        batch_size: int = 8,
        workers: int = 0,
        memory: int = 1000,
        augmentation: AugmentationOptions | None = AugmentationOptions(),  # noqa: B008 (frozen)
        fold: int | None = None,
    ) -> None:
        super().__init__()
        self.folder = folder
        info = DatasetInfo.read(folder)
        self.info = info if fold is None else info.with_fold(fold)
        self.legend = _legend_of(folder, self.info)
        self._batch_size = batch_size
        self._workers = workers
        self._memory = memory * 1_000_000 // max(workers, 1)
        learns = bool(self.info.split("train"))
        self._augment = BatchAugmentation(augmentation, self.info) if augmentation and learns else None

    def prepare_data(self) -> None:
        """Check every file, once, before anything is trained."""
        tests = self.trainer is not None and self.trainer.testing
        check_dataset(self.folder, self.info, () if tests else ("train", "validation"))

    def on_after_batch_transfer(self, batch: Sample, dataloader_idx: int) -> Sample:
        """Change training batches at random, where the network is."""
        if self._augment is None or self.trainer is None or not self.trainer.training:
            return batch
        with torch.no_grad():
            return self._augment(batch)

    def train_dataloader(self) -> DataLoader[Sample]:
        """Return shuffled training tiles, as often as each is to be repeated.

        The last, smaller batch of an epoch is left out if it can be.
        """
        tiles = tuple(tile for tile in self.info.split("train") for _ in range(tile.repeat))
        dataset = TileDataset(self.folder, self.info, tiles, self._memory)
        return self._loader(dataset, EpochOrder(len(tiles), self._epoch), drop_last=len(tiles) > self._batch_size)

    def val_dataloader(self) -> DataLoader[Sample]:
        """Return the validation tiles as they are."""
        return self._held_out(TileDataset(self.folder, self.info, self.info.split("validation"), self._memory))

    def test_dataloader(self) -> DataLoader[Sample]:
        """Return the validation and test tiles as they are; the figures are kept apart by split and place."""
        tiles = self.info.split("validation") + self.info.split("test")
        if not tiles:
            raise DatasetError(f"{self.folder} has no tile held out for validation or test; there is nothing to test.")
        return self._held_out(TileDataset(self.folder, self.info, tiles))

    def _epoch(self) -> int:
        return self.trainer.current_epoch if self.trainer else 0

    def _held_out(self, dataset: TileDataset) -> DataLoader[Sample]:
        """Return tiles in order, each on one of the devices; Lightning's own sampler gives some to two of them.

        With fewer tiles than devices, it has to: every device needs one.
        """
        devices = self.trainer.world_size if self.trainer else 1
        if not self.trainer or not 1 < devices <= len(dataset):
            return self._loader(dataset)
        rank = self.trainer.global_rank
        return self._loader(dataset, UnrepeatedDistributedSampler(dataset, devices, rank, shuffle=False))

    def _loader(
        self, dataset: TileDataset, order: Sampler[int] | None = None, drop_last: bool = False
    ) -> DataLoader[Sample]:
        return DataLoader(
            dataset,
            batch_size=self._batch_size,
            sampler=order,
            drop_last=drop_last,
            num_workers=self._workers,
            persistent_workers=self._workers > 0,
            pin_memory=torch.cuda.is_available(),
            # Left to itself, a loader draws from the numbers that augmentation is made of.
            generator=torch.Generator(),
        )


def _legend_of(folder: Path, info: DatasetInfo) -> Legend:
    if info.legend is None:
        raise DatasetError(f"{folder} has no labels; make it again with 'tile' and a label raster.")
    return info.legend
