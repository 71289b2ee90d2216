# SPDX-License-Identifier: GPL-2.0-or-later
"""Which network is built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from s2landcover_plugin.core.errors import InputError

DYNAMIC_WORLD = "dynamic-world"
"""The encoder that is Google's network."""


@dataclass(frozen=True)
class NetworkOptions:
    """A network by its parts.

    Attributes:
        architecture: `light-unet`, small and quick with added skips; `unet`, with joined skips over any encoder;
            `deeplabv3` or `deeplabv3plus`, over any encoder by name.
        normalisation: of reflectance: `logarithm`, `standard` (zero mean, unit deviation) or `none`.
        width: channels at full resolution, twice as many at each halving: of a light U-Net, of a plain encoder, and of
            the decoder of a U-Net.
        depth: how often a light U-Net, or a U-Net over a plain encoder or Dynamic World, halves the resolution; other
            encoders do five times.
        encoder: `plain`, two convolutions a level as in the first U-Net; `dynamic-world`, Google's network (in a U-Net,
            with normalisation `none`: it has its own); or any of segmentation-models-pytorch or timm by name, such as
            `resnet50`, `efficientnet-b4` or `convnext_tiny`.
        stem: whether a plain encoder begins with a strided convolution in place of its level of full resolution: less
            than two thirds of the time, and edges are a little softer. Others have their own.
        weights: what the encoder starts from: `none` (random), `imagenet`, `sentinel2` (self-supervised, of TorchGeo,
            for resnet18 and resnet50), or a file of an encoder's weights (.pt, .pth, .safetensors, a .ckpt of `fit`,
            or the .onnx of Dynamic World). Used when a training starts, and not when a checkpoint is loaded.
        decoder: how a U-Net doubles the resolution: `upsampling` (bilinear) or `transposed` (convolutions).
        skips: how many skip connections a U-Net has, the deepest first; the decoder takes one step for each, and
            bilinear interpolation the rest of the way. All that the encoder has if null.
        attention: whether gates choose among what the skip connections of a U-Net bring.
        dropout: share of features set to zero in training: of a U-Net's deepest ones (whole channels), or in
            DeepLab's pyramid (0.5 in its paper).
        output_stride: of DeepLab's encoder: 8 is finer, 16 takes a quarter of the time.

    Raises:
        InputError: if a value is out of its range.
    """

    architecture: Literal["light-unet", "unet", "deeplabv3", "deeplabv3plus"] = "light-unet"
    normalisation: Literal["logarithm", "standard", "none"] = "logarithm"
    width: int = 24
    depth: int = 3
    encoder: str = "plain"
    stem: bool = False
    weights: str = "none"
    decoder: Literal["upsampling", "transposed"] = "upsampling"
    skips: int | None = None
    attention: bool = False
    dropout: float = 0.0
    output_stride: Literal[8, 16] = 16

    def __post_init__(self) -> None:
        for name in ("width", "depth"):
            if getattr(self, name) < 1:
                raise InputError(f"In the options of the network, {name} is {getattr(self, name)}; expected 1 or more.")
        if self.encoder == DYNAMIC_WORLD and self.architecture != "unet":
            raise InputError(
                f"The encoder {DYNAMIC_WORLD} belongs in a U-Net; set --model.network.architecture unet instead of "
                f"{self.architecture}."
            )
        if self.encoder == DYNAMIC_WORLD and self.normalisation != "none":
            raise InputError(
                f"The encoder {DYNAMIC_WORLD} takes reflectance as it is; set --model.network.normalisation none "
                f"instead of {self.normalisation}."
            )
        if not 0 <= self.dropout < 1:
            raise InputError(f"In the options of the network, dropout is {self.dropout}; expected 0 to below 1.")

    def describe(self) -> str:
        """Return the network in one line, for a model's contract."""
        if self.architecture == "light-unet":
            return f"light U-Net, width {self.width}, depth {self.depth}"
        if self.architecture != "unet":
            name = "DeepLabV3+" if self.architecture == "deeplabv3plus" else "DeepLabV3"
            return f"{name}, encoder {self.encoder}, output stride {self.output_stride}"
        stem = " with a stem" if self.stem else ""
        own_depth = f" of depth {self.depth}" if self.encoder == DYNAMIC_WORLD else ""
        encoder = f"encoder {self.encoder}{own_depth}"
        if self.encoder == "plain":
            encoder = f"plain encoder of depth {self.depth}{stem}"
        skips = "" if self.skips is None else f", {self.skips} skip connections"
        attention = ", attention gates" if self.attention else ""
        return f"U-Net, {encoder}, width {self.width}, {self.decoder} decoder{skips}{attention}"
