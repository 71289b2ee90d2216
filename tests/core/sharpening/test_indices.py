# SPDX-License-Identifier: GPL-2.0-or-later
import numpy as np
import pytest

from s2landcover_plugin.core.sharpening.indices import Deviation, total


def scene(seed=0, shape=(3, 40, 60)):
    return np.random.default_rng(seed).uniform(0.05, 0.5, shape).astype(np.float32)


def test_a_perfect_image_has_no_error():
    truth = scene()
    same = Deviation.of(truth, truth)
    np.testing.assert_array_equal(same.rmse, 0)
    assert (same.ergas(2), same.pixels) == (0, 2400)
    # The cosine of a small angle is 1 in double precision up to 1e-8.
    assert same.sam == pytest.approx(0, abs=1e-5)
    np.testing.assert_allclose(same.q, 1)


def test_figures_follow_their_definitions():
    truth = np.full((2, 4, 4), 0.2, np.float32)
    truth[1] = 0.1
    image = truth + np.array([0.02, -0.01], np.float32)[:, None, None]
    deviation = Deviation.of(truth, image)
    np.testing.assert_allclose(deviation.rmse, [0.02, 0.01], rtol=1e-5)
    assert deviation.ergas(2) == pytest.approx(100 / 2 * 0.1, rel=1e-5)
    spectra = np.array([0.2, 0.1]), np.array([0.22, 0.09])
    cosine = spectra[0] @ spectra[1] / np.linalg.norm(spectra[0]) / np.linalg.norm(spectra[1])
    assert deviation.sam == pytest.approx(np.degrees(np.arccos(cosine)), rel=1e-4)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda block: 2 * block, 0.64),  # contrast 2x / (1 + x^2) = 0.8 times brightness, the same
        (lambda block: 2 * block.mean() - block, -1.0),
        (lambda block: block + 3 * block.mean(), 8 / 17),
    ],
)
def test_the_quality_index_sees_contrast_correlation_and_brightness(change, expected):
    truth = scene(shape=(1, 20, 20))
    assert Deviation.of(truth, change(truth)).q[0] == pytest.approx(expected, rel=1e-4)


def test_pieces_add_up():
    truth, image = scene(0), scene(1)
    whole = Deviation.of(truth, image)
    parts = total(Deviation.of(truth[:, :, cols], image[:, :, cols]) for cols in (slice(0, 20), slice(20, 60)))
    np.testing.assert_allclose(parts.rmse, whole.rmse)
    np.testing.assert_allclose(parts.q, whole.q)
    assert (parts.ergas(2), parts.sam) == (pytest.approx(whole.ergas(2)), pytest.approx(whole.sam))


def test_only_valid_pixels_and_whole_blocks_count():
    truth, image = scene(0), scene(0)
    image[:, 0, 0] = 9
    valid = np.ones(truth.shape[1:], dtype=bool)
    valid[0, 0] = False
    deviation = Deviation.of(truth, image, valid)
    np.testing.assert_array_equal(deviation.rmse, 0)
    assert deviation.pixels == 2399
    np.testing.assert_array_equal(deviation.blocks, 5)


def test_what_is_undefined_is_no_number():
    nothing = Deviation.of(scene(), scene(), np.zeros((40, 60), dtype=bool))
    assert np.isnan([*nothing.rmse, nothing.ergas(2), nothing.sam, *nothing.q]).all()
    black = Deviation.of(np.zeros((2, 4, 4), np.float32), np.zeros((2, 4, 4), np.float32))
    assert np.isnan([black.ergas(2), black.sam, *black.q]).all()
    assert np.isnan(Deviation.of(scene(shape=(1, 8, 8)), scene(1, (1, 8, 8))).sam)
    flat = np.full((1, 4, 4), 0.3, np.float32)
    assert np.isnan(Deviation.of(flat, flat).q).all()
