# SPDX-License-Identifier: GPL-2.0-or-later
"""Losses against values worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor

from training.losses.terms import (
    dice_loss,
    focal_loss,
    hard_cross_entropy,
    lovasz_loss,
    soft_divergence,
    tversky_loss,
)

# One row of three pixels: probabilities 0.8 / 0.2, 0.5 / 0.5, and a third that has no label.
SCORES = torch.tensor([[[[math.log(4.0), 0.0, 9.0]], [[0.0, 0.0, 0.0]]]])
LABELS = torch.tensor([[[1, 2, 0]]])
SOFT = torch.tensor([[[[0.8, 0.25, 0.0]], [[0.2, 0.75, 0.0]]]])
FIRST, SECOND = -math.log(0.8), -math.log(0.5)
WEIGHTS = torch.tensor([3.0, 1.0])

_Loss = Callable[[Tensor, Tensor], Tensor]
HARD: dict[str, _Loss] = {
    "cross entropy": hard_cross_entropy,
    "weighted cross entropy": partial(hard_cross_entropy, weights=WEIGHTS, smoothing=0.1),
    "focal": focal_loss,
    "weighted focal": partial(focal_loss, weights=WEIGHTS, gamma=0.5),
    "dice": dice_loss,
    "tversky": partial(tversky_loss, alpha=0.3, beta=0.7),
    "lovasz": lovasz_loss,
}


def test_hard_cross_entropy_ignores_unlabelled_pixels() -> None:
    assert hard_cross_entropy(SCORES, LABELS).item() == pytest.approx((FIRST + SECOND) / 2)


def test_hard_cross_entropy_is_a_mean_weighted_by_class() -> None:
    assert hard_cross_entropy(SCORES, LABELS, WEIGHTS).item() == pytest.approx((3 * FIRST + SECOND) / 4)


def test_label_smoothing_spreads_the_target() -> None:
    first = 0.9 * FIRST + 0.1 * (-math.log(0.8) - math.log(0.2)) / 2
    assert hard_cross_entropy(SCORES, LABELS, smoothing=0.1).item() == pytest.approx((first + SECOND) / 2)


def test_focal_loss_counts_sure_pixels_less() -> None:
    expected = (0.2**2 * FIRST + 0.5**2 * SECOND) / 2
    assert focal_loss(SCORES, LABELS).item() == pytest.approx(expected)
    weighted = (3 * 0.2**2 * FIRST + 0.5**2 * SECOND) / 4
    assert focal_loss(SCORES, LABELS, WEIGHTS).item() == pytest.approx(weighted)


def test_focal_loss_without_focus_is_the_cross_entropy() -> None:
    expected = hard_cross_entropy(SCORES, LABELS, WEIGHTS)
    assert torch.allclose(focal_loss(SCORES, LABELS, WEIGHTS, gamma=0.0), expected)


def test_soft_divergence_is_zero_where_the_student_agrees() -> None:
    second = 0.25 * math.log(0.25 / 0.5) + 0.75 * math.log(0.75 / 0.5)
    assert soft_divergence(SCORES, SOFT).item() == pytest.approx(second / 2, abs=1e-6)


def test_soft_divergence_ignores_rounding_of_the_sum() -> None:
    assert soft_divergence(SCORES, 1.01 * SOFT).item() == pytest.approx(soft_divergence(SCORES, SOFT).item(), abs=1e-6)


def test_dice_loss() -> None:
    first, second = 1 - 2 * 0.8 / (1.3 + 1), 1 - 2 * 0.5 / (0.7 + 1)
    assert dice_loss(SCORES, LABELS).item() == pytest.approx((first + second) / 2, abs=1e-6)


def test_tversky_loss() -> None:
    first = 1 - 0.8 / (0.8 + 0.3 * 0.5 + 0.7 * 0.2)
    second = 1 - 0.5 / (0.5 + 0.3 * 0.2 + 0.7 * 0.5)
    assert tversky_loss(SCORES, LABELS, 0.3, 0.7).item() == pytest.approx((first + second) / 2, abs=1e-6)


def test_lovasz_loss() -> None:
    # Errors of both classes: 0.5 at the pixel of the second, 0.2 at that of the first; the Jaccard loss with the worst
    # pixel wrong is 1/2 for the class that lacks it (a false positive) and 1 for its own, and with both wrong 1.
    first, second = 0.5 * 0.5 + 0.2 * 0.5, 0.5 * 1.0 + 0.2 * 0.0
    assert lovasz_loss(SCORES, LABELS).item() == pytest.approx((first + second) / 2, abs=1e-6)


@pytest.mark.parametrize("name", HARD)
def test_no_label_no_loss(name: str) -> None:
    scores = SCORES.clone().requires_grad_()
    loss = HARD[name](scores, torch.zeros_like(LABELS))
    loss.backward()
    assert loss.item() == 0.0
    assert scores.grad is not None and not scores.grad.any()


@pytest.mark.parametrize("name", HARD)
def test_scores_without_label_change_nothing(name: str) -> None:
    changed = SCORES.clone()
    changed[..., 2] = 500.0
    assert torch.equal(HARD[name](SCORES, LABELS), HARD[name](changed, LABELS))


@pytest.mark.parametrize("name", HARD)
def test_certainty_leaves_gradients_finite(name: str) -> None:
    scores = (1000.0 * torch.tensor([[[[1.0, 1.0]], [[-1.0, -1.0]]]])).requires_grad_()
    loss = HARD[name](scores, torch.tensor([[[1, 2]]]))
    loss.backward()
    assert loss.isfinite() and scores.grad is not None and scores.grad.isfinite().all()


@pytest.mark.parametrize("name", HARD)
def test_deterministic_mode_changes_nothing_but_rounding(name: str) -> None:
    torch.manual_seed(0)
    scores, labels = torch.randn(2, 2, 8, 8), torch.randint(3, (2, 8, 8))
    before = HARD[name](scores, labels)
    torch.use_deterministic_algorithms(True)
    try:
        assert torch.allclose(HARD[name](scores, labels), before)
    finally:
        torch.use_deterministic_algorithms(False)


@pytest.mark.parametrize("name", HARD)
def test_the_truth_costs_less_than_an_error(name: str) -> None:
    right = torch.tensor([[[[3.0, -3.0, 0.0]], [[-3.0, 3.0, 0.0]]]])
    assert HARD[name](right, LABELS) < HARD[name](SCORES, LABELS) < HARD[name](-right, LABELS)


def test_pixels_of_weight_zero_cost_nothing() -> None:
    weights = torch.tensor([0.0, 1.0])
    assert hard_cross_entropy(SCORES, torch.tensor([[[1, 0, 0]]]), weights).item() == 0.0
    assert hard_cross_entropy(SCORES, LABELS, weights).item() == pytest.approx(SECOND)
