# SPDX-License-Identifier: GPL-2.0-or-later
"""A network from its options."""

from __future__ import annotations

from .base import SegmentationNetwork
from .light_unet import LightUNet
from .options import NetworkOptions


def build_network(options: NetworkOptions, bands: int, classes: int) -> SegmentationNetwork:
    """Return a network with fresh weights.

    Args:
        options: what it is made of.
        bands: number of input channels.
        classes: number of output channels.
    """
    return LightUNet(bands, classes, options.width, options.depth)
