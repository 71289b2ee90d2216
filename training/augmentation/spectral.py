# SPDX-License-Identifier: GPL-2.0-or-later
"""Changes of light, air and sensor: reflectance stays reflectance, and the land cover what it is.

Shapes: images are (batch, bands, rows, cols) in reflectance; every image of a batch is changed by itself. Randomness
comes from torch's generator of the images' device.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from .options import AugmentationOptions
from .spectrum import Spectrum

_HAZE_EXPONENTS = (-2.0, -0.5)
_SHADOW_DEPTHS = (0.4, 1.0)
# Of a standard normal field: half to a sixth of the tile lies in shadow.
_SHADOW_THRESHOLDS = (0.0, 1.0)
_SHADOW_CELLS = 5
_SHADOW_EDGE = 6.0


def relit(image: Tensor, options: AugmentationOptions, spectrum: Spectrum) -> Tensor:
    """Return images in another light, through other air; from 0 to the spectrum's highest value."""
    count, bands = len(image), image.shape[1]
    gain = _signed(image, count, 1) * options.illumination + _signed(image, count, bands) * options.band_gain
    image = image * (1.0 + gain)
    if options.band_offset:
        image = image + _signed(image, count, bands) * options.band_offset
    if options.shadow:
        image = image * (1.0 - _shadows(image, options.shadow) * (1.0 - spectrum.sky_light(image)))
    if options.haze:
        path = _between(image, 0.0, options.haze) * spectrum.scattering(_between(image, *_HAZE_EXPONENTS))
        # What the air scatters it also takes away: haze brightens dark ground and leaves bright ground as it is.
        image = image + path * (1.0 - image).clamp_min(0.0)
    if options.noise:
        image = image + _between(image, 0.0, options.noise) * torch.randn_like(image)
    return image.clamp(0.0, spectrum.highest)


def without_some_bands(image: Tensor, chance: float, spectrum: Spectrum) -> Tensor:
    """Return images of which each band is, by chance, its mean over the training tiles; one at least is left."""
    draws = torch.rand(image.shape[:2], device=image.device)
    dropped = (draws < chance) & (draws < draws.amax(dim=1, keepdim=True))
    return torch.where(dropped[..., None, None], spectrum.mean_image(image), image)


def _shadows(image: Tensor, chance: float) -> Tensor:
    """Return the share of the sun's light that soft shadows take, shape (batch, 1, rows, cols), 0-1."""
    count = len(image)
    cells = torch.randn(count, 1, _SHADOW_CELLS, _SHADOW_CELLS, device=image.device)
    field = interpolate(cells, size=image.shape[-2:], mode="bicubic", align_corners=True)
    axes = (2, 3)
    field = (field - field.mean(axes, keepdim=True)) / field.std(axes, keepdim=True).clamp_min(1e-6)
    depth = _between(image, *_SHADOW_DEPTHS) * (torch.rand(count, 1, 1, 1, device=image.device) < chance)
    return depth * torch.sigmoid(_SHADOW_EDGE * (field - _between(image, *_SHADOW_THRESHOLDS)))


def _between(image: Tensor, low: float, high: float) -> Tensor:
    """Return a random number for each image, shape (batch, 1, 1, 1)."""
    return low + (high - low) * torch.rand(len(image), 1, 1, 1, device=image.device)


def _signed(image: Tensor, *shape: int) -> Tensor:
    """Return random numbers from -1 to 1, shape (*shape, 1, 1)."""
    return torch.rand(*shape, 1, 1, device=image.device) * 2.0 - 1.0
