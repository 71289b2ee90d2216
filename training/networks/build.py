# SPDX-License-Identifier: GPL-2.0-or-later
"""A network from its options."""

from __future__ import annotations

import torch
from torch import nn

from s2landcover_plugin.core.errors import ModelError

from .base import SegmentationNetwork
from .deeplab import DeepLab
from .encoders import PLAIN
from .light_unet import LightUNet
from .options import NetworkOptions
from .unet import UNet


def build_network(options: NetworkOptions, bands: int, classes: int) -> SegmentationNetwork:
    """Return a network with random weights; `pretrained.load_pretrained` gives its encoder others.

    Args:
        options: what it is made of.
        bands: number of input channels.
        classes: number of output channels.

    Raises:
        ModelError: if the options do not go together.
    """
    if options.architecture == "light-unet":
        return LightUNet(bands, classes, options.width, options.depth)
    network = UNet(bands, classes, options) if options.architecture == "unet" else DeepLab(bands, classes, options)
    if options.encoder != PLAIN:
        _try_out(network, bands, options)
    return network


def _try_out(network: SegmentationNetwork, bands: int, options: NetworkOptions) -> None:
    """Run a network once, in small, and drop what takes no part, such as the layers before a classifier.

    Several devices could not train together while a parameter gets no gradient.
    """
    network.eval()
    size = network.size_multiple
    try:
        network(torch.zeros(1, bands, 2 * size, 3 * size)).sum().backward()
    except (AssertionError, RuntimeError) as error:
        raise ModelError(
            f"The encoder {options.encoder} cannot be used for a {options.architecture} at any image size "
            f"({str(error).splitlines()[0]}); choose another, such as resnet50."
        ) from error
    for name, module in list(network.named_modules()):
        own = list(module.parameters(recurse=False))
        if own and not list(module.children()) and all(parameter.grad is None for parameter in own):
            network.set_submodule(name, nn.Identity())
    network.zero_grad(set_to_none=True)
    network.train()
