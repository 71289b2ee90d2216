# SPDX-License-Identifier: GPL-2.0-or-later
"""A U-Net over any encoder.

Ronneberger et al. (2015), https://arxiv.org/abs/1505.04597; attention gates after Oktay et al. (2018),
https://arxiv.org/abs/1804.03999.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, max_pool2d

from s2landcover_plugin.core.errors import ModelError

from .base import SegmentationNetwork
from .blocks import convolutions
from .encoders import build_encoder, feature_levels
from .options import DYNAMIC_WORLD, NetworkOptions

_Decoder = Literal["upsampling", "transposed"]


class UNet(SegmentationNetwork):
    """Encoder, a decoder step for each skip connection, 1 x 1 head, bilinear to full size where the steps end before.

    The decoder has `width * 2**n` channels where the resolution is halved n times. Below Dynamic World, which halves it
    once, there are levels like those of a plain encoder.

    Args:
        bands: number of input channels.
        classes: number of output channels.
        options: `encoder`, `width`, `depth`, `decoder`, `skips`, `attention` and `dropout`.

    Shape:
        (batch, bands, rows, cols) to (batch, classes, rows, cols).

    Raises:
        ModelError: if there is no such encoder, or it has fewer skip connections than asked for.
    """

    def __init__(self, bands: int, classes: int, options: NetworkOptions) -> None:
        encoder = build_encoder(options.encoder, bands, options.width, options.depth, options.stem)
        channels = [*cast(Sequence[int], encoder.out_channels)]
        levels = feature_levels(encoder, bands)
        deeper = nn.ModuleList()
        if options.encoder == DYNAMIC_WORLD:
            for level in range(levels[-1] + 1, options.depth + 1):
                deeper.append(convolutions(channels[-1], options.width * 2**level, 2))
                channels.append(options.width * 2**level)
                levels.append(level)
        super().__init__(2 ** levels[-1], takes_reflectance=options.encoder == DYNAMIC_WORLD)
        self.encoder = encoder
        self.deeper = deeper
        self.levels = _used_levels(levels, options)
        self.dropout = nn.Dropout2d(options.dropout)
        below = channels[levels[-1]]
        self.decoder = nn.ModuleList()
        for level in self.levels[-2::-1]:
            here = options.width * 2**level
            self.decoder.append(DecoderStep(below, channels[level], here, options.decoder, options.attention))
            below = here
        self.head = nn.Conv2d(below, classes, 1)

    def forward(self, image: Tensor) -> Tensor:
        """Return class scores (logits)."""
        features = self.encoder(image)
        for block in self.deeper:
            features.append(block(max_pool2d(features[-1], 2)))
        *skips, image = [features[level] for level in self.levels]
        image = self.dropout(image)
        for step in self.decoder:
            image = step(image, skips.pop())
        # A 1 x 1 convolution and bilinear interpolation can change places; this way there is less to interpolate.
        scores: Tensor = self.head(image)
        scale = 2.0 ** self.levels[0]
        return scores if scale == 1 else interpolate(scores, scale_factor=scale, mode="bilinear")


class DecoderStep(nn.Module):
    """Doubles the resolution, joins the encoder's features of that resolution, and convolves twice.

    Args:
        below: channels of what comes from below.
        skip: channels of the encoder's features.
        here: channels that leave.
        decoder: how the resolution is doubled.
        attention: whether a gate chooses among the encoder's features.

    Shape:
        (batch, below, rows, cols) and (batch, skip, 2 rows, 2 cols) to (batch, here, 2 rows, 2 cols).
    """

    def __init__(self, below: int, skip: int, here: int, decoder: _Decoder, attention: bool) -> None:
        super().__init__()
        self.up = _transposed(below, here) if decoder == "transposed" else _upsampling(below, here)
        self.gate = AttentionGate(skip, below) if attention else None
        self.block = convolutions(here + skip, here, 2)

    def forward(self, image: Tensor, skip: Tensor) -> Tensor:
        """Return features of the doubled resolution."""
        if self.gate is not None:
            skip = self.gate(skip, image)
        joined: Tensor = self.block(torch.cat([self.up(image), skip], dim=1))
        return joined


class AttentionGate(nn.Module):
    """Weighs the encoder's features by where the coarser features say something is.

    The additive gate of Oktay et al. (2018), https://arxiv.org/abs/1804.03999, section 2.1.

    Args:
        skip: channels of the encoder's features.
        below: channels of the coarser features.

    Shape:
        (batch, skip, 2 rows, 2 cols) and (batch, below, rows, cols) to (batch, skip, 2 rows, 2 cols).
    """

    def __init__(self, skip: int, below: int) -> None:
        super().__init__()
        between = max(skip // 2, 1)
        self.of_skip = nn.Conv2d(skip, between, 2, stride=2, bias=False)
        self.of_below = nn.Conv2d(below, between, 1)
        self.weight = nn.Conv2d(between, 1, 1)
        self.out = nn.Sequential(nn.Conv2d(skip, skip, 1), nn.BatchNorm2d(skip))

    def forward(self, skip: Tensor, below: Tensor) -> Tensor:
        """Return the features, weighed."""
        weight = torch.sigmoid(self.weight(torch.relu(self.of_skip(skip) + self.of_below(below))))
        weighed: Tensor = self.out(skip * interpolate(weight, scale_factor=2.0, mode="bilinear"))
        return weighed


def _used_levels(levels: list[int], options: NetworkOptions) -> list[int]:
    """Return the levels of the encoder that the decoder is given, finest first."""
    most = len(levels) - 1
    skips = most if options.skips is None else options.skips
    if not 0 <= skips <= most:
        raise ModelError(f"The encoder {options.encoder} has {most} skip connections; {skips} were asked for.")
    return levels[most - skips :]


def _transposed(below: int, here: int) -> nn.Module:
    return nn.ConvTranspose2d(below, here, 2, stride=2)


def _upsampling(below: int, here: int) -> nn.Module:
    return nn.Sequential(nn.Conv2d(below, here, 1), nn.Upsample(scale_factor=2.0, mode="bilinear"))
