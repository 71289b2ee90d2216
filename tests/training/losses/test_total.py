# SPDX-License-Identifier: GPL-2.0-or-later
"""The sum of losses."""

from __future__ import annotations

import torch

from training.losses.options import LossOptions
from training.losses.terms import dice_loss, hard_cross_entropy, soft_divergence
from training.losses.total import SegmentationLoss

from .test_terms import LABELS, SCORES, SOFT


def test_weights_add_up() -> None:
    expected = (
        2 * hard_cross_entropy(SCORES, LABELS) + 3 * soft_divergence(SCORES, SOFT) + 4 * dice_loss(SCORES, LABELS)
    )
    assert torch.allclose(SegmentationLoss(LossOptions(2.0, 3.0, 4.0))(SCORES, LABELS, SOFT), expected)


def test_without_soft_labels_the_hard_ones_take_their_weight() -> None:
    assert torch.allclose(SegmentationLoss(LossOptions(0.3, 0.7))(SCORES, LABELS), hard_cross_entropy(SCORES, LABELS))
