# SPDX-License-Identifier: GPL-2.0-or-later
"""Convolutions that U-Nets are made of."""

from __future__ import annotations

from torch import nn


def convolutions(inputs: int, outputs: int, count: int) -> nn.Sequential:
    """Return 3 x 3 convolutions that keep the size, each with batch norm and ReLU.

    Args:
        inputs: channels of what they are given.
        outputs: channels of each convolution.
        count: how many follow each other.
    """
    layers: list[nn.Module] = []
    for _ in range(count):
        layers += [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]
        inputs = outputs
    return nn.Sequential(*layers)
