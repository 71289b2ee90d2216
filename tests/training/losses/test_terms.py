# SPDX-License-Identifier: GPL-2.0-or-later
"""Losses against values worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch

from training.losses.terms import dice_loss, hard_cross_entropy, soft_divergence

# One row of three pixels: probabilities 0.8 / 0.2, 0.5 / 0.5, and a third that has no label.
SCORES = torch.tensor([[[[math.log(4.0), 0.0, 9.0]], [[0.0, 0.0, 0.0]]]])
LABELS = torch.tensor([[[1, 2, 0]]])
SOFT = torch.tensor([[[[0.8, 0.25, 0.0]], [[0.2, 0.75, 0.0]]]])


def test_hard_cross_entropy_ignores_unlabelled_pixels() -> None:
    assert hard_cross_entropy(SCORES, LABELS).item() == pytest.approx(-(math.log(0.8) + math.log(0.5)) / 2)


def test_soft_divergence_is_zero_where_the_student_agrees() -> None:
    second = 0.25 * math.log(0.25 / 0.5) + 0.75 * math.log(0.75 / 0.5)
    assert soft_divergence(SCORES, SOFT).item() == pytest.approx(second / 2, abs=1e-6)


def test_soft_divergence_ignores_rounding_of_the_sum() -> None:
    assert soft_divergence(SCORES, 1.01 * SOFT).item() == pytest.approx(soft_divergence(SCORES, SOFT).item(), abs=1e-6)


def test_dice_loss() -> None:
    first, second = 1 - 2 * 0.8 / (1.3 + 1), 1 - 2 * 0.5 / (0.7 + 1)
    assert dice_loss(SCORES, LABELS).item() == pytest.approx((first + second) / 2, abs=1e-6)


@pytest.mark.parametrize("loss", [hard_cross_entropy, dice_loss])
def test_no_label_no_loss(loss: object) -> None:
    assert loss(SCORES, torch.zeros_like(LABELS)).item() == 0.0  # type: ignore[operator]
