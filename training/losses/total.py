# SPDX-License-Identifier: GPL-2.0-or-later
"""The weighted sum of losses that a network is trained on."""

from __future__ import annotations

from torch import Tensor, nn

from .options import LossOptions
from .terms import dice_loss, hard_cross_entropy, soft_divergence


class SegmentationLoss(nn.Module):
    """A weighted sum of losses.

    Args:
        options: the weights.
    """

    def __init__(self, options: LossOptions) -> None:
        super().__init__()
        self.options = options

    def forward(self, scores: Tensor, labels: Tensor, probabilities: Tensor | None = None) -> Tensor:
        """Return the loss of one batch."""
        options, scores = self.options, scores.float()
        hard = options.cross_entropy + (options.soft if probabilities is None else 0.0)
        loss = scores.new_zeros(())
        if hard:
            loss = loss + hard * hard_cross_entropy(scores, labels)
        if options.soft and probabilities is not None:
            loss = loss + options.soft * soft_divergence(scores, probabilities)
        if options.dice:
            loss = loss + options.dice * dice_loss(scores, labels)
        return loss
