# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import pytest

from s2landcover_plugin.core.errors import InputError
from s2landcover_plugin.core.sampling.design import ExpectedAccuracy, SampleDesign


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ExpectedAccuracy()),
        ("0.9", ExpectedAccuracy(0.9)),
        ("90 %", ExpectedAccuracy(0.9)),
        ("0.8, 1: 0.95; 7:70%", ExpectedAccuracy(0.8, {1: 0.95, 7: 0.7})),
        ("3:0.5", ExpectedAccuracy(0.85, {3: 0.5})),
    ],
)
def test_expectations_are_read(text, expected):
    assert ExpectedAccuracy.parse(text) == expected


@pytest.mark.parametrize("text", ["good", "1=0.8", "0.8.1", "0,85", "1:1", "-0.5", "85"])
def test_expectations_that_cannot_be_are_refused(text):
    with pytest.raises(InputError, match=r"such as 0\.85"):
        ExpectedAccuracy.parse(text)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"count": 0}, "cannot be drawn"),
        ({"least": 1}, "fewer than two"),
        ({"target_error": 0.0}, "between 0 and 0.5"),
        ({"class_target_error": 5.0}, "between 0 and 0.5"),
        ({"least_distance": -1.0}, "from 0 on"),
        ({"least_distance": float("nan")}, "from 0 on"),
    ],
)
def test_designs_that_cannot_be_are_refused(given, message):
    with pytest.raises(InputError, match=message):
        SampleDesign(**given)
