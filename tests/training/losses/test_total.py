# SPDX-License-Identifier: GPL-2.0-or-later
"""The sum of losses."""

from __future__ import annotations

import pytest
import torch

from training.losses.options import LOSSES, LossOptions
from training.losses.terms import (
    dice_loss,
    focal_loss,
    hard_cross_entropy,
    lovasz_loss,
    soft_divergence,
    tversky_loss,
)
from training.losses.total import SegmentationLoss

from .test_terms import LABELS, SCORES, SOFT


def test_weights_add_up() -> None:
    expected = (
        2 * hard_cross_entropy(SCORES, LABELS)
        + 3 * soft_divergence(SCORES, SOFT)
        + 4 * dice_loss(SCORES, LABELS)
        + 5 * focal_loss(SCORES, LABELS)
        + 6 * tversky_loss(SCORES, LABELS, 0.3, 0.7)
        + 7 * lovasz_loss(SCORES, LABELS)
    )
    options = LossOptions(2.0, 3.0, 4.0, 5.0, 6.0, 7.0)
    assert torch.allclose(SegmentationLoss(options)(SCORES, LABELS, SOFT), expected)


def test_without_soft_labels_the_hard_ones_take_their_weight() -> None:
    assert torch.allclose(SegmentationLoss(LossOptions(0.3, 0.7))(SCORES, LABELS), hard_cross_entropy(SCORES, LABELS))


def test_classes_are_weighted_by_their_pixels() -> None:
    loss = SegmentationLoss(LossOptions(class_weights="ins"), [100, 300])
    expected = hard_cross_entropy(SCORES, LABELS, torch.tensor([3.0, 1.0]))
    assert torch.allclose(loss(SCORES, LABELS), expected)
    assert not loss.state_dict(), "a checkpoint must load whatever the weights were"


@pytest.mark.parametrize("name", LOSSES)
def test_half_precision_costs_nothing_but_the_scores_own_rounding(name: str) -> None:
    loss = SegmentationLoss(LossOptions(**{**dict.fromkeys(LOSSES, 0.0), name: 1.0}))
    scores = 100 * SCORES
    with torch.autocast("cpu", torch.bfloat16):
        half = loss(scores.bfloat16(), LABELS, SOFT)
    assert half.dtype == torch.float32
    assert torch.equal(half, loss(scores.bfloat16().float(), LABELS, SOFT))
