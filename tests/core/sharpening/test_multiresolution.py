# SPDX-License-Identifier: GPL-2.0-or-later
import numpy as np
import pytest

from s2landcover_plugin.core.sharpening.multiresolution import (
    box_sum,
    convolve,
    coverage,
    cubic_upsample,
    degrade,
    fill_invalid,
    linear_upsample,
    repeat,
    restoring_kernel,
    soften,
)


def plane(rows, cols, pixel):
    """A tilted plane sampled at pixel centres, pixels of the given size."""
    y, x = np.mgrid[:rows, :cols]
    return (0.1 + 0.01 * (x + 0.5) * pixel + 0.02 * (y + 0.5) * pixel).astype(np.float32)


@pytest.mark.parametrize("factor", [2, 3, 6])
@pytest.mark.parametrize("upsample", [cubic_upsample, linear_upsample])
def test_upsampling_keeps_centres_where_they_are(factor, upsample):
    fine = upsample(plane(8, 9, factor), factor)
    expected = plane(8 * factor, 9 * factor, 1)
    inner = slice(2 * factor, -2 * factor)
    np.testing.assert_allclose(fine[inner, inner], expected[inner, inner], atol=2e-6)


@pytest.mark.parametrize("factor", [2, 3, 6])
@pytest.mark.parametrize("sigma", [0.05, 0.4, 0.7])
def test_degrading_keeps_centres_where_they_are(factor, sigma):
    coarse = degrade(plane(10 * factor, 11 * factor, 1), factor, sigma)
    np.testing.assert_allclose(coarse[3:-3, 3:-3], plane(10, 11, factor)[3:-3, 3:-3], atol=2e-6)


def test_a_narrow_blur_of_two_pixels_is_their_mean():
    fine = np.arange(16, dtype=np.float32).reshape(4, 4)
    np.testing.assert_allclose(degrade(fine, 2, 0.1), fine.reshape(2, 2, 2, 2).mean(axis=(1, 3)), rtol=1e-6)


def test_a_wider_blur_leaves_less_contrast():
    checks = repeat(np.indices((12, 12)).sum(axis=0).astype(np.float32) % 2, 2)
    spread = [degrade(checks, 2, sigma)[3:-3, 3:-3].std() for sigma in (0.2, 0.4, 0.6)]
    assert spread[0] > 1.2 * spread[1] > 1.4 * spread[2]


def test_constants_survive_to_the_border():
    fine = np.full((3, 12, 18), 0.25, dtype=np.float32)
    np.testing.assert_allclose(degrade(fine, 6, 0.5), 0.25, rtol=1e-6)
    np.testing.assert_allclose(cubic_upsample(fine, 2), 0.25, rtol=1e-6)


def test_degrading_ignores_what_is_not_valid():
    fine = np.full((12, 12), 0.25, dtype=np.float32)
    valid = np.ones((12, 12), dtype=bool)
    valid[:, :6] = False
    fine[~valid] = np.nan
    coarse = degrade(fine, 2, 0.4, valid)
    np.testing.assert_allclose(coarse[:, 3:], 0.25, rtol=1e-5)
    assert np.isfinite(coarse).all()
    assert (coarse[:, 0] == 0).all()


def test_coverage_is_the_share_of_valid_weight():
    valid = np.ones((8, 8), dtype=bool)
    valid[:, 4:] = False
    share = coverage(valid, 2, 0.1)
    np.testing.assert_allclose(share[0], [1, 1, 0, 0], atol=1e-6)
    assert 0 < coverage(valid, 2, 0.6)[0, 2] < 0.5 < coverage(valid, 2, 0.6)[0, 1] < 1


def test_box_sum_counts_what_is_inside():
    ones = np.ones((3, 4), dtype=np.float32)
    np.testing.assert_array_equal(box_sum(ones, 1), [[4, 6, 6, 4], [6, 9, 9, 6], [4, 6, 6, 4]])


def test_filling_reaches_so_far_and_no_farther():
    image = np.array([[5, 0, 0, 0, 0]], dtype=np.float32)
    valid = np.array([[True, False, False, False, False]])
    np.testing.assert_array_equal(fill_invalid(image, valid, 2), [[5, 5, 5, 0, 0]])


def test_convolution_with_an_impulse_changes_nothing():
    image = np.random.default_rng(0).random((2, 5, 6), dtype=np.float32)
    np.testing.assert_allclose(convolve(image, np.array([0, 1, 0], dtype=np.float32)), image, rtol=1e-6)


@pytest.mark.parametrize(("factor", "sigma"), [(2, 0.3), (2, 0.6), (6, 0.45)])
def test_restored_images_come_back_from_the_fine_grid(factor, sigma):
    coarse = np.random.default_rng(1).random((40, 40), dtype=np.float32)
    plain = degrade(cubic_upsample(coarse, factor), factor, sigma)
    kernel = restoring_kernel(factor, sigma, steps=8, radius=5)
    restored = degrade(cubic_upsample(convolve(coarse, kernel), factor), factor, sigma)
    inner = slice(8, -8)
    error, before = ((image - coarse)[inner, inner].std() for image in (restored, plain))
    assert error < 0.35 * before


@pytest.mark.parametrize("variance", [0.25, -0.2])
def test_softening_spreads_by_so_much(variance):
    impulse = np.zeros((7, 7), dtype=np.float32)
    impulse[3, 3] = 1
    spread = soften(impulse, variance)
    assert spread.sum() == pytest.approx(1)
    assert (spread.sum(axis=0) * (np.arange(7) - 3) ** 2).sum() == pytest.approx(variance)
    assert soften(impulse, 0.0) is impulse


@pytest.mark.parametrize("variance", [0.25, -0.2])
def test_softening_ignores_what_is_not_valid(variance):
    valid = np.ones((6, 6), dtype=bool)
    valid[:, :3] = False
    image = np.where(valid, np.float32(0.25), np.float32(0))
    np.testing.assert_allclose(soften(image[None], variance, valid)[0], image, rtol=1e-6)
