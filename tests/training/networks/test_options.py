# SPDX-License-Identifier: GPL-2.0-or-later
"""A network in one line."""

from __future__ import annotations

import pytest

from training.networks.options import NetworkOptions


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (NetworkOptions(), "light U-Net, width 24, depth 3"),
        (NetworkOptions("unet", depth=4), "U-Net, plain encoder of depth 4, width 24, upsampling decoder"),
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
