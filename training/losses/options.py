# SPDX-License-Identifier: GPL-2.0-or-later
"""Which losses are added up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LossOptions:
    """Weights of the losses; 0 leaves one out.

    Attributes:
        cross_entropy: weight of the cross entropy with the labels.
        soft: weight of the divergence from soft labels; without soft labels the cross entropy gets it.
        dice: weight of the Dice loss.
    """

    cross_entropy: float = 1.0
    soft: float = 0.0
    dice: float = 0.0
