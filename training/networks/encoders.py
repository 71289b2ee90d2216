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
from .dynamic_world import DynamicWorldEncoder
from .options import DYNAMIC_WORLD

PLAIN = "plain"
"""The encoder of the first U-Net, which has no name of its own."""

_TIMM = "tu-"
_STAGES = 5
_STEM_SIZE = 4


class PlainEncoder(nn.Module):
    """Two convolutions at each level, max pooling between them.

    Ronneberger et al. (2015), https://arxiv.org/abs/1505.04597, with batch norm and padding. With a stem there is no
    level of full resolution, which takes the most time: a strided convolution is in its place.

    Args:
        bands: number of input channels.
        width: channels at full resolution; each level below has twice as many.
        depth: how often the resolution is halved.
        stem: whether a strided convolution halves the resolution first.

    Shape:
        (batch, bands, rows, cols) to a list over the levels, (batch, `out_channels[n]`, rows / 2**n, cols / 2**n).
    """

    def __init__(self, bands: int, width: int, depth: int, stem: bool = False) -> None:
        super().__init__()
        self.out_channels = [width * 2**level for level in range(depth + 1)]
        if stem:
            self.out_channels[0] = 0
            self.stem = nn.Conv2d(bands, self.out_channels[1], _STEM_SIZE, stride=2, padding=1)
            bands = self.out_channels[1]
        for level in range(int(stem), depth + 1):
            self.add_module(f"level{level}", convolutions(bands, self.out_channels[level], 2))
            bands = self.out_channels[level]

    def forward(self, image: Tensor) -> list[Tensor]:
        """Return the features of each level, finest first; no channels where a stem takes a level's place."""
        features: list[Tensor] = []
        if not self.out_channels[0]:
            features.append(image[:, :0])
            image = self.stem(image)
        finest = len(features)
        for level in range(finest, len(self.out_channels)):
            image = self.get_submodule(f"level{level}")(image if level == finest else max_pool2d(image, 2))
            features.append(image)
        return features


def build_encoder(name: str, bands: int, width: int, depth: int, stem: bool) -> nn.Module:
    """Return an encoder with random weights, which gives a list of features with `out_channels`, halving each time.

    Args:
        name: `plain`, `dynamic-world`, or what `encoder_name` understands.
        bands: number of input channels.
        width: of a plain encoder.
        depth: of a plain encoder; Dynamic World halves the resolution once, others five times.
        stem: of a plain encoder.

    Raises:
        ModelError: if there is no such encoder, or it does not give features at each halving.
    """
    if name == DYNAMIC_WORLD:
        return DynamicWorldEncoder(bands)
    return PlainEncoder(bands, width, depth, stem) if name == PLAIN else named_encoder(name, bands)


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
        f"There is no encoder '{name}'. Give {PLAIN}, {DYNAMIC_WORLD} (in a U-Net), or a name from "
        "segmentation-models-pytorch or timm"
        + (f"; close ones are {', '.join(close)}." if close else ", such as resnet50 or efficientnet-b4.")
    )


def feature_levels(encoder: nn.Module, bands: int) -> list[int]:
    """Return which of an encoder's features hold something: not the image itself, and no channels at all."""
    channels = cast(Sequence[int], encoder.out_channels)
    is_image = not isinstance(encoder, PlainEncoder) and channels[0] == bands
    return [level for level, count in enumerate(channels) if count and not (level == 0 and is_image)]
