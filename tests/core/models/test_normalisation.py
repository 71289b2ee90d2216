# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.errors import ModelError
from s2landcover_plugin.core.models.normalisation import (
    FORMAT,
    Step,
    normalise,
    sigmoid,
    step_problems,
    steps_from_json,
    steps_to_json,
)

VALUES = np.float32([[[[0.0, 2.0]], [[4.0, -1.0]]]])  # one image, two bands, one row, two columns


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (Step("min-max", {"minimum": (0.0,), "maximum": (4.0,)}), [0, 0.5, 1, -0.25]),
        (Step("z-score", {"mean": (1.0, 2.0), "stddev": (0.5, 2.0)}), [-2, 2, 1, -1.5]),
        (Step("clip", {"minimum": (0.0,), "maximum": (1.0, 3.0)}), [0, 1, 3, 0]),
        (Step("clip-min", {"minimum": (1.0,)}), [1, 2, 4, 1]),
        (Step("clip-max", {"maximum": (1.0,)}), [0, 1, 1, -1]),
        (Step("offset", {"value": (1.0,)}), [-1, 1, 3, -2]),
        (Step("scale", {"value": (2.0, 4.0)}), [0, 1, 1, -0.25]),
        (Step("sigmoid"), [0.5, 0.880797, 0.982014, 0.268941]),
    ],
)
def test_each_step_is_what_its_name_says(step, expected):
    np.testing.assert_allclose(normalise(VALUES, [step]).ravel(), expected, rtol=1e-5)


def test_steps_follow_one_another_and_leave_their_input_alone():
    steps = [Step("clip-min", {"minimum": (0.0,)}), Step("log1p"), Step("scale", {"value": (2.0,)})]
    before = VALUES.copy()
    np.testing.assert_allclose(normalise(VALUES, steps), np.log(1 + np.maximum(VALUES, 0)) / 2, rtol=1e-6)
    np.testing.assert_array_equal(VALUES, before)


def test_far_out_the_sigmoid_does_not_overflow():
    np.testing.assert_allclose(sigmoid(np.float32([-1e4, 0, 1e4])), [0, 0.5, 1])


def test_steps_survive_json():
    steps = (Step("z-score", {"mean": (1.0, 2.0), "stddev": (3.0,)}), Step("log1p"))
    document = steps_to_json(steps)
    assert document == {
        "format": FORMAT,
        "expression": [{"type": "z-score", "mean": [1.0, 2.0], "stddev": 3.0}, {"type": "log1p"}],
    }
    assert steps_from_json(document) == steps
    assert steps_from_json(steps_to_json(())) == ()


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ([{"type": "tanh"}], r"no normalisation step 'tanh'; choose from min-max"),
        ([{"type": "scale"}], r"'scale' has no numbers; expected value"),
        ([{"type": "log1p", "value": 1}], r"'log1p' has value; expected none"),
        ([{"type": "scale", "value": 0}], "divide by zero"),
        ([{"type": "z-score", "mean": 0, "stddev": [1, 0]}], "divide by zero"),
        ([{"type": "clip", "minimum": 1, "maximum": 1}], "not below its maximum"),
        ([{"type": "clip", "minimum": [0, 0], "maximum": [1, 1, 1]}], "2 minima and 3 maxima"),
        ([{"type": "scale", "value": "2"}], r"'value' holds '2'; expected numbers"),
        ([{"type": "scale", "value": True}], "holds True"),
        ([{"type": "scale", "value": []}], "is empty"),
        (["log1p"], "no list of steps"),
        ("log1p", "no list of steps"),
    ],
)
def test_steps_that_cannot_be_are_refused(expression, message):
    with pytest.raises(ModelError, match=message):
        steps_from_json({"format": FORMAT, "expression": expression})


@pytest.mark.parametrize("document", [[], "x", {"format": "python", "expression": "eval"}])
def test_another_kind_of_expression_is_refused(document):
    with pytest.raises(ModelError, match=FORMAT):
        steps_from_json(document)


def test_numbers_for_another_number_of_bands_are_found():
    steps = [Step("z-score", {"mean": (1.0, 2.0, 3.0), "stddev": (1.0,)})]
    assert step_problems(steps, 3) == []
    assert "3 numbers for 'mean'; expected 1, or 4" in step_problems(steps, 4)[0]
