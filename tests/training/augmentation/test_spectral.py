# SPDX-License-Identifier: GPL-2.0-or-later
"""Changes of light stay within their bounds."""

from __future__ import annotations

import torch

from training.augmentation.options import AugmentationOptions
from training.augmentation.spectral import relit


def test_relighting_is_bounded() -> None:
    torch.manual_seed(1)
    results = relit(torch.full((200, 3, 4, 4), 0.2), AugmentationOptions(illumination=0.1, band_gain=0.05, haze=0.02))
    assert results.max() <= 0.2 * 1.15 + 0.02
    assert results.min() >= 0.2 * 0.85
    assert results.std(dim=0).min() > 0.005
    assert torch.equal(results.std(dim=(2, 3)), torch.zeros(200, 3)), "relighting must not change texture"


def test_haze_falls_from_blue_to_infrared() -> None:
    torch.manual_seed(1)
    hazy = relit(torch.zeros(1, 5, 2, 2), AugmentationOptions(illumination=0.0, band_gain=0.0, haze=0.1))
    assert torch.all(hazy.mean(dim=(0, 2, 3)).diff() < 0)
    assert hazy[:, -1].max() == 0


def test_reflectance_stays_positive() -> None:
    assert relit(torch.full((1, 2, 8, 8), 0.01), AugmentationOptions(noise=0.5)).min() >= 0
