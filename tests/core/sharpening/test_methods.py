# SPDX-License-Identifier: GPL-2.0-or-later
import numpy as np
import pytest

from s2landcover_plugin.core.errors import InputError
from s2landcover_plugin.core.sharpening.fitting import BandFit, fit_band, fit_bands
from s2landcover_plugin.core.sharpening.methods import METHODS, sharpen, support
from s2landcover_plugin.core.sharpening.multiresolution import degrade
from s2landcover_plugin.core.sharpening.patch import Patch
from s2landcover_plugin.core.sharpening.regression import Guidance, sharpen_regression
from tests.scenes import related_bands

UNIT = 1e-4  # one stored unit of reflectance


def rmse(first, second):
    return float(np.sqrt(np.mean((first - second) ** 2)))


def test_shared_guidance_gives_the_same_result():
    guides, band = related_bands(40, 48)
    coarse = degrade(band, 2, 0.4)
    patches = [Patch.of(coarse, guides, 2), Patch.of(coarse[::-1], guides, 2)]
    fits = fit_bands([[patch] for patch in patches])
    guidance = Guidance.of(patches[0], fits[0])
    assert guidance.suits(patches[1], fits[1])
    shared = sharpen_regression(patches[1], fits[1], guidance)
    np.testing.assert_array_equal(shared, sharpen_regression(patches[1], fits[1]))
    holes = Patch.of(coarse, guides, 2, coarse > 0.15)
    assert not guidance.suits(holes, fits[1])
    np.testing.assert_array_equal(sharpen_regression(holes, fits[1], guidance), sharpen_regression(holes, fits[1]))


@pytest.mark.parametrize(("factor", "bar"), [(2, 0.4), (6, 0.45)])
def test_regression_beats_cubic_by_far_without_knowing_the_blur(factor, bar):
    guides, band = related_bands(30 * factor, 36 * factor)
    patch = Patch.of(degrade(band, factor, 0.45), guides, factor)
    plain = rmse(sharpen(patch, "none"), band)
    assert rmse(sharpen(patch, "regression"), band) < bar * plain
    assert rmse(sharpen(patch, "brovey"), band) != pytest.approx(plain)


def test_the_result_degraded_gives_back_the_original():
    guides, band = related_bands(80, 90)
    coarse = degrade(band, 2, 0.45)
    patch = Patch.of(coarse, guides, 2)
    fit = fit_band([patch])
    again = degrade(sharpen(patch, "regression", fit), 2, fit.sigma)
    assert rmse(again, coarse) < 2 * UNIT


def test_brovey_follows_the_ratio():
    pan = np.kron(np.array([[1, 2], [3, 4]]), np.ones((6, 6))).astype(np.float32) / 10
    patch = Patch.of(degrade(pan * 2, 2, 0.4), pan[None], 2)
    result = sharpen(patch, "brovey", BandFit(0.4, (1.0,)))
    np.testing.assert_allclose(result[2:4, 2:4], 0.2, atol=0.01)
    np.testing.assert_allclose(result[-4:-2, -4:-2], 0.8, atol=0.02)


@pytest.mark.parametrize("method", METHODS)
def test_pieces_with_halo_equal_the_whole(method):
    rng = np.random.default_rng(3)
    guides, band = related_bands(240, 40, seed=2)
    coarse = degrade(band, 2, 0.5)
    coarse_valid, guides_valid = rng.random(coarse.shape) > 0.02, rng.random(band.shape) > 0.005
    fit = BandFit(0.75, (0.3, 0.3, 0.3), -0.25)
    whole = sharpen(Patch.of(coarse, guides, 2, coarse_valid, guides_valid), method, fit)
    first, last = 50, 60
    halo = support(method)
    rows = slice(first - halo, last + halo)
    fine = slice(2 * rows.start, 2 * rows.stop)
    part = Patch.of(coarse[rows], guides[:, fine], 2, coarse_valid[rows], guides_valid[fine])
    piece = sharpen(part, method, fit)[2 * halo : -2 * halo]
    np.testing.assert_allclose(piece, whole[2 * first : 2 * last], atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("level", [0.0, 0.3, 6.5535])
@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (9, 9)])
def test_flat_images_stay_flat(method, level, shape):
    coarse = np.full(shape, level, dtype=np.float32)
    guides = np.full((4, 2 * shape[0], 2 * shape[1]), 0.2, dtype=np.float32)
    np.testing.assert_allclose(sharpen(Patch.of(coarse, guides, 2), method), level, atol=1e-5)


@pytest.mark.parametrize("method", METHODS)
def test_nodata_makes_neither_nan_nor_halo(method):
    guides, band = related_bands(60, 60)
    coarse = degrade(band, 2, 0.45)
    coarse_valid, guides_valid = np.ones((30, 30), dtype=bool), np.ones((60, 60), dtype=bool)
    coarse_valid[:, :10], guides_valid[:, :20] = False, False
    fit = fit_band([Patch.of(coarse, guides, 2)])
    clean = sharpen(Patch.of(coarse, guides, 2), method, fit)
    coarse = np.where(coarse_valid, coarse, np.nan)
    guides = np.where(guides_valid, guides, np.nan)
    result = sharpen(Patch.of(coarse, guides, 2), method, fit)
    assert np.isfinite(result).all()
    beside = np.abs(result - clean)[:, 20:24]
    assert beside.mean() < 0.02


def test_nothing_valid_is_finite():
    nothing = Patch.of(np.full((4, 4), np.nan), np.full((2, 8, 8), np.nan), 2)
    for method in METHODS:
        assert np.isfinite(sharpen(nothing, method)).all()


def test_unknown_method_is_refused():
    with pytest.raises(InputError, match="choose one of regression, learned, brovey, none"):
        sharpen(Patch.of(np.zeros((2, 2)), np.zeros((1, 4, 4)), 2), "magic")
