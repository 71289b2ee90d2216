# SPDX-License-Identifier: GPL-2.0-or-later
"""The context in the contract is what the network really looks at."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from training.networks.light_unet import LightUNet
from training.networks.receptive_field import context_of_unet


def positive_network(depth: int) -> LightUNet:
    """Return a network in which every path from input to output counts."""
    network = LightUNet(1, 1, width=2, depth=depth).eval()
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.constant_(module.weight, 0.1)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return network.double()


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_context_is_the_reach_of_the_gradient(depth: int) -> None:
    network, step, context = positive_network(depth), 2**depth, context_of_unet(depth)
    size = step * (2 * context // step + 4)
    reach = 0
    for offset in range(step):
        # Max pooling passes one gradient: an image that rises to either end lets the furthest pixel win.
        for sign in (1.0, -1.0):
            ramp = (sign * torch.linspace(-1, 1, size, dtype=torch.float64)).exp()
            image = ramp.expand(1, 1, step, size).clone().requires_grad_()
            column = size // 2 // step * step + offset
            network(image)[0, 0, 0, column].backward()
            touched = image.grad.abs().sum(dim=(0, 1, 2)).nonzero().flatten()
            reach = max(reach, column - int(touched.min()), int(touched.max()) - column)
    assert reach == context


def test_values() -> None:
    assert context_of_unet(0) == 2
    assert context_of_unet(3) < 64
