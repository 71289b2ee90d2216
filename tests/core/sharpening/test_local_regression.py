# SPDX-License-Identifier: GPL-2.0-or-later
import numpy as np
import pytest

from s2landcover_plugin.core.sharpening.local_regression import (
    LocalSystem,
    Predictors,
    common_weights,
    masked_mean,
    target_moments,
    unexplained_variance,
)


@pytest.fixture
def images():
    return (0.1 + 0.2 * np.random.default_rng(0).random((3, 20, 22))).astype(np.float32)


def everywhere(image):
    return np.ones(image.shape[-2:], dtype=bool)


def slopes(predictors, target, weights=(0.0, 0.0, 0.0)):
    cross = target_moments(predictors, target).cross
    return LocalSystem.of(predictors).slopes(cross, np.array(weights, dtype=np.float32))


def test_known_slopes_are_found_in_every_window(images):
    truth = np.array([0.5, -1.0, 2.0], dtype=np.float32)
    target = np.tensordot(truth, images, axes=1) + np.float32(0.3)
    predictors = Predictors.of(images, everywhere(target), 2)
    found = slopes(predictors, target)
    np.testing.assert_allclose(found, np.broadcast_to(truth[:, None, None], found.shape), atol=0.02)
    np.testing.assert_allclose(common_weights([(predictors, target)]), truth, atol=0.01)
    assert unexplained_variance(LocalSystem.of(predictors), target) / target.size < 0.01 * target.var()


def test_slopes_agree_with_least_squares_of_one_window(images):
    target = np.random.default_rng(1).random((20, 22), dtype=np.float32) * np.float32(0.3)
    window = (slice(8, 13), slice(6, 11))
    design = np.column_stack([*(image[window].ravel() for image in images), np.ones(25)]).astype(float)
    expected = np.linalg.lstsq(design, target[window].ravel().astype(float), rcond=None)[0][:3]
    found = slopes(Predictors.of(images, everywhere(target), 2), target)
    np.testing.assert_allclose(found[:, 10, 8], expected, rtol=0.01, atol=0.002)


def test_without_structure_the_given_weights_hold():
    flat = np.full((2, 6, 6), 0.2, dtype=np.float32)
    found = slopes(Predictors.of(flat, everywhere(flat), 2), flat[0], (0.3, 0.4))
    np.testing.assert_allclose(found[0], 0.3, atol=0.01)
    np.testing.assert_allclose(found[1], 0.4, atol=0.01)


def test_weights_do_not_matter_where_there_is_structure(images):
    target = images[0] * np.float32(2)
    predictors = Predictors.of(images, everywhere(target), 2)
    np.testing.assert_allclose(slopes(predictors, target, (1.0, 3.0, -2.0))[0], 2, atol=0.02)


def test_invalid_pixels_have_no_influence(images):
    target = images[0] * np.float32(2)
    valid = everywhere(target)
    valid[:, 10:] = False
    spoiled = np.where(valid, target, np.float32(7))
    predictors = Predictors.of(images, valid, 2)
    np.testing.assert_array_equal(target_moments(predictors, target).cross, target_moments(predictors, spoiled).cross)
    np.testing.assert_allclose(common_weights([(predictors, spoiled)]), [2, 0, 0], atol=0.01)


def test_masked_mean_of_nothing_is_zero():
    image = np.full((3, 3), 4, dtype=np.float32)
    valid = np.zeros((3, 3), dtype=bool)
    assert (masked_mean(image, valid, 1) == 0).all()
    valid[0, 0] = True
    np.testing.assert_array_equal(masked_mean(image, valid, 1)[0], [4, 4, 0])
