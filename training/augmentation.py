# SPDX-License-Identifier: GPL-2.0-or-later
"""Random changes to training samples that leave the land cover what it is."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Augmentation:
    """How far samples are changed.

    Attributes:
        turn: whether to flip and to rotate by right angles.
        illumination: largest relative change of all bands together.
        band_gain: largest relative change of each band by itself.
        haze: largest reflectance added to the first (bluest) band, falling to zero towards the last.
        noise: largest standard deviation of noise, in reflectance.
    """

    turn: bool = True
    illumination: float = 0.1
    band_gain: float = 0.05
    haze: float = 0.0
    noise: float = 0.0

    def relight(self, image: Tensor) -> Tensor:
        """Return an image, shape (bands, rows, cols) in reflectance, in another light; never negative."""
        bands = image.shape[0]
        gain = _signed(1, 1, 1) * self.illumination + _signed(bands, 1, 1) * self.band_gain
        haze = torch.rand(1) * self.haze * torch.linspace(1.0, 0.0, bands).reshape(-1, 1, 1)
        result = image * (1.0 + gain) + haze
        if self.noise:
            result = result + torch.rand(1) * self.noise * torch.randn_like(image)
        return result.clamp_min(0.0)


def turned(tensor: Tensor, quarter_turns: int, mirrored: bool) -> Tensor:
    """Return a tensor, shape (..., rows, cols), rotated by right angles and then mirrored left to right."""
    tensor = torch.rot90(tensor, quarter_turns, (-2, -1))
    return tensor.flip(-1) if mirrored else tensor


def _signed(*shape: int) -> Tensor:
    return torch.rand(shape) * 2.0 - 1.0
