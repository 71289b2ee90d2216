# SPDX-License-Identifier: GPL-2.0-or-later
"""What the options of a U-Net change in it."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from training.networks.options import NetworkOptions
from training.networks.unet import AttentionGate, DecoderStep, UNet


@pytest.mark.parametrize(("skips", "steps", "finest"), [(None, 4, 1), (3, 3, 2), (1, 1, 4), (0, 0, 5)])
def test_skips_are_taken_from_the_deepest_up(skips: int | None, steps: int, finest: int) -> None:
    network = UNet(3, 2, NetworkOptions("unet", encoder="resnet18", width=2, skips=skips))
    assert len(network.decoder) == steps
    assert network.levels[0] == finest
    assert network(torch.rand(2, 3, 32, 64)).shape == (2, 2, 32, 64)
    assert network.head.in_channels == (2 * 2**finest if steps else 512)


def test_a_plain_unet_reaches_full_size_by_itself() -> None:
    network = UNet(3, 2, NetworkOptions("unet", width=3, depth=2))
    assert network.levels == [0, 1, 2]
    assert network.head.in_channels == 3


def test_a_stem_takes_the_place_of_full_resolution() -> None:
    network = UNet(3, 2, NetworkOptions("unet", width=3, depth=3, stem=True))
    assert network.levels == [1, 2, 3]
    assert network.head.in_channels == 6
    assert network(torch.rand(2, 3, 16, 24)).shape == (2, 2, 16, 24)
    assert [name for name, _ in network.encoder.named_children()] == ["stem", "level1", "level2", "level3"]


def test_levels_below_dynamic_world_are_no_part_of_its_encoder() -> None:
    network = UNet(3, 2, NetworkOptions("unet", "none", width=3, depth=3, encoder="dynamic-world"))
    assert network.levels == [0, 1, 2, 3]
    assert [block[0].out_channels for block in network.deeper] == [12, 24]
    assert len(network.decoder) == 3


@pytest.mark.parametrize(("decoder", "layer"), [("transposed", nn.ConvTranspose2d), ("upsampling", nn.Upsample)])
def test_decoder_doubles_the_resolution_as_told(decoder: str, layer: type[nn.Module]) -> None:
    step = DecoderStep(8, 4, 5, decoder, attention=False)  # type: ignore[arg-type]
    assert any(isinstance(module, layer) for module in step.modules())
    assert step(torch.rand(1, 8, 3, 4), torch.rand(1, 4, 6, 8)).shape == (1, 5, 6, 8)


def test_gate_shuts_where_the_coarse_features_say_nothing_is() -> None:
    gate = AttentionGate(skip=2, below=1).eval()
    nn.init.zeros_(gate.of_skip.weight)
    nn.init.ones_(gate.of_below.weight)
    nn.init.zeros_(gate.of_below.bias)
    nn.init.constant_(gate.weight.weight, 40.0)
    nn.init.constant_(gate.weight.bias, -20.0)
    gate.out = nn.Sequential(nn.Identity())
    below = torch.zeros(1, 1, 2, 4)
    below[..., 2:] = 1.0
    skip = torch.rand(1, 2, 4, 8) + 0.5
    weighed = gate(skip, below)
    assert torch.allclose(weighed[..., :3], torch.zeros(()), atol=1e-6)
    assert torch.allclose(weighed[..., 5:], skip[..., 5:])


def test_dropout_acts_in_training_only() -> None:
    network = UNet(1, 1, NetworkOptions("unet", width=4, depth=1, dropout=0.5))
    assert network.dropout.p == 0.5
    image = torch.rand(2, 1, 4, 4)
    network.eval()
    assert torch.equal(network(image), network(image))
    network.dropout.train()
    torch.manual_seed(0)
    answers = [network(image) for _ in range(8)]
    assert any(not torch.equal(answers[0], other) for other in answers[1:])
