# SPDX-License-Identifier: GPL-2.0-or-later
"""Tiles as tensors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from s2landcover_plugin.core.tiling.dataset import DatasetInfo
from training.augmentation import Augmentation
from training.data import TileData, TileDataset

from .tiles import BANDS, SIZE, labels_of, make_dataset, write_raster


def test_sample_holds_reflectance_and_positions_in_the_legend(dataset: Path) -> None:
    info = DatasetInfo.read(dataset)
    sample = TileDataset(dataset, info, info.split("test"))[0]
    truth = labels_of(9)[0]
    assert sample.place == "test-9"
    water = torch.from_numpy(truth == 1)
    assert torch.allclose(sample.image[:, water].mean(dim=1), torch.tensor([0.05, 0.04, 0.03, 0.01]))
    expected = np.select([truth == 1, truth == 4, truth == 7], [1, 2, 3], 0)
    np.testing.assert_array_equal(sample.labels.numpy(), expected)
    np.testing.assert_array_equal(sample.probabilities.sum(dim=0).numpy(), expected > 0)


def test_nodata_pixels_have_no_label(dataset: Path, tmp_path: Path) -> None:
    info = make_dataset(tmp_path / "tiles", ("train",))
    image = np.full((4, SIZE, SIZE), 1000, dtype=np.uint16)
    image[2, :, :20] = 0
    write_raster(tmp_path / "tiles" / "images" / "tile-0.tif", image, BANDS, nodata=0, scale=0.0001)
    sample = TileDataset(tmp_path / "tiles", info, info.tiles)[0]
    assert not sample.labels[:, :20].any()
    assert not sample.probabilities[:, :, :20].any()
    assert (sample.labels[:, 20:] > 0).sum() == (labels_of(0)[0, :, 20:] > 0).sum()


def test_augmentation_turns_image_and_labels_together(dataset: Path) -> None:
    info = DatasetInfo.read(dataset)
    plain = TileDataset(dataset, info, info.split("train"))
    turning = TileDataset(dataset, info, info.split("train"), Augmentation(illumination=0.0, band_gain=0.0))
    torch.manual_seed(0)
    changed = 0
    for index in range(8):
        sample, turned = plain[index], turning[index]
        changed += not torch.equal(sample.labels, turned.labels)
        for position in range(1, 4):
            before = sample.image[:, sample.labels == position].mean(dim=1)
            after = turned.image[:, turned.labels == position].mean(dim=1)
            assert torch.allclose(before, after, atol=1e-5)
    assert changed >= 4


def test_test_batches_are_validation_and_test_tiles(dataset: Path) -> None:
    data = TileData(dataset, batch_size=4)
    (batch,) = data.test_dataloader()
    assert list(batch.split) == ["validation", "validation", "test", "test"]
    assert batch.image.shape == (4, 4, 32, 32)
    assert batch.probabilities.shape == (4, 3, 32, 32)


def test_dataset_without_soft_labels_gives_none(tmp_path: Path) -> None:
    info = make_dataset(tmp_path / "tiles", ("train",), soft=False)
    assert TileDataset(tmp_path / "tiles", info, info.tiles)[0].probabilities.shape == (0, 32, 32)


def test_tiles_with_rare_classes_are_shown_again_in_training_only(tmp_path: Path) -> None:
    info = make_dataset(tmp_path, ("train", "train", "validation", "test"))
    tiles = [replace(tile, repeat=3 if tile.id in ("tile-1", "tile-3") else 1) for tile in info.tiles]
    replace(info, tiles=tuple(tiles)).write(tmp_path)
    data = TileData(tmp_path, batch_size=1)
    assert len(data.train_dataloader()) == 4
    assert len(data.test_dataloader()) == 2


def test_any_fold_validates(tmp_path: Path) -> None:
    info = make_dataset(tmp_path, ("train",) * 6)
    tiles = tuple(replace(tile, fold=1 + number % 3) for number, tile in enumerate(info.tiles))
    replace(info, tiles=tiles).write(tmp_path)
    data = TileData(tmp_path, batch_size=1, fold=2)
    assert [tile.id for tile in data.info.split("validation")] == ["tile-1", "tile-4"]
    assert (len(data.val_dataloader()), len(data.train_dataloader())) == (2, 4)
