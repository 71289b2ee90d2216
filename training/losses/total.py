# SPDX-License-Identifier: GPL-2.0-or-later
"""The weighted sum of losses that a network is trained on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from .options import LossOptions
from .terms import dice_loss, focal_loss, hard_cross_entropy, lovasz_loss, soft_divergence, tversky_loss
from .weights import class_weights


class SegmentationLoss(nn.Module):
    """A weighted sum of losses, computed in single precision whatever the network computes in.

    Args:
        options: the weights.
        class_pixels: labelled pixels of each class in the training tiles, for the weights of classes.

    Raises:
        DatasetError: if the classes cannot be weighted as asked.
    """

    class_weights: Tensor | None

    def __init__(self, options: LossOptions, class_pixels: Sequence[int] = ()) -> None:
        super().__init__()
        self.options = options
        # They follow from the options and so are no part of a checkpoint.
        self.register_buffer("class_weights", class_weights(options, class_pixels), persistent=False)

    def forward(self, scores: Tensor, labels: Tensor, probabilities: Tensor | None = None) -> Tensor:
        """Return the loss of one batch."""
        with torch.autocast(scores.device.type, enabled=False):
            scores = scores.float()
            return sum(self._terms(scores, labels, probabilities), scores.new_zeros(()))

    def _terms(self, scores: Tensor, labels: Tensor, probabilities: Tensor | None) -> Iterator[Tensor]:
        """Yield each loss that has a weight, times its weight."""
        options, weights = self.options, self.class_weights
        hard = options.cross_entropy + (options.soft if probabilities is None else 0.0)
        if hard:
            yield hard * hard_cross_entropy(scores, labels, weights, options.label_smoothing)
        if options.soft and probabilities is not None:
            yield options.soft * soft_divergence(scores, probabilities.float())
        if options.dice:
            yield options.dice * dice_loss(scores, labels)
        if options.focal:
            yield options.focal * focal_loss(scores, labels, weights, options.focal_gamma)
        if options.tversky:
            yield options.tversky * tversky_loss(scores, labels, options.tversky_alpha, options.tversky_beta)
        if options.lovasz:
            yield options.lovasz * lovasz_loss(scores, labels)
