# SPDX-License-Identifier: GPL-2.0-or-later
"""One loss each.

Shapes: scores (batch, classes, rows, cols); labels (batch, rows, cols), where 0 is no label and class `i` of the legend
is `i + 1`; probabilities like scores, all zero where there is no label; weights of the classes (classes,). Every loss
is 0, and so are its gradients, in a batch without labels.
"""

from __future__ import annotations

import torch
from segmentation_models_pytorch.losses import LovaszLoss
from torch import Tensor
from torch.nn.functional import cross_entropy, log_softmax, nll_loss, one_hot

_IGNORED = -1
_LEAST = 1e-6


def hard_cross_entropy(scores: Tensor, labels: Tensor, weights: Tensor | None = None, smoothing: float = 0.0) -> Tensor:
    """Return the mean cross entropy over labelled pixels, weighted by their classes.

    Label smoothing: Szegedy et al. (2016), https://doi.org/10.1109/CVPR.2016.308.
    """
    scores, target = _with_target(scores, labels)
    total = cross_entropy(scores, target, weights, ignore_index=_IGNORED, reduction="sum", label_smoothing=smoothing)
    return total / _weight_sum(labels, weights)


def focal_loss(scores: Tensor, labels: Tensor, weights: Tensor | None = None, gamma: float = 2.0) -> Tensor:
    """Return the mean of (1 - p) ** gamma times the cross entropy over labelled pixels, weighted by their classes.

    p is the probability given to the true class. Lin et al. (2017), https://doi.org/10.1109/ICCV.2017.324.
    """
    scores, target = _with_target(scores, labels)
    logarithms = log_softmax(scores, dim=1)
    entropy = nll_loss(logarithms, target, weights, ignore_index=_IGNORED, reduction="none")
    true = logarithms.gather(1, target.clamp_min(0).unsqueeze(1)).squeeze(1)
    # Never exactly 0, where the gradient of a power below 1 is infinite.
    doubt = (-torch.expm1(true)).clamp_min(_LEAST)
    return (doubt**gamma * entropy).sum() / _weight_sum(labels, weights)


def soft_divergence(scores: Tensor, probabilities: Tensor) -> Tensor:
    """Return the mean Kullback-Leibler divergence from the teacher's probabilities over labelled pixels.

    Zero where the student agrees in full. Probabilities need not sum to exactly 1: they are stored rounded.
    """
    total = probabilities.sum(dim=1, keepdim=True)
    target = probabilities / total.clamp_min(_LEAST)
    divergence = torch.xlogy(target, target) - target * log_softmax(scores, dim=1)
    return divergence.sum() / (total > 0).sum().clamp_min(1)


def tversky_loss(scores: Tensor, labels: Tensor, alpha: float, beta: float) -> Tensor:
    """Return one minus the Tversky index, averaged over the classes present in the batch.

    Salehi et al. (2017), https://doi.org/10.1007/978-3-319-67389-9_44.

    Args:
        scores: the network's.
        labels: the truth.
        alpha: weight of false positives.
        beta: weight of false negatives.
    """
    labelled = (labels > 0).unsqueeze(1)
    predicted = scores.softmax(dim=1) * labelled
    truth = one_hot((labels - 1).clamp_min(0), scores.shape[1]).movedim(-1, 1) * labelled
    axes = (0, 2, 3)
    shared, present = (predicted * truth).sum(axes), truth.sum(axes)
    total = shared + alpha * (predicted.sum(axes) - shared) + beta * (present - shared)
    loss = 1.0 - shared / total.clamp_min(_LEAST)
    return (loss * (present > 0)).sum() / (present > 0).sum().clamp_min(1)


def dice_loss(scores: Tensor, labels: Tensor) -> Tensor:
    """Return one minus the soft Dice coefficient, averaged over the classes present in the batch.

    Milletari et al. (2016), https://doi.org/10.1109/3DV.2016.79.
    """
    return tversky_loss(scores, labels, 0.5, 0.5)


def lovasz_loss(scores: Tensor, labels: Tensor) -> Tensor:
    """Return the Lovász-softmax loss, averaged over the classes present in the batch.

    Berman et al. (2018), https://doi.org/10.1109/CVPR.2018.00464.
    """
    if not bool((labels > 0).any()):
        return 0.0 * scores.sum()
    loss: Tensor = LovaszLoss("multiclass", ignore_index=_IGNORED)(scores, labels - 1)
    return loss


def _with_target(scores: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Return scores with the classes in dimension 1, and positions in the legend.

    In torch's deterministic mode as rows of pixels: on a GPU, its losses are deterministic for rows, not for images.
    """
    if torch.are_deterministic_algorithms_enabled():
        return scores.movedim(1, -1).flatten(0, -2), labels.flatten() - 1
    return scores, labels - 1


def _weight_sum(labels: Tensor, weights: Tensor | None) -> Tensor:
    """Return the sum of the weights of labelled pixels; 1 if there is none of any weight, whose loss is 0."""
    if weights is None:
        return (labels > 0).sum().clamp_min(1)
    total = torch.cat([weights.new_zeros(1), weights])[labels].sum()
    return torch.where(total > 0, total, 1.0)
