# SPDX-License-Identifier: GPL-2.0-or-later
import numpy as np
import pytest

from s2landcover_plugin.core.sharpening.local_regression import (
    common_weights,
    local_moments,
    local_slopes,
    masked_mean,
    unexplained_variance,
)


@pytest.fixture
def predictors():
    return (0.1 + 0.2 * np.random.default_rng(0).random((3, 20, 22))).astype(np.float32)


def everywhere(image):
    return np.ones(image.shape[-2:], dtype=bool)


def test_known_slopes_are_found_in_every_window(predictors):
    truth = np.array([0.5, -1.0, 2.0], dtype=np.float32)
    target = np.tensordot(truth, predictors, axes=1) + np.float32(0.3)
    moments = local_moments(predictors, target, everywhere(target), 2)
    slopes = local_slopes(moments, moments.zero_weights)
    np.testing.assert_allclose(slopes, np.broadcast_to(truth[:, None, None], slopes.shape), atol=0.02)
    np.testing.assert_allclose(common_weights([moments]), truth, atol=0.01)
    assert unexplained_variance(moments) / target.size < 0.01 * target.var()


def test_slopes_agree_with_least_squares_of_one_window(predictors):
    target = np.random.default_rng(1).random((20, 22), dtype=np.float32) * np.float32(0.3)
    moments = local_moments(predictors, target, everywhere(target), 2)
    window = (slice(8, 13), slice(6, 11))
    design = np.column_stack([*(image[window].ravel() for image in predictors), np.ones(25)]).astype(float)
    expected = np.linalg.lstsq(design, target[window].ravel().astype(float), rcond=None)[0][:3]
    np.testing.assert_allclose(local_slopes(moments, moments.zero_weights)[:, 10, 8], expected, rtol=0.01, atol=0.002)


def test_without_structure_the_given_weights_hold():
    flat = np.full((2, 6, 6), 0.2, dtype=np.float32)
    moments = local_moments(flat, flat[0], everywhere(flat), 2)
    slopes = local_slopes(moments, np.array([0.3, 0.4], dtype=np.float32))
    np.testing.assert_allclose(slopes[0], 0.3, atol=0.01)
    np.testing.assert_allclose(slopes[1], 0.4, atol=0.01)


def test_invalid_pixels_have_no_influence(predictors):
    target = predictors[0] * np.float32(2)
    valid = everywhere(target)
    valid[:, 10:] = False
    spoiled = np.where(valid, target, np.float32(7))
    clean = local_moments(predictors, target, valid, 2)
    dirty = local_moments(predictors, spoiled, valid, 2)
    np.testing.assert_array_equal(clean.cross, dirty.cross)
    np.testing.assert_allclose(common_weights([dirty]), [2, 0, 0], atol=0.01)


def test_masked_mean_of_nothing_is_zero():
    image = np.full((3, 3), 4, dtype=np.float32)
    valid = np.zeros((3, 3), dtype=bool)
    assert (masked_mean(image, valid, 1) == 0).all()
    valid[0, 0] = True
    np.testing.assert_array_equal(masked_mean(image, valid, 1)[0], [4, 4, 0])
