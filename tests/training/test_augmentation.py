# SPDX-License-Identifier: GPL-2.0-or-later
"""Augmentation stays within its bounds."""

from __future__ import annotations

import pytest
import torch

from training.augmentation import Augmentation, turned


def test_relighting_is_bounded() -> None:
    image = torch.full((3, 4, 4), 0.2)
    augmentation = Augmentation(illumination=0.1, band_gain=0.05, haze=0.02)
    torch.manual_seed(1)
    results = torch.stack([augmentation.relight(image) for _ in range(200)])
    assert results.max() <= 0.2 * 1.15 + 0.02
    assert results.min() >= 0.2 * 0.85
    assert results.std(dim=0).min() > 0.005
    assert torch.equal(results.std(dim=(2, 3)), torch.zeros(200, 3)), "relighting must not change texture"


def test_haze_falls_from_blue_to_infrared() -> None:
    torch.manual_seed(1)
    hazy = Augmentation(illumination=0.0, band_gain=0.0, haze=0.1).relight(torch.zeros(5, 2, 2))
    assert torch.all(hazy.mean(dim=(1, 2)).diff() < 0)
    assert hazy[-1].max() == 0


def test_reflectance_stays_positive() -> None:
    assert Augmentation(noise=0.5).relight(torch.full((2, 8, 8), 0.01)).min() >= 0


@pytest.mark.parametrize(
    ("turns", "mirrored", "expected"),
    [
        (0, False, [[1, 2], [3, 4]]),
        (1, False, [[2, 4], [1, 3]]),
        (0, True, [[2, 1], [4, 3]]),
        (2, True, [[3, 4], [1, 2]]),
    ],
)
def test_turned(turns: int, mirrored: bool, expected: list[list[int]]) -> None:
    assert turned(torch.tensor([[1, 2], [3, 4]]), turns, mirrored).tolist() == expected
