# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.errors import ModelError
from s2landcover_plugin.core.legend import LandCoverClass, Legend
from s2landcover_plugin.core.models.probabilities import class_probabilities, softmax
from tests.onnx_models import contract

TWO = Legend((LandCoverClass(1, "other", "999999"), LandCoverClass(2, "field", "397D49")))


def test_softmax_is_the_textbooks():
    scores = np.float32([[[[0.0]], [[np.log(3)]]], [[[1000.0]], [[1000.0]]]])
    np.testing.assert_allclose(softmax(scores)[:, :, 0, 0], [[0.25, 0.75], [0.5, 0.5]], rtol=1e-6)


def test_scores_become_probabilities_and_probabilities_stay():
    scores = np.log(np.float32([0.2, 0.3, 0.5])).reshape(1, 3, 1, 1)
    given = class_probabilities(scores.copy(), contract(activation="logits"))
    np.testing.assert_allclose(given.ravel(), [0.2, 0.3, 0.5], rtol=1e-6)
    np.testing.assert_array_equal(class_probabilities(given, contract()), given)
    np.testing.assert_array_equal(class_probabilities(given, contract(activation="sigmoid")), given)


@pytest.mark.parametrize(
    ("activation", "given", "threshold", "expected"),
    [
        ("sigmoid", [0.1, 0.5, 0.9], 0.5, [0.1, 0.5, 0.9]),
        ("logits", [-np.log(9), 0.0, np.log(9)], 0.5, [0.1, 0.5, 0.9]),
        ("sigmoid", [0.0, 0.4, 0.8, 0.9, 1.0], 0.8, [0.0, 0.25, 0.5, 0.75, 1.0]),
    ],
)
def test_one_channel_is_the_second_of_two_classes(activation, given, threshold, expected):
    stated = contract(legend=TWO, activation=activation, threshold=threshold)
    probabilities = class_probabilities(np.float32(given).reshape(1, 1, 1, -1), stated)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities[0, 1, 0], expected, atol=1e-6)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize(
    ("given", "message"), [([np.nan, 0, 0], "NaN or infinite"), ([-1, 0, 2], "from -1 to 2 .* has to be 'logits'")]
)
def test_what_is_no_probability_is_refused(given, message):
    with pytest.raises(ModelError, match=message):
        class_probabilities(np.float32(given).reshape(1, 3, 1, 1), contract())
