# SPDX-License-Identifier: GPL-2.0-or-later
"""The context in the contract is what the network really looks at."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from training.networks.base import SegmentationNetwork
from training.networks.build import build_network
from training.networks.light_unet import LightUNet
from training.networks.options import NetworkOptions
from training.networks.receptive_field import context_of, effective_reach, random_images, theoretical_reach


class Layers(SegmentationNetwork):
    """Some layers as a network."""

    def __init__(self, *layers: nn.Module, step: int = 1) -> None:
        super().__init__(step)
        self.encoder = nn.Sequential(*layers)

    def forward(self, image: Tensor) -> Tensor:
        scores: Tensor = self.encoder(image)
        return scores


class Everywhere(nn.Module):
    """Adds the mean of the image to every pixel, in part."""

    def __init__(self, part: float) -> None:
        super().__init__()
        self.part = part

    def forward(self, image: Tensor) -> Tensor:
        return image + self.part * image.mean(dim=(2, 3), keepdim=True)


def positive_network(depth: int) -> LightUNet:
    """Return a network in which every path from input to output counts."""
    network = LightUNet(1, 1, width=2, depth=depth).eval()
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.constant_(module.weight, 0.1)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return network.double()


@pytest.mark.parametrize(("depth", "known"), [(1, 8), (2, 20), (3, 44)])
def test_theoretical_reach_is_the_reach_of_the_gradient(depth: int, known: int) -> None:
    network, step = positive_network(depth), 2**depth
    assert theoretical_reach(network, 1) == known
    size = step * (2 * known // step + 4)
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
    assert reach == known


@pytest.mark.parametrize(
    ("layers", "step", "reach"),
    [
        ((nn.Conv2d(2, 1, 1),), 1, 0),
        ((nn.Conv2d(2, 3, 3, padding=1), nn.ReLU(), nn.Conv2d(3, 1, 5, padding=2)), 1, 3),
        ((nn.Conv2d(2, 1, 3, padding=6, dilation=6),), 1, 6),
        ((nn.Conv2d(2, 1, (1, 7), padding=(0, 3)),), 1, 3),
        ((nn.Conv2d(2, 1, (7, 1), padding=(3, 0)),), 1, 3),
        ((nn.AvgPool2d(4), nn.Upsample(scale_factor=4)), 4, 3),
        ((nn.Conv2d(2, 3, 3, padding=1), nn.BatchNorm2d(3), nn.Hardswish()), 1, 1),
    ],
)
def test_theoretical_reach_of_known_layers(layers: tuple[nn.Module, ...], step: int, reach: int) -> None:
    network = Layers(*layers, step=step)
    for parameter in network.parameters():
        nn.init.zeros_(parameter)
    assert theoretical_reach(network, 2) == reach


def test_weights_and_mode_stay() -> None:
    network = build_network(NetworkOptions("unet", width=2, depth=1), 2, 2).train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    context_of(network, 2, 16)
    assert network.training
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert all(parameter.grad is None and parameter.dtype == torch.float32 for parameter in network.parameters())


@pytest.mark.parametrize(("encoder", "limit"), [("resnet10t", 400), ("efficientnet-b0", 40)])
def test_pooling_over_the_image_has_no_end_and_convolutions_do(encoder: str, limit: int) -> None:
    network = build_network(NetworkOptions("unet", width=2, encoder=encoder, skips=0), 1, 1)
    reach = theoretical_reach(network, 1, limit)
    assert reach is None if encoder == "efficientnet-b0" else 100 < (reach or 0) < limit


def box(size: int) -> Layers:
    network = Layers(nn.Conv2d(1, 1, size, padding=size // 2, bias=False))
    nn.init.ones_(network.encoder[0].weight)
    return network


@pytest.mark.parametrize(("share", "reach"), [(0.99, 5), (1.0, 5), (81 / 121, 4), (0.05, 1), (1e-3, 0)])
def test_effective_reach_of_equal_weights_is_geometry(share: float, reach: int) -> None:
    assert effective_reach(box(11), torch.randn(3, 1, 64, 64), share - 1e-6) == reach


def test_effective_reach_is_where_the_weights_are() -> None:
    network = box(21)
    with torch.no_grad():
        network.encoder[0].weight[0, 0] *= 0.01
        network.encoder[0].weight[0, 0, 8:13, 8:13] = 1.0
    assert theoretical_reach(network, 1) == 10
    assert effective_reach(network, torch.randn(2, 1, 64, 64)) == 2


def test_a_network_of_reflectance_looks_at_noise_like_land() -> None:
    taking, other = box(3), box(3)
    taking.takes_reflectance = True
    land, noise = (random_images(network, 1, 32) for network in (taking, other))
    assert 0 < land.min() < land.max() < 1
    assert noise.min() < 0
    bands = random_images(taking, 4, 32).transpose(0, 1).flatten(1)
    assert torch.corrcoef(bands).min() > 0.9


def test_context_is_measured_on_the_images_given() -> None:
    network = Layers(Everywhere(1.0))
    found = context_of(network, 1, 16, lambda: torch.rand(2, 1, 32, 32))
    assert "on held-out tiles" in found.basis


def test_context_is_theoretical_where_that_is_small_and_at_most_half_a_tile() -> None:
    assert context_of(box(11), 1, 32).pixels == 5
    assert "theoretical" in context_of(box(11), 1, 32).basis
    network = Layers(nn.Conv2d(1, 1, 3, padding=1), Everywhere(0.5))
    found = context_of(network, 1, 64)
    assert found.pixels == 1
    assert found.basis == "the effective receptive field on noise (99% of the gradient's energy)"
    found = context_of(Layers(Everywhere(1000.0)), 1, 64)
    assert found.pixels == 32
    # The pixel that is asked lies up to 8 from the middle: 99 % of the tile lies within 36 to 40 of it.
    reach = int(found.basis.split()[-2])
    assert found.basis == f"half a tile; the effective receptive field on noise is {reach} pixels"
    assert 32 < reach <= 40
