# SPDX-License-Identifier: GPL-2.0-or-later
"""Parts of other tiles: pixels, labels and soft labels come together."""

from __future__ import annotations

import pytest
import torch

from training.augmentation.mixing import with_classes, with_rare_classes, with_rectangles
from training.data.samples import Sample


def batch_of(labels: torch.Tensor) -> Sample:
    """Return tiles whose one band says tile and label: 10 times the tile's number plus the label."""
    numbers = torch.arange(len(labels)).reshape(-1, 1, 1)
    soft = torch.nn.functional.one_hot(labels, 6).movedim(-1, 1)[:, 1:].float()
    return Sample((10.0 * numbers + labels).unsqueeze(1), labels, soft, "train", "here")


def random_batch(count: int = 6) -> Sample:
    """Return tiles of random labels from 0 to 5."""
    torch.manual_seed(0)
    return batch_of(torch.randint(6, (count, 8, 8)))


def donors_of(batch: Sample) -> torch.Tensor:
    """Return the number of the tile that each pixel comes from, having checked that its parts came together."""
    assert torch.equal((batch.image[:, 0] % 10).long(), batch.labels)
    assert torch.equal(batch.probabilities.sum(dim=1), (batch.labels > 0).float())
    assert (batch.probabilities.argmax(dim=1) + 1)[batch.labels > 0].equal(batch.labels[batch.labels > 0])
    return (batch.image[:, 0] // 10).long()


MIXES = {
    "cutmix": with_rectangles,
    "classmix": lambda batch, chance: with_classes(batch, chance, 5),
    "copy-paste": lambda batch, chance: with_rare_classes(batch, chance, [9, 8, 7, 1, 2]),
}


@pytest.mark.parametrize("name", MIXES)
def test_tiles_have_parts_of_one_donor(name: str) -> None:
    donors = donors_of(MIXES[name](random_batch(), 1.0))
    foreign = 0
    for number, tile in enumerate(donors):
        others = set(tile.unique().tolist()) - {number}
        assert len(others) <= 1
        foreign += len(others)
    assert foreign >= 4


@pytest.mark.parametrize("name", MIXES)
def test_chance(name: str) -> None:
    batch = random_batch(60)
    own = torch.arange(60).reshape(-1, 1, 1)
    assert (donors_of(MIXES[name](batch, 0.0)) == own).all()
    changed = (donors_of(MIXES[name](batch, 0.5)) != own).any(dim=2).any(dim=1).float().mean()
    assert 0.2 < changed < 0.8


@pytest.mark.parametrize("name", MIXES)
def test_a_tile_alone_stays_as_it_is(name: str) -> None:
    batch = random_batch(1)
    assert MIXES[name](batch, 1.0).image.equal(batch.image)


def test_rectangles() -> None:
    donors = donors_of(with_rectangles(random_batch(), 1.0))
    for number, tile in enumerate(donors):
        foreign = tile != number
        assert torch.equal(foreign, foreign.any(dim=1, keepdim=True) & foreign.any(dim=0, keepdim=True))


def test_half_of_the_classes_come_whole() -> None:
    labels = torch.zeros(2, 4, 4, dtype=torch.int64)
    labels[1, 0], labels[1, 1], labels[1, 2] = 1, 2, 5
    mixed = with_classes(batch_of(labels), 1.0, 5)
    pasted = mixed.labels[0]
    assert (pasted > 0).sum() == 8, "two of three classes, and nothing that has no label"
    assert (pasted == pasted[:, :1]).all()
    assert torch.equal(mixed.labels[1], labels[1]), "a tile without labels gives nothing"


def test_rare_classes_are_laid_over_more_frequent_ones_only() -> None:
    # Pixels of the classes: the mean is 26, so that classes 3 to 5 are rare.
    pixels = [60, 50, 10, 8, 2]
    given = torch.tensor([[0, 1, 2, 3, 4, 5, 4, 5, 4]])
    there = torch.tensor([[3, 3, 5, 1, 3, 0, 4, 4, 5]])
    mixed = with_rare_classes(batch_of(torch.stack([there, given])), 1.0, pixels)
    assert mixed.labels[0].tolist() == [[3, 3, 5, 3, 4, 5, 4, 5, 5]]
    assert donors_of(mixed)[0].tolist() == [[0, 0, 0, 1, 1, 1, 0, 1, 0]]
