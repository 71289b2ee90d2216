# SPDX-License-Identifier: GPL-2.0-or-later
"""Image, labels and soft labels move together."""

from __future__ import annotations

import torch

from training.augmentation.geometry import randomly_turned
from training.data.samples import Sample


def test_every_turn_occurs_and_the_parts_stay_together() -> None:
    torch.manual_seed(0)
    labels = torch.tensor([[1, 2], [3, 4]]).expand(64, 2, 2).clone()
    batch = Sample(labels.unsqueeze(1).float(), labels, labels.unsqueeze(1) / 4, "train", "here")
    turned = randomly_turned(batch)
    assert torch.equal(turned.image[:, 0].long(), turned.labels)
    assert torch.equal(turned.probabilities[:, 0] * 4, turned.labels)
    seen = {tuple(tile.flatten().tolist()) for tile in turned.labels}
    assert len(seen) == 8
    assert {1, 2, 3, 4} == set(turned.labels.unique().tolist())
