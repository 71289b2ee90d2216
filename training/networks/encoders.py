# SPDX-License-Identifier: GPL-2.0-or-later
"""Encoders: features of an image at falling resolution."""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Sequence
from typing import cast

import segmentation_models_pytorch as smp
import timm
from torch import Tensor, nn
from torch.nn.functional import max_pool2d

from s2landcover_plugin.core.errors import ModelError

from .blocks import convolutions

PLAIN = "plain"
"""The encoder of the first U-Net, which has no name of its own."""

_TIMM = "tu-"
_STAGES = 5


class PlainEncoder(nn.Module):
    """Two convolutions at each level, max pooling between them.

    Ronneberger et al. (2015), https://arxiv.org/abs/1505.04597, with batch norm and padding.

    Args:
        bands: number of input channels.
        width: channels at full resolution; each level below has twice as many.
        depth: how often the resolution is halved.

    Shape:
        (batch, bands, rows, cols) to a list over the levels, (batch, `out_channels[n]`, rows / 2**n, cols / 2**n).
    """

    def __init__(self, bands: int, width: int, depth: int) -> None:
        super().__init__()
        self.out_channels = [width * 2**level for level in range(depth + 1)]
        inputs = [bands, *self.out_channels[:-1]]
        for level, (above, here) in enumerate(zip(inputs, self.out_channels)):
            self.add_module(f"level{level}", convolutions(above, here, 2))

    def forward(self, image: Tensor) -> list[Tensor]:
        """Return the features of each level, finest first."""
        features: list[Tensor] = []
        for level, block in enumerate(self.children()):
            image = block(image if level == 0 else max_pool2d(image, 2))
            features.append(image)
        return features


def build_encoder(name: str, bands: int, width: int, depth: int) -> nn.Module:
    """Return an encoder with random weights, which gives a list of features with `out_channels`, halving each time.

    Args:
        name: `plain`, or what `encoder_name` understands.
        bands: number of input channels.
        width: of a plain encoder.
        depth: of a plain encoder; others halve the resolution five times.

    Raises:
        ModelError: if there is no such encoder, or it does not give features at each halving.
    """
    return PlainEncoder(bands, width, depth) if name == PLAIN else named_encoder(name, bands)


def named_encoder(name: str, bands: int, weights: str | None = None) -> nn.Module:
    """Return an encoder of segmentation-models-pytorch or timm.

    Args:
        name: what `encoder_name` understands.
        bands: number of input channels.
        weights: the library's name for pretrained weights, which it downloads; None for random weights.

    Raises:
        ModelError: if there is no such encoder, or it does not give features at each halving.
    """
    known = encoder_name(name)
    try:
        with warnings.catch_warnings():
            # It would rather have True than a name where the weights are timm's.
            warnings.filterwarnings("ignore", message=".*encoder_weights.*")
            return cast(nn.Module, smp.encoders.get_encoder(known, in_channels=bands, depth=_STAGES, weights=weights))
    except (TypeError, ValueError, AssertionError) as error:
        raise ModelError(f"{name} cannot be an encoder here ({error}); choose another, such as resnet50.") from error


def encoder_name(name: str) -> str:
    """Return what segmentation-models-pytorch calls an encoder.

    Args:
        name: one of its own encoders, such as `efficientnet-b4`, or a model of timm, with or without `tu-` in front.

    Raises:
        ModelError: if there is no such encoder.
    """
    own = smp.encoders.get_encoder_names()
    if name in own:
        return name
    bare = name[len(_TIMM) :] if name.startswith(_TIMM) else name
    if timm.is_model(bare):
        return _TIMM + bare
    close = difflib.get_close_matches(name, [PLAIN, *own, *timm.list_models()], n=4)
    raise ModelError(
        f"There is no encoder '{name}'. Give {PLAIN}, or a name from segmentation-models-pytorch or timm"
        + (f"; close ones are {', '.join(close)}." if close else ", such as resnet50 or efficientnet-b4.")
    )


def feature_levels(encoder: nn.Module, bands: int) -> list[int]:
    """Return which of an encoder's features hold something: not the image itself, and no channels at all."""
    channels = cast(Sequence[int], encoder.out_channels)
    is_image = not isinstance(encoder, PlainEncoder) and channels[0] == bands
    return [level for level, count in enumerate(channels) if count and not (level == 0 and is_image)]
