# SPDX-License-Identifier: GPL-2.0-or-later
"""A network in one line, and options that make no sense."""

from __future__ import annotations

import pytest

from s2landcover_plugin.core.errors import InputError
from training.networks.options import NetworkOptions


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (NetworkOptions(), "light U-Net, width 24, depth 3"),
        (NetworkOptions("unet", depth=4), "U-Net, plain encoder of depth 4, width 24, upsampling decoder"),
        (
            NetworkOptions("unet", depth=4, stem=True),
            "U-Net, plain encoder of depth 4 with a stem, width 24, upsampling decoder",
        ),
        (
            NetworkOptions("unet", "none", encoder="dynamic-world", depth=4),
            "U-Net, encoder dynamic-world of depth 4, width 24, upsampling decoder",
        ),
        (
            NetworkOptions("unet", encoder="resnet50", width=16, decoder="transposed", skips=3, attention=True),
            "U-Net, encoder resnet50, width 16, transposed decoder, 3 skip connections, attention gates",
        ),
        (
            NetworkOptions("deeplabv3", encoder="resnet50", output_stride=8),
            "DeepLabV3, encoder resnet50, output stride 8",
        ),
        (NetworkOptions("deeplabv3plus", encoder="resnet18"), "DeepLabV3+, encoder resnet18, output stride 16"),
    ],
)
def test_description(options: NetworkOptions, line: str) -> None:
    assert options.describe() == line


def test_dynamic_world_belongs_in_a_unet() -> None:
    with pytest.raises(InputError, match="architecture unet instead of light-unet"):
        NetworkOptions(encoder="dynamic-world", normalisation="none")


@pytest.mark.parametrize("values", [{"width": 0}, {"depth": -1}, {"dropout": 1.0}, {"dropout": float("nan")}])
def test_values_out_of_range(values: dict[str, float]) -> None:
    (name,) = values
    with pytest.raises(InputError, match=f"options of the network, {name} is"):
        NetworkOptions(**values)  # type: ignore[arg-type]
