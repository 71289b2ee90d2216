# SPDX-License-Identifier: GPL-2.0-or-later
"""Changes of light: reflectance stays reflectance, and the land cover what it is.

Shapes: images are (batch, bands, rows, cols) in reflectance; every image of a batch is changed by itself.
"""

from __future__ import annotations

import torch
from torch import Tensor

from .options import AugmentationOptions


def relit(image: Tensor, options: AugmentationOptions) -> Tensor:
    """Return images in another light; never negative."""
    count, bands = image.shape[:2]
    gain = _signed(image, count, 1) * options.illumination + _signed(image, count, bands) * options.band_gain
    image = image * (1.0 + gain)
    if options.haze:
        falling = torch.linspace(1.0, 0.0, bands, device=image.device).reshape(1, bands, 1, 1)
        image = image + torch.rand(count, 1, 1, 1, device=image.device) * options.haze * falling
    if options.noise:
        deviation = torch.rand(count, 1, 1, 1, device=image.device) * options.noise
        image = image + deviation * torch.randn_like(image)
    return image.clamp_min(0.0)


def _signed(image: Tensor, *shape: int) -> Tensor:
    """Return random numbers from -1 to 1, shape (*shape, 1, 1)."""
    return torch.rand(*shape, 1, 1, device=image.device) * 2.0 - 1.0
