# SPDX-License-Identifier: GPL-2.0-or-later
import numpy as np
import pytest

from s2landcover_plugin.core.errors import GridError, InputError
from s2landcover_plugin.core.sharpening.fitting import BandFit, fit_band, fit_bands
from s2landcover_plugin.core.sharpening.methods import METHODS, SUPPORT, Guidance, sharpen, sharpen_regression
from s2landcover_plugin.core.sharpening.multiresolution import box_sum, degrade
from s2landcover_plugin.core.sharpening.patch import Patch

UNIT = 1e-4  # one stored unit of reflectance


def scene(rows, cols, seed=0):
    """Guides and a fourth band that depends on them, on other terms in either half: reflectance at the fine grid."""
    rng = np.random.default_rng(seed)
    blocks = np.kron(rng.random((3, rows // 4 + 1, cols // 5 + 1)), np.ones((1, 4, 5)))[:, :rows, :cols]
    texture = box_sum(rng.standard_normal((3, rows, cols)).astype(np.float32), 1) / 9
    guides = (0.05 + 0.2 * blocks + 0.03 * texture).astype(np.float32)
    left = np.arange(cols) < cols // 2
    band = np.where(left, 0.6 * guides[0] + 0.3 * guides[2], 1.1 * guides[1] - 0.2 * guides[0] + 0.1)
    return guides, band.astype(np.float32)


def rmse(first, second):
    return float(np.sqrt(np.mean((first - second) ** 2)))


@pytest.mark.parametrize("factor", [2, 6])
@pytest.mark.parametrize("sigma", [0.3, 0.5])
def test_the_blur_is_found(factor, sigma):
    guides, band = scene(40 * factor, 48 * factor)
    fit = fit_band([Patch.of(degrade(band, factor, sigma), guides, factor)])
    assert np.hypot(fit.sigma, fit.softening / factor) == pytest.approx(sigma, abs=0.04)


def test_sharp_guides_are_softened_and_soft_ones_are_not():
    guides, band = scene(80, 96)
    softening = [fit_band([Patch.of(degrade(band, 2, sigma), guides, 2)]).softening for sigma in (0.25, 0.35, 0.5)]
    assert softening[0] > softening[1] > softening[2] == 0


def test_one_blur_serves_all_bands():
    guides, band = scene(80, 96)
    own = degrade(np.random.default_rng(8).random(band.shape, dtype=np.float32) * np.float32(0.3), 2, 0.45)
    mixed = Patch.of(0.3 * degrade(band, 2, 0.45) + 0.7 * own, guides, 2)
    plain, other = fit_bands([[Patch.of(degrade(band, 2, 0.45), guides, 2)], [mixed]])
    assert plain.sigma == other.sigma == pytest.approx(0.45, abs=0.04)
    assert plain.weights != other.weights


def test_shared_guidance_gives_the_same_result():
    guides, band = scene(40, 48)
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
    guides, band = scene(30 * factor, 36 * factor)
    patch = Patch.of(degrade(band, factor, 0.45), guides, factor)
    plain = rmse(sharpen(patch, "none"), band)
    assert rmse(sharpen(patch, "regression"), band) < bar * plain
    assert rmse(sharpen(patch, "brovey"), band) != pytest.approx(plain)


def test_the_result_degraded_gives_back_the_original():
    guides, band = scene(80, 90)
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
    guides, band = scene(240, 40, seed=2)
    coarse = degrade(band, 2, 0.5)
    coarse_valid, guides_valid = rng.random(coarse.shape) > 0.02, rng.random(band.shape) > 0.005
    fit = BandFit(0.75, (0.3, 0.3, 0.3), 0.5)
    whole = sharpen(Patch.of(coarse, guides, 2, coarse_valid, guides_valid), method, fit)
    first, last = 50, 60
    rows = slice(first - SUPPORT, last + SUPPORT)
    fine = slice(2 * rows.start, 2 * rows.stop)
    part = Patch.of(coarse[rows], guides[:, fine], 2, coarse_valid[rows], guides_valid[fine])
    piece = sharpen(part, method, fit)[2 * SUPPORT : -2 * SUPPORT]
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
    guides, band = scene(60, 60)
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


def test_grids_that_do_not_nest_are_refused():
    with pytest.raises(GridError, match=r"expected \(guides, 8, 8\)"):
        Patch.of(np.zeros((4, 4)), np.zeros((4, 9, 8)), 2)


def test_unknown_method_and_no_patch_are_refused():
    with pytest.raises(InputError, match="choose one of regression, brovey, none"):
        sharpen(Patch.of(np.zeros((2, 2)), np.zeros((1, 4, 4)), 2), "magic")
    with pytest.raises(InputError, match="without a piece of the scene"):
        fit_band([])
