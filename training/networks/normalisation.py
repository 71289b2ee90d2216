# SPDX-License-Identifier: GPL-2.0-or-later
"""Reflectance to numbers that a network likes; part of the network, so that the exported graph carries it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn

Statistics = Sequence[tuple[float, float]]
"""Mean and standard deviation of each band in the training data, in reflectance."""

_CONTRAST = 50.0


def build_normalisation(kind: Literal["logarithm", "standard", "none"], statistics: Statistics) -> nn.Module:
    """Return a module that keeps shapes: `logarithm`, `standard` (zero mean, unit deviation), or nothing."""
    if kind == "none":
        return nn.Identity()
    means, deviations = zip(*statistics)
    return Normalisation(means, deviations) if kind == "logarithm" else Standardisation(means, deviations)


class Normalisation(nn.Module):
    """Reflectance to numbers that a network likes: a logarithm, then standardised band by band.

    The logarithm keeps dark water and bright snow in one range and turns illumination into an offset.

    Args:
        means: mean reflectance of each band in the training data.
        deviations: standard deviation of each.
    """

    def __init__(self, means: Sequence[float], deviations: Sequence[float]) -> None:
        super().__init__()
        mean, deviation = torch.tensor(means), torch.tensor(deviations)
        centre = torch.log1p(_CONTRAST * mean)
        # The logarithm's slope at the mean carries the deviation over.
        scale = (_CONTRAST * deviation / (1.0 + _CONTRAST * mean)).clamp_min(1e-3)
        self.register_buffer("centre", centre.reshape(1, -1, 1, 1))
        self.register_buffer("scale", scale.reshape(1, -1, 1, 1))
        self.centre: Tensor
        self.scale: Tensor

    def forward(self, reflectance: Tensor) -> Tensor:
        """Return normalised bands, same shape; negative reflectance counts as zero."""
        return (torch.log1p(_CONTRAST * reflectance.clamp_min(0.0)) - self.centre) / self.scale


class Standardisation(nn.Module):
    """Zero mean and unit deviation, band by band.

    Args:
        means: mean reflectance of each band in the training data.
        deviations: standard deviation of each.
    """

    def __init__(self, means: Sequence[float], deviations: Sequence[float]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(means).reshape(1, -1, 1, 1))
        self.register_buffer("deviation", torch.tensor(deviations).clamp_min(1e-4).reshape(1, -1, 1, 1))
        self.mean: Tensor
        self.deviation: Tensor

    def forward(self, reflectance: Tensor) -> Tensor:
        """Return standardised bands, same shape."""
        return (reflectance - self.mean) / self.deviation
