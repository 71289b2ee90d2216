# SPDX-License-Identifier: GPL-2.0-or-later
"""A small U-Net.

Ronneberger et al. (2015), https://arxiv.org/abs/1505.04597, with skips that are added instead of concatenated (as in
LinkNet, Chaurasia and Culurciello 2017, https://arxiv.org/abs/1707.03718): half the work at full resolution.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import interpolate, max_pool2d

from .base import SegmentationNetwork
from .blocks import convolutions

ENCODER_CONVOLUTIONS = 2
DECODER_CONVOLUTIONS = 1


class LightUNet(SegmentationNetwork):
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
        super().__init__(size_multiple=2**depth)
        widths = [width * 2**level for level in range(depth + 1)]
        inputs = [bands, *widths[:-1]]
        self.encoder: nn.ModuleList = nn.ModuleList(
            convolutions(a, b, ENCODER_CONVOLUTIONS) for a, b in zip(inputs, widths)
        )
        pairs = list(zip(widths[1:], widths))[::-1]
        self.reducers = nn.ModuleList(nn.Conv2d(below, here, 1) for below, here in pairs)
        self.decoder = nn.ModuleList(convolutions(here, here, DECODER_CONVOLUTIONS) for _, here in pairs)
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
