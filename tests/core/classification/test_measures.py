# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np

from s2landcover_plugin.core.classification.measures import entropy, likeliest, margin, to_percent


def test_the_likeliest_class_and_how_likely():
    best = likeliest(np.float32([[[0.2, 0.5]], [[0.7, 0.5]], [[0.1, 0.0]]]))
    assert best.position.tolist() == [[1, 0]]
    np.testing.assert_array_equal(best.probability, np.float32([[0.7, 0.5]]))


def test_percents_are_rounded_and_stay_in_their_range():
    assert to_percent(np.float32([0.0, 0.004, 0.505, 0.996, 1.0000001, -1e-4])).tolist() == [0, 0, 50, 100, 100, 0]


def test_the_margin_is_what_the_first_is_ahead_of_the_second():
    shares = np.float32([[[0.2, 0.5, 0.1]], [[0.7, 0.5, 0.1]], [[0.1, 0.0, 0.8]]])
    np.testing.assert_allclose(margin(shares, likeliest(shares)), [[0.5, 0.0, 0.7]], atol=1e-6)


def test_entropy_is_none_where_one_class_is_certain_and_whole_where_all_are_alike():
    shares = np.float32([[[1, 0.25, 0.5]], [[0, 0.25, 0.5]], [[0, 0.25, 0]], [[0, 0.25, 0]]])
    np.testing.assert_allclose(entropy(shares), [[0, 1, 0.5]], atol=1e-6)


def test_entropy_is_that_of_shares_where_classes_have_probabilities_of_their_own():
    np.testing.assert_allclose(entropy(np.float32([[[0.9]], [[0.9]]])), [[1]], atol=1e-6)
