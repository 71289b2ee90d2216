# SPDX-License-Identifier: GPL-2.0-or-later
"""The network's shapes and its normalisation."""

from __future__ import annotations

import math

import pytest
import torch

from training.networks.light_unet import LightUNet
from training.networks.normalisation import Normalisation


@pytest.mark.parametrize(("depth", "rows", "cols"), [(1, 2, 6), (2, 4, 12), (3, 8, 24)])
def test_output_has_the_size_of_the_input(depth: int, rows: int, cols: int) -> None:
    assert LightUNet(5, 3, width=4, depth=depth)(torch.zeros(2, 5, rows, cols)).shape == (2, 3, rows, cols)


def test_mean_reflectance_becomes_zero_and_one_deviation_about_one() -> None:
    normalise = Normalisation([0.1, 0.3], [0.001, 0.003])
    image = torch.tensor([0.1, 0.301 + 0.002]).reshape(1, 2, 1, 1)
    assert normalise(image).flatten().tolist() == pytest.approx([0.0, 1.0], abs=0.01)


def test_negative_reflectance_counts_as_zero() -> None:
    normalise = Normalisation([0.1], [0.05])
    below, zero = normalise(torch.full((1, 1, 1, 1), -0.01)), normalise(torch.zeros(1, 1, 1, 1))
    assert torch.equal(below, zero)
    assert math.isfinite(below.item())
