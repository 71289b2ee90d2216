# SPDX-License-Identifier: GPL-2.0-or-later
"""Google's Dynamic World as an encoder: what it learnt from 24,000 scenes all over the world, for other classes.

Brown et al. (2022), https://doi.org/10.1038/s41597-022-01307-4. The weights are not part of this package: they come
from the forward model as ONNX (Apache-2.0, Google and World Resources Institute), which is to be credited.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, mish, normalize, pad

from ..dynamic_world import TEACHER_BANDS, TEACHER_SCALING


class DynamicWorldEncoder(nn.Module):
    """Dynamic World's network up to its classifier, behind a mixture of bands that makes its nine out of any.

    Takes reflectance as it is: the network's own curve from reflectance to numbers is part of it.

    Args:
        bands: number of input channels.

    Shape:
        (batch, bands, rows, cols) to two tensors, (batch, 64, rows, cols) and (batch, 144, rows / 2, cols / 2).
    """

    def __init__(self, bands: int) -> None:
        super().__init__()
        self.out_channels = [64, 144]
        self.adapter = nn.Conv2d(bands, len(TEACHER_BANDS), 1)
        self.scaling = _Scaling()
        self.stem = nn.Conv2d(len(TEACHER_BANDS), 64, 3, padding=1)
        self.halving = _Halving(64)
        self.residual1 = _Residual(64, 96)
        self.residual2 = _Residual(96, 144)
        self.side = nn.ModuleList([nn.Conv2d(64, 48, 1), _depthwise(48)])
        self.residual3 = _Residual(144 + 48, 144)

    def forward(self, reflectance: Tensor) -> list[Tensor]:
        """Return features at full and at half resolution."""
        full = mish(self.stem(self.scaling(self.adapter(reflectance))))
        half = self.halving(full)
        features = self.residual2(self.residual1(half))
        features = self.residual3(torch.cat([features, _chain(self.side, half)], dim=1))
        # Its classifier looks at directions alone; unit mean square suits what follows here.
        unit = normalize(features, dim=1) * self.out_channels[1] ** 0.5
        return [full, unit]


class _Scaling(nn.Module):
    """Reflectance to what the network wants to see, as `teacher_input` does, for training."""

    def __init__(self) -> None:
        super().__init__()
        mean, deviation = (torch.tensor(TEACHER_SCALING.numbers[name]) for name in ("mean", "stddev"))
        self.register_buffer("gain", (5.0 / deviation).reshape(1, -1, 1, 1), persistent=False)
        self.register_buffer("shift", (-5.0 * mean / deviation - 1.0).reshape(1, -1, 1, 1), persistent=False)
        self.gain: Tensor
        self.shift: Tensor

    def forward(self, reflectance: Tensor) -> Tensor:
        curve = torch.log1p(50.0 * reflectance.float().clamp_min(0.0))
        return torch.sigmoid(curve * self.gain + self.shift)


class _Residual(nn.Module):
    """Three separable convolutions beside a shortcut."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        # In the order of the ONNX file, which weights are assigned by.
        self.shortcut = nn.Conv2d(inputs, outputs, 1)
        self.chain = nn.ModuleList()
        for channels in (inputs, outputs, outputs):
            self.chain += [nn.Conv2d(channels, outputs, 1), _depthwise(outputs)]

    def forward(self, image: Tensor) -> Tensor:
        return mish(self.shortcut(image)) + _chain(self.chain, image)


def _depthwise(channels: int) -> nn.Conv2d:
    return nn.Conv2d(channels, channels, 3, padding=1, groups=channels)


def _chain(convolutions: nn.ModuleList, image: Tensor) -> Tensor:
    for convolution in convolutions:
        image = mish(convolution(image))
    return image


class _Halving(nn.Module):
    """Half the resolution: bilinear, low-pass filtered."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        weights = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8.0
        kernel = (weights[:, None] * weights).repeat(channels, 1, 1, 1)
        self.register_buffer("kernel", kernel, persistent=False)
        self.kernel: Tensor

    def forward(self, image: Tensor) -> Tensor:
        padded = pad(image, (1, 1, 1, 1), mode="replicate")
        return conv2d(padded, self.kernel, stride=2, groups=len(self.kernel))
