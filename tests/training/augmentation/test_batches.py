# SPDX-License-Identifier: GPL-2.0-or-later
"""All changes together, on batches of a dataset."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from s2landcover_plugin.core.errors import DatasetError
from training.augmentation.batches import BatchAugmentation
from training.augmentation.geometry import no_data
from training.augmentation.options import AugmentationOptions
from training.data.samples import Sample
from training.data.tiles import TileDataset

from ..tiles import LEGEND, SIZE, make_dataset

EVERYTHING = AugmentationOptions(
    scale=(0.7, 1.5),
    rotation=20.0,
    crop_sizes=(16, 24),
    band_offset=0.02,
    haze=0.05,
    shadow=0.5,
    noise=0.01,
    band_dropout=0.1,
    cutmix=0.3,
    classmix=0.3,
    copy_paste=0.5,
)


@pytest.fixture(scope="module")
def info_and_batch(tmp_path_factory: pytest.TempPathFactory):
    """Return a dataset and a batch of it, of which a corner holds no data."""
    folder: Path = tmp_path_factory.mktemp("augmentation") / "dataset"
    info = make_dataset(folder, ("train",) * 6)
    pixels = {"train": dict(zip(LEGEND.values, (4000, 1500, 500)))}
    samples = TileDataset(folder, info, info.tiles)
    parts = [torch.stack(column) for column in zip(*(sample[:3] for sample in samples))]
    batch = Sample(*parts, "train", "here")
    batch.image[:, :, :6, :6], batch.labels[:, :6, :6], batch.probabilities[:, :, :6, :6] = 0.0, 0, 0.0
    return replace(info, class_pixels=pixels), batch


def test_everything_stays_what_it_is(info_and_batch) -> None:
    info, batch = info_and_batch
    torch.manual_seed(3)
    augment = BatchAugmentation(EVERYTHING, info)
    before = tuple(part.clone() for part in batch[:3])
    seen = set()
    for _ in range(20):
        image, labels, probabilities = augment(batch)[:3]
        seen.add(labels.shape[-1])
        assert image.shape == (6, 4, *labels.shape[1:]) and probabilities.shape == (6, 3, *labels.shape[1:])
        assert image.isfinite().all() and image.min() >= 0.0 and image.max() <= 1.6
        assert labels.dtype == torch.int64 and labels.min() >= 0 and labels.max() <= 3
        hard = torch.where(probabilities.sum(dim=1) > 0, probabilities.argmax(dim=1) + 1, 0)
        assert torch.equal(hard, labels)
    assert seen == {16, 24}
    assert all(torch.equal(*pair) for pair in zip(before, batch[:3])), "a batch is not changed in place"


def test_light_leaves_pixels_without_data_alone(info_and_batch) -> None:
    info, batch = info_and_batch
    options = AugmentationOptions(turn=False, band_offset=0.1, haze=0.1, noise=0.1, shadow=1.0, band_dropout=0.5)
    result = BatchAugmentation(options, info)(batch)
    blank = no_data(batch)
    assert blank.any() and torch.equal(no_data(result), blank)
    assert not torch.equal(result.image, batch.image)


def test_a_seed_repeats_it(info_and_batch) -> None:
    info, batch = info_and_batch
    augment = BatchAugmentation(EVERYTHING, info)
    results = []
    for seed in (5, 5, 6):
        torch.manual_seed(seed)
        results.append(augment(batch))
    assert all(torch.equal(*pair) for pair in zip(results[0][:3], results[1][:3]))
    assert results[0].image.shape != results[2].image.shape or not torch.equal(results[0].image, results[2].image)


def test_nothing_is_nothing(info_and_batch) -> None:
    info, batch = info_and_batch
    options = AugmentationOptions(turn=False, illumination=0.0, band_gain=0.0)
    assert all(torch.equal(*pair) for pair in zip(BatchAugmentation(options, info)(batch)[:3], batch[:3]))


def test_hard_labels_need_no_soft_ones(info_and_batch) -> None:
    info, batch = info_and_batch
    result = BatchAugmentation(EVERYTHING, info)(batch._replace(probabilities=batch.probabilities[:, :0]))
    assert result.probabilities.shape == (6, 0, *result.labels.shape[1:])


def test_half_precision_stays(info_and_batch) -> None:
    info, batch = info_and_batch
    half = batch._replace(image=batch.image.bfloat16(), probabilities=batch.probabilities.bfloat16())
    result = BatchAugmentation(EVERYTHING, info)(half)
    assert result.image.dtype == result.probabilities.dtype == torch.bfloat16


def test_crops_must_fit_into_the_tiles(info_and_batch) -> None:
    with pytest.raises(DatasetError, match=f"tiles are {SIZE} pixels wide, too small for crops of 40;"):
        BatchAugmentation(AugmentationOptions(crop_sizes=(16, 40)), info_and_batch[0])
