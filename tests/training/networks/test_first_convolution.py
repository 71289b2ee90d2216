# SPDX-License-Identifier: GPL-2.0-or-later
"""Filters of other bands keep what the network has learnt to expect."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import conv2d

from training.networks.build import build_network
from training.networks.first_convolution import RGB, filters_for_bands, first_convolutions
from training.networks.options import NetworkOptions

ALL = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11", "B12")


@pytest.fixture
def filters() -> torch.Tensor:
    return torch.randn(16, 3, 7, 7, generator=torch.Generator().manual_seed(0))


def test_each_band_gets_its_filter_and_others_the_mean(filters: torch.Tensor) -> None:
    found = filters_for_bands(filters, RGB, ("B02", "B08", "B04", "B11"))
    wanted = (filters[:, 2], filters.mean(dim=1), filters[:, 0], filters.mean(dim=1))
    for band, expected in enumerate(wanted):
        assert torch.allclose(found[:, band], expected * 3 / 4)


def test_thirteen_bands_stay_as_they_are_and_twelve_follow_their_names() -> None:
    filters = torch.arange(13.0).reshape(1, 13, 1, 1)
    assert torch.equal(filters_for_bands(filters, ALL, ALL), filters)
    without = [band for band in ALL if band != "B10"]
    assert (filters_for_bands(filters, ALL, without[::-1]) * 12 / 13).flatten().tolist() == pytest.approx(
        [12, 11, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
    )


@pytest.mark.parametrize("bands", [ALL, RGB, ("B02", "B03", "B04", "B08")])
def test_equal_bands_keep_their_activations(filters: torch.Tensor, bands: tuple[str, ...]) -> None:
    image = torch.randn(2, 1, 32, 32, generator=torch.Generator().manual_seed(1))
    before = conv2d(image.expand(-1, 3, -1, -1), filters)
    after = conv2d(image.expand(-1, len(bands), -1, -1), filters_for_bands(filters, RGB, bands))
    assert torch.allclose(before, after, atol=1e-3)


def test_bands_that_rise_together_keep_the_size_of_their_activations(filters: torch.Tensor) -> None:
    common = torch.randn(4, 1, 32, 32, generator=torch.Generator().manual_seed(1))
    own = torch.randn(4, 13, 32, 32, generator=torch.Generator().manual_seed(2))
    image = 0.9 * common + (1 - 0.9**2) ** 0.5 * own
    before = conv2d(image[:, [3, 2, 1]], filters)
    after = conv2d(image, filters_for_bands(filters, RGB, ALL))
    assert 0.8 < float(after.std() / before.std()) < 1.1


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (NetworkOptions(width=2, depth=1), ["0.0"]),
        (NetworkOptions("unet", width=2, depth=1), ["level0.0"]),
        (NetworkOptions("unet", width=2, encoder="resnet18"), ["conv1"]),
        (NetworkOptions("unet", width=2, encoder="tu-efficientnet_lite0"), ["conv_stem"]),
        (NetworkOptions("unet", width=2, encoder="repvgg_a0"), ["stem.conv_1x1.conv", "stem.conv_kxk.conv"]),
    ],
)
def test_convolutions_that_look_at_the_image_are_found(options: NetworkOptions, names: list[str]) -> None:
    network = build_network(options, bands=5, classes=2)
    assert sorted(first_convolutions(network, 5)) == names
    assert network.training
