# SPDX-License-Identifier: GPL-2.0-or-later
"""Every architecture is built from its options, and refuses what cannot work."""

from __future__ import annotations

import pytest
import torch

from s2landcover_plugin.core.errors import ModelError
from training.networks.build import build_network
from training.networks.options import NetworkOptions

BUILDS = {
    "unet-plain": (NetworkOptions("unet", width=2, depth=2), 4),
    "unet-stem": (NetworkOptions("unet", width=2, depth=2, stem=True), 4),
    "unet-dynamic-world": (NetworkOptions("unet", "none", width=2, depth=3, encoder="dynamic-world"), 8),
    "unet-dynamic-world-alone": (NetworkOptions("unet", "none", width=2, depth=1, encoder="dynamic-world"), 2),
    "unet-resnet": (NetworkOptions("unet", width=2, encoder="resnet18"), 32),
    "unet-timm": (NetworkOptions("unet", width=2, encoder="tu-resnet10t"), 32),
    "unet-convnext": (NetworkOptions("unet", width=2, encoder="convnext_atto"), 32),
    "unet-vgg": (NetworkOptions("unet", width=2, encoder="vgg11"), 32),
    "deeplabv3": (NetworkOptions("deeplabv3", encoder="resnet18", output_stride=8), 8),
    "deeplabv3plus": (NetworkOptions("deeplabv3plus", encoder="resnet18"), 16),
    "deeplabv3plus-8": (NetworkOptions("deeplabv3plus", encoder="tu-resnet10t", output_stride=8), 8),
}


@pytest.mark.parametrize("name", BUILDS)
def test_scores_have_the_size_of_the_image_and_every_weight_learns(name: str) -> None:
    options, multiple = BUILDS[name]
    network = build_network(options, bands=5, classes=3)
    assert network.training
    assert network.size_multiple == multiple
    image = torch.rand(2, 5, 2 * multiple, 3 * multiple)
    scores = network(image)
    assert scores.shape == (2, 3, 2 * multiple, 3 * multiple)
    scores.square().sum().backward()
    assert [name for name, parameter in network.named_parameters() if parameter.grad is None] == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (NetworkOptions("unet", encoder="resnet81"), r"no encoder 'resnet81'.*close ones are .*resnet18"),
        (NetworkOptions("unet", encoder="vit_tiny_patch16_224"), "cannot be an encoder here"),
        (NetworkOptions("unet", encoder="swin_tiny_patch4_window7_224"), "at any image size.*doesn't match model"),
        (NetworkOptions("unet", encoder="resnet18", skips=5), "has 4 skip connections; 5 were asked for"),
        (NetworkOptions("deeplabv3"), "needs an encoder by name"),
        (NetworkOptions("deeplabv3plus", encoder="densenet121"), "cannot be used in DeepLab"),
    ],
)
def test_what_cannot_be_built_is_named(options: NetworkOptions, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        build_network(options, bands=4, classes=3)


@pytest.mark.parametrize(
    ("options", "stage"),
    [
        (BUILDS["unet-plain"][0], "level2"),
        (BUILDS["unet-resnet"][0], "layer4"),
        (BUILDS["unet-timm"][0], "layer4.0"),
        (BUILDS["deeplabv3"][0], "layer4"),
    ],
)
def test_stages_of_the_encoder_go_by_their_names(options: NetworkOptions, stage: str) -> None:
    network = build_network(options, bands=4, classes=2)
    inside = {id(parameter) for parameter in network.encoder.parameters()}
    of_stage = list(network.encoder_stage(stage).parameters())
    assert of_stage
    assert all(id(parameter) in inside for parameter in of_stage)
    with pytest.raises(ModelError, match=rf"no stage 'layer9'; its stages are .*{stage[:6]}"):
        network.encoder_stage("layer9")
