# SPDX-License-Identifier: GPL-2.0-or-later
"""One loss each.

Shapes: scores (batch, classes, rows, cols); labels (batch, rows, cols), where 0 is no label and class `i` of the legend
is `i + 1`; probabilities like scores, all zero where there is no label.
"""

from __future__ import annotations

import torch
from torch import Tensor
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
