# SPDX-License-Identifier: GPL-2.0-or-later
"""Changes of light stay within their bounds and follow the wavelength."""

from __future__ import annotations

import pytest
import torch

from training.augmentation.options import AugmentationOptions
from training.augmentation.spectral import relit, without_some_bands
from training.augmentation.spectrum import Spectrum

BANDS = Spectrum((0.9, 1.0, 1.7, 2.8, 4.5), (1.0, 1.0, 1.0, 0.0, 1.0), (0.1, 0.2, 0.3, 0.4, 0.5))
STILL = {"illumination": 0.0, "band_gain": 0.0}


def test_relighting_is_bounded() -> None:
    torch.manual_seed(1)
    options = AugmentationOptions(illumination=0.1, band_gain=0.05, band_offset=0.01, haze=0.02)
    results = relit(torch.full((200, 5, 4, 4), 0.2), options, BANDS)
    assert results.max() <= 0.2 * 1.15 + 0.01 + 0.02 * 0.9**-2
    assert results.min() >= 0.2 * 0.85 - 0.01
    assert results.std(dim=0).min() > 0.005
    assert torch.equal(results.std(dim=(2, 3)), torch.zeros(200, 5)), "relighting must not change texture"


def test_offsets_differ_by_band() -> None:
    torch.manual_seed(1)
    changed = relit(torch.full((100, 5, 1, 1), 0.2), AugmentationOptions(**STILL, band_offset=0.05), BANDS) - 0.2
    assert changed.abs().max() <= 0.05 and changed.max() > 0.04 and changed.min() < -0.04
    assert changed.std(dim=1).min() > 0.001


def test_haze_falls_with_the_wavelength_and_misses_the_cirrus_band() -> None:
    torch.manual_seed(1)
    hazy = relit(torch.zeros(50, 5, 2, 2), AugmentationOptions(**STILL, haze=0.1), BANDS).mean(dim=(2, 3))
    assert (hazy[:, [0, 1, 2, 4]].diff(dim=1) < 0).all()
    assert hazy[:, 1].max() <= 0.1
    assert (hazy[:, 3] == 0).all()
    ratio = hazy[:, 4] / hazy[:, 1]
    assert ratio.min() >= 4.5**-2 - 1e-5 and ratio.max() <= 4.5**-0.5 + 1e-5


def test_haze_brightens_dark_ground_only() -> None:
    torch.manual_seed(1)
    ground = torch.tensor([0.05, 1.0, 1.2]).reshape(1, 1, 1, 3).expand(1, 5, 1, 3)
    change = relit(ground, AugmentationOptions(**STILL, haze=0.5), BANDS) - ground
    assert change[0, 0, 0, 0] > 0 and (change[..., 1:] == 0).all()


def test_shadows_leave_blue_sky_light() -> None:
    torch.manual_seed(1)
    shaded = relit(torch.full((20, 5, 128, 128), 0.2), AugmentationOptions(**STILL, shadow=1.0), BANDS) / 0.2
    darkest = shaded.amin(dim=(2, 3))
    assert (darkest.diff(dim=1) < 0).all(), "the shorter the wavelength, the more light is left"
    assert (shaded >= BANDS.sky_light(shaded) - 1e-5).all()
    assert (shaded.amax(dim=(2, 3)) > 0.9).all(), "a part of every tile lies in the sun"
    share = (shaded[:, 1] < 0.85).float().mean(dim=(1, 2))
    assert share.min() > 0.05 and share.max() < 0.75
    assert shaded.diff(dim=3).abs().amax() < 0.25, "no hard edges"


def test_shadow_is_a_chance() -> None:
    torch.manual_seed(1)
    shaded = relit(torch.full((100, 5, 8, 8), 0.2), AugmentationOptions(**STILL, shadow=0.3), BANDS)
    assert 15 < (shaded.amin(dim=(1, 2, 3)) < 0.15).sum() < 45


def test_reflectance_stays_within_its_range() -> None:
    options = AugmentationOptions(noise=5.0)
    noisy = relit(torch.full((1, 5, 16, 16), 0.5), options, BANDS)
    assert noisy.min() == 0.0 and noisy.max() == pytest.approx(1.6)
    bytes_ = relit(torch.full((1, 5, 16, 16), 0.5), options, Spectrum((1.0,) * 5, (1.0,) * 5, (0.1,) * 5, 1.0))
    assert bytes_.max() == 1.0


def test_dropped_bands_become_their_mean_and_one_is_left() -> None:
    torch.manual_seed(1)
    image = torch.full((300, 5, 2, 2), 0.9)
    some = without_some_bands(image, 0.3, BANDS)
    dropped = some != 0.9
    assert torch.equal(some[dropped], BANDS.mean_image(image).expand_as(image)[dropped])
    assert dropped[:, :, 0, 0].float().mean().item() == pytest.approx(0.3, abs=0.04)
    all_but_one = without_some_bands(image, 1.0, BANDS)[:, :, 0, 0] == 0.9
    assert (all_but_one.sum(dim=1) == 1).all()
