# SPDX-License-Identifier: GPL-2.0-or-later
"""A compact residual network that corrects one band at a time."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

_POOL_RADIUS = 4
# Where a neighbourhood has less structure (a standard deviation of reflectance), it is not amplified any more.
_LEAST_SPREAD = 0.002
_PHASES = ((0, 0), (0, 1), (1, 0), (1, 1))


class SharpeningCNN(nn.Module):
    """Residual blocks at the coarse resolution; the four fine pixels of a coarse one are channels.

    This costs a quarter of a network at the fine resolution, and sees twice as far. Every image is given relative to
    its mean and spread in the window around each pixel, so that the network knows structure, not brightness. It starts
    from no correction at all.

    Args:
        bands: how many bands it tells apart.
        guides: number of guides.
        width: channels.
        blocks: residual blocks of two convolutions.
    """

    def __init__(self, bands: int, guides: int = 4, width: int = 32, blocks: int = 3) -> None:
        super().__init__()
        self.context = _POOL_RADIUS + 2 + 2 * blocks
        self.head = nn.Conv2d(5 * guides + 5, width, 3, padding=1)
        self.condition = nn.Linear(bands + 2, width)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Conv2d(width, width, 3, padding=1), nn.ReLU(), nn.Conv2d(width, width, 3, padding=1))
            for _ in range(blocks)
        )
        self.tail = nn.Conv2d(width, len(_PHASES), 3, padding=1)
        nn.init.zeros_(self.tail.weight)
        nn.init.zeros_(self.tail.bias)  # type: ignore[arg-type]

    def forward(self, guides: Tensor, regression: Tensor, coarse: Tensor, band: Tensor, blur: Tensor) -> Tensor:
        """Return the correction; shapes and meanings as in `core.sharpening.network_contract.INPUTS`."""
        features, spread = _features(guides.float(), regression.float(), coarse.float())
        told = torch.cat([band, 4 * (blur - 0.4)], dim=1)
        state = functional.relu(self.head(features) + self.condition(told)[:, :, None, None])
        for block in self.blocks:
            state = state + block(state)
        correction = self.tail(functional.relu(state)).float() * spread
        return functional.pixel_shuffle(correction, 2)


def _features(guides: Tensor, regression: Tensor, coarse: Tensor) -> tuple[Tensor, Tensor]:
    """Return what the network sees, at the coarse resolution, and the band's local spread (reflectance)."""
    fine = [guides[..., row::2, col::2] for row, col in _PHASES]
    low = sum(fine[1:], fine[0]) / len(fine)
    band_mean, band_spread = _moments(coarse)
    guide_mean, guide_spread = _moments(low)
    details = [(phase - low) / guide_spread for phase in fine]
    restored = [(regression[..., row::2, col::2] - coarse) / band_spread for row, col in _PHASES]
    structure = [(coarse - band_mean) / band_spread, (low - guide_mean) / guide_spread]
    return torch.cat([*details, *restored, *structure], dim=1), band_spread


def _moments(image: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean and standard deviation in the window around every pixel, same shape."""
    size = 2 * _POOL_RADIUS + 1
    mean, square = (
        functional.avg_pool2d(power, size, 1, _POOL_RADIUS, count_include_pad=False) for power in (image, image * image)
    )
    variance = torch.clamp(square - mean * mean, min=0)
    return mean, torch.sqrt(variance + _LEAST_SPREAD**2)
