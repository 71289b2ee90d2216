# SPDX-License-Identifier: GPL-2.0-or-later
"""DeepLab over windows of a larger image."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from s2landcover_plugin.core.errors import ModelError
from training.networks.deeplab import DeepLab
from training.networks.options import NetworkOptions


@pytest.fixture(params=["deeplabv3", "deeplabv3plus"])
def network(request: pytest.FixtureRequest) -> DeepLab:
    torch.manual_seed(0)
    return DeepLab(3, 2, NetworkOptions(request.param, encoder="resnet18", dropout=0.25))


def test_one_tile_a_batch_is_refused_in_training_only(network: DeepLab) -> None:
    with pytest.raises(ModelError, match=r"one tile at a time.*batch_size to 2"):
        network(torch.rand(1, 3, 32, 32))
    assert network(torch.rand(2, 3, 16, 16)).shape == (2, 2, 16, 16)
    assert network.eval()(torch.rand(1, 3, 16, 16)).shape == (1, 2, 16, 16)


def test_dropout_reaches_the_pyramid(network: DeepLab) -> None:
    assert [module.p for module in network.decoder.modules() if isinstance(module, nn.Dropout)] == [0.25]


def test_no_corners_are_aligned(network: DeepLab) -> None:
    assert not any(module.align_corners for module in network.modules() if isinstance(module, nn.Upsample))
    assert not any(isinstance(module, nn.UpsamplingBilinear2d) for module in network.modules())
