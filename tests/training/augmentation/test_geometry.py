# SPDX-License-Identifier: GPL-2.0-or-later
"""Image, labels and soft labels move together."""

from __future__ import annotations

import pytest
import torch

from training.augmentation.geometry import no_data, randomly_cropped, randomly_resampled, randomly_turned
from training.augmentation.options import AugmentationOptions
from training.data.samples import Sample


def batch_of(labels: torch.Tensor) -> Sample:
    """Return tiles whose one band and one soft label say the same as the labels."""
    return Sample(labels.unsqueeze(1).float() / 10, labels, labels.unsqueeze(1) / 10, "train", "here")


def numbered(count: int, size: int) -> Sample:
    """Return tiles whose pixels are numbered from 1."""
    return batch_of(torch.arange(1, size * size + 1).reshape(1, size, size).repeat(count, 1, 1))


def halves(count: int, size: int) -> Sample:
    """Return tiles of label 1 on the left and 2 on the right."""
    labels = torch.ones(count, size, size, dtype=torch.int64)
    labels[:, :, size // 2 :] = 2
    return batch_of(labels)


def test_every_turn_occurs_and_the_parts_stay_together() -> None:
    torch.manual_seed(0)
    turned = randomly_turned(numbered(64, 2))
    assert torch.equal((turned.image[:, 0] * 10).round().long(), turned.labels)
    assert torch.equal((turned.probabilities[:, 0] * 10).round().long(), turned.labels)
    seen = {tuple(tile.flatten().tolist()) for tile in turned.labels}
    assert len(seen) == 8
    assert {1, 2, 3, 4} == set(turned.labels.unique().tolist())


def test_crops_are_windows_of_every_place() -> None:
    torch.manual_seed(0)
    cropped = randomly_cropped(numbered(64, 4), 3)
    assert cropped.labels.shape == (64, 3, 3) and cropped.probabilities.shape == (64, 1, 3, 3)
    assert torch.equal((cropped.image[:, 0] * 10).round().long(), cropped.labels)
    steps = cropped.labels - cropped.labels[:, :1, :1]
    assert (steps == torch.tensor([[0, 1, 2], [4, 5, 6], [8, 9, 10]])).all()
    assert set(cropped.labels[:, 0, 0].tolist()) == {1, 2, 5, 6}


def test_resampling_by_nothing_changes_nothing() -> None:
    batch = numbered(3, 6)
    same = randomly_resampled(batch, AugmentationOptions(), 6)
    assert torch.allclose(same.image, batch.image, atol=1e-4)
    assert torch.equal(same.labels, batch.labels)
    assert torch.allclose(same.probabilities, batch.probabilities)


@pytest.mark.parametrize("zoom", [0.5, 2.0])
def test_zoom_keeps_image_and_labels_together(zoom: float) -> None:
    torch.manual_seed(0)
    zoomed = randomly_resampled(halves(32, 16), AugmentationOptions(scale=(zoom, zoom)), 16)
    difference = (zoomed.image[:, 0] * 10 - zoomed.labels).abs()[zoomed.labels > 0]
    assert (difference < 0.51).all() and (difference > 0.01).float().mean() < 0.15
    assert torch.equal((zoomed.probabilities[:, 0] * 10).round().long(), zoomed.labels)


def test_zooming_out_mirrors_the_image_and_leaves_it_without_label() -> None:
    small = randomly_resampled(halves(1, 16), AugmentationOptions(scale=(0.5, 0.5)), 16)
    assert (small.labels > 0).sum() == pytest.approx(64, abs=17)
    assert (small.labels[0, 6:10, 6:10] > 0).all() and (small.labels[0, :3] == 0).all()
    assert (small.probabilities[:, 0][small.labels == 0] == 0).all()
    assert small.image.min() > 0.09, "beyond the edge is ground, if without label"


def test_zooming_in_shows_every_part() -> None:
    torch.manual_seed(0)
    seen = randomly_resampled(numbered(200, 4), AugmentationOptions(scale=(2.0, 2.0)), 4).labels.unique()
    assert seen.tolist() == list(range(1, 17))


def test_rotation_moves_labels_with_the_image() -> None:
    torch.manual_seed(2)
    batch = halves(16, 32)
    rotated = randomly_resampled(batch, AugmentationOptions(rotation=45.0), 32)
    known = rotated.labels > 0
    difference = (rotated.image[:, 0] * 10 - rotated.labels).abs()[known]
    assert (difference < 0.51).all() and (difference > 0.01).float().mean() < 0.1
    assert known.float().mean() > 0.7 and not known.all()
    assert not torch.equal(rotated.labels[0], rotated.labels[1])


def test_pixels_without_data_are_not_mixed_into_others() -> None:
    torch.manual_seed(0)
    batch = halves(16, 16)
    batch.image[:, :, :5], batch.labels[:, :5], batch.probabilities[:, :, :5] = 0.0, 0, 0.0
    assert no_data(batch).sum() == 16 * 5 * 16
    result = randomly_resampled(batch, AugmentationOptions(scale=(0.7, 1.8), rotation=30.0), 16)
    blank = no_data(result)
    assert blank.any() and (result.image[:, 0][~blank] > 0.0999).all()
    assert torch.equal(blank, result.image[:, 0] == 0)


def test_black_is_ground_where_it_has_a_label() -> None:
    batch = halves(1, 4)
    batch.image.zero_()
    assert not no_data(batch).any()
