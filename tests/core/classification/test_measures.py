# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np

from s2landcover_plugin.core.classification.measures import likeliest, to_percent


def test_the_likeliest_class_and_how_likely():
    best = likeliest(np.float32([[[0.2, 0.5]], [[0.7, 0.5]], [[0.1, 0.0]]]))
    assert best.position.tolist() == [[1, 0]]
    np.testing.assert_array_equal(best.probability, np.float32([[0.7, 0.5]]))


def test_percents_are_rounded_and_stay_in_their_range():
    assert to_percent(np.float32([0.0, 0.004, 0.505, 0.996, 1.0000001, -1e-4])).tolist() == [0, 0, 50, 100, 100, 0]
