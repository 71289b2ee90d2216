# SPDX-License-Identifier: GPL-2.0-or-later
"""A small U-Net, from reflectance to class scores.

Ronneberger et al. (2015), https://arxiv.org/abs/1505.04597, with skips that are added instead of concatenated (as in
LinkNet, Chaurasia and Culurciello 2017, https://arxiv.org/abs/1707.03718): half the work at full resolution.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, max_pool2d

ENCODER_CONVOLUTIONS = 2
DECODER_CONVOLUTIONS = 1
_CONTRAST = 50.0


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


class UNet(nn.Module):
    """Encoder, decoder, added skips.

    Args:
        bands: number of input channels.
        classes: number of output channels.
        width: channels at full resolution; each level below has twice as many.
        depth: how often the resolution is halved.

    Shape:
        (batch, bands, rows, cols) to (batch, classes, rows, cols); rows and cols are multiples of `2 ** depth`.
    """

    def __init__(self, bands: int, classes: int, width: int = 24, depth: int = 3) -> None:
        super().__init__()
        widths = [width * 2**level for level in range(depth + 1)]
        inputs = [bands, *widths[:-1]]
        self.encoder = nn.ModuleList(_block(a, b, ENCODER_CONVOLUTIONS) for a, b in zip(inputs, widths))
        pairs = list(zip(widths[1:], widths))[::-1]
        self.reducers = nn.ModuleList(nn.Conv2d(below, here, 1) for below, here in pairs)
        self.decoder = nn.ModuleList(_block(here, here, DECODER_CONVOLUTIONS) for _, here in pairs)
        self.head = nn.Conv2d(width, classes, 1)

    def forward(self, image: Tensor) -> Tensor:
        """Return class scores (logits)."""
        skips: list[Tensor] = []
        for level, block in enumerate(self.encoder):
            image = block(image if level == 0 else max_pool2d(image, 2))
            skips.append(image)
        image = skips.pop()
        for reduce, block in zip(self.reducers, self.decoder):
            image = block(interpolate(reduce(image), scale_factor=2.0, mode="nearest") + skips.pop())
        scores: Tensor = self.head(image)
        return scores


def _block(inputs: int, outputs: int, convolutions: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for _ in range(convolutions):
        layers += [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]
        inputs = outputs
    return nn.Sequential(*layers)
