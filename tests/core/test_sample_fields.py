# SPDX-License-Identifier: GPL-2.0-or-later
import numpy as np
import pytest

from demo.fields import distance_to_line, drawn, fractal, identity, nearest_seed, rotated


def test_noise_is_normalised_and_as_smooth_as_asked():
    fine, smooth = (fractal(np.random.default_rng(0), 128, finest, 64, 1.0) for finest in (1, 8))
    for field in (fine, smooth):
        assert field.mean() == pytest.approx(0, abs=1e-4)
        assert field.std() == pytest.approx(1, abs=1e-3)
    assert np.abs(np.diff(smooth)).mean() < 0.5 * np.abs(np.diff(fine)).mean()


def test_distance_to_a_line_ends_at_its_ends():
    distance = distance_to_line(100, (0.505, 0.205), (0.505, 0.605))
    assert distance[50, 40] == pytest.approx(0, abs=1e-3)
    assert distance[60, 40] == pytest.approx(10, abs=1e-3)
    assert distance[50, 70] == pytest.approx(10, abs=1e-3)


def test_turned_axes_keep_lengths():
    along, across = rotated(50, (0.5, 0.5), 30)
    plain = rotated(50, (0.5, 0.5), 0)
    np.testing.assert_allclose(np.hypot(along, across), np.hypot(*plain), atol=1e-3)
    np.testing.assert_allclose(plain[0][0], np.arange(50) + 0.5 - 25, atol=1e-3)


def test_districts_are_connected_to_their_seed():
    district = nearest_seed(np.random.default_rng(0), 40, 5)
    assert set(np.unique(district)) == set(range(5))


def test_draws_depend_on_identity_and_question_only():
    rows, cols = np.indices((60, 60))
    parcel = identity(rows // 3, cols // 3)
    number = drawn(parcel, 1)
    assert (number[0:3, 0:3] == number[0, 0]).all()
    np.testing.assert_array_equal(number, drawn(parcel, 1))
    assert abs(np.corrcoef(number.ravel(), drawn(parcel, 2).ravel())[0, 1]) < 0.15
    assert number.min() >= 0 and number.max() < 1
    assert number.mean() == pytest.approx(0.5, abs=0.05)
    assert drawn(identity(np.array([-3, 4])), 0).tolist() != drawn(identity(np.array([3, 4])), 0).tolist()
