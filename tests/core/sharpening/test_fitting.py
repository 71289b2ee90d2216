# SPDX-License-Identifier: GPL-2.0-or-later
import numpy as np
import pytest

from s2landcover_plugin.core.errors import InputError
from s2landcover_plugin.core.sharpening.fitting import fit_band, fit_bands
from s2landcover_plugin.core.sharpening.multiresolution import degrade
from s2landcover_plugin.core.sharpening.patch import Patch
from tests.scenes import related_bands


@pytest.mark.parametrize("factor", [2, 6])
@pytest.mark.parametrize("sigma", [0.3, 0.5])
def test_the_blur_is_found(factor, sigma):
    guides, band = related_bands(40 * factor, 48 * factor)
    fit = fit_band([Patch.of(degrade(band, factor, sigma), guides, factor)])
    assert np.sqrt(fit.sigma**2 + fit.softening / factor**2) == pytest.approx(sigma, abs=0.04)


def test_sharp_guides_are_softened_and_soft_ones_sharpened():
    guides, band = related_bands(80, 96)
    softening = [fit_band([Patch.of(degrade(band, 2, sigma), guides, 2)]).softening for sigma in (0.25, 0.35, 0.5)]
    assert softening[0] > softening[1] > 0 > softening[2]
    assert softening[2] > -0.25
    assert fit_band([Patch.of(degrade(band, 2, 0.8), guides, 2)]).softening == -0.25


def test_one_blur_serves_all_bands():
    guides, band = related_bands(80, 96)
    own = degrade(np.random.default_rng(8).random(band.shape, dtype=np.float32) * np.float32(0.3), 2, 0.45)
    mixed = Patch.of(0.3 * degrade(band, 2, 0.45) + 0.7 * own, guides, 2)
    plain, other = fit_bands([[Patch.of(degrade(band, 2, 0.45), guides, 2)], [mixed]])
    assert plain.sigma == other.sigma == pytest.approx(np.sqrt(0.45**2 - plain.softening / 4), abs=0.04)
    assert plain.weights != other.weights


def test_without_structure_the_sensor_decides():
    flat = Patch.of(np.full((20, 20), 0.2), np.full((4, 40, 40), 0.3), 2)
    fit = fit_band([flat])
    assert fit.sigma == pytest.approx(0.5 * np.sqrt(0.75), abs=0.01)
    assert fit.softening == pytest.approx(0, abs=0.01)


def test_no_patch_is_refused():
    with pytest.raises(InputError, match="without a piece of the scene"):
        fit_band([])
