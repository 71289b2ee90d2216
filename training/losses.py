# SPDX-License-Identifier: GPL-2.0-or-later
"""Losses for segmentation with unlabelled pixels.

Shapes: scores (batch, classes, rows, cols); labels (batch, rows, cols), where 0 is no label and class `i` of the legend
is `i + 1`; probabilities like scores, all zero where there is no label.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, log_softmax, one_hot

_IGNORED = -1


def hard_cross_entropy(scores: Tensor, labels: Tensor) -> Tensor:
    """Return the mean cross entropy over labelled pixels; 0 without any."""
    total = cross_entropy(scores, labels - 1, ignore_index=_IGNORED, reduction="sum")
    return total / (labels > 0).sum().clamp_min(1)


def soft_divergence(scores: Tensor, probabilities: Tensor) -> Tensor:
    """Return the mean Kullback-Leibler divergence from the teacher's probabilities over labelled pixels.

    Zero where the student agrees in full. Probabilities need not sum to exactly 1: they are stored rounded.
    """
    total = probabilities.sum(dim=1, keepdim=True)
    target = probabilities / total.clamp_min(1e-6)
    divergence = torch.xlogy(target, target) - target * log_softmax(scores, dim=1)
    return divergence.sum() / (total > 0).sum().clamp_min(1)


def dice_loss(scores: Tensor, labels: Tensor) -> Tensor:
    """Return one minus the soft Dice coefficient, averaged over the classes present in the batch; 0 without any.

    Milletari et al. (2016), https://doi.org/10.1109/3DV.2016.79.
    """
    labelled = (labels > 0).unsqueeze(1)
    predicted = scores.softmax(dim=1) * labelled
    truth = one_hot((labels - 1).clamp_min(0), scores.shape[1]).movedim(-1, 1) * labelled
    axes = (0, 2, 3)
    shared, present = (predicted * truth).sum(axes), truth.sum(axes)
    loss = 1.0 - 2.0 * shared / (predicted.sum(axes) + present).clamp_min(1e-6)
    return (loss * (present > 0)).sum() / (present > 0).sum().clamp_min(1)


class SegmentationLoss(nn.Module):
    """A weighted sum of the three; a weight of 0 leaves one out.

    Args:
        hard: weight of the cross entropy with the labels.
        soft: weight of the divergence from soft labels; without soft labels the cross entropy gets it.
        dice: weight of the Dice loss.
    """

    def __init__(self, hard: float = 1.0, soft: float = 0.0, dice: float = 0.0) -> None:
        super().__init__()
        self.hard, self.soft, self.dice = hard, soft, dice

    def forward(self, scores: Tensor, labels: Tensor, probabilities: Tensor | None = None) -> Tensor:
        """Return the loss of one batch."""
        scores = scores.float()
        hard = self.hard + (self.soft if probabilities is None else 0.0)
        loss = scores.new_zeros(())
        if hard:
            loss = loss + hard * hard_cross_entropy(scores, labels)
        if self.soft and probabilities is not None:
            loss = loss + self.soft * soft_divergence(scores, probabilities)
        if self.dice:
            loss = loss + self.dice * dice_loss(scores, labels)
        return loss
