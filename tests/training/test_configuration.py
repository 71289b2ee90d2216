# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

from pathlib import Path

from training.configuration import DEFAULT_CONFIG, as_arguments


def test_values_as_arguments() -> None:
    values = {
        "a.text": "u net",
        "a.path": Path("x") / "y",
        "a.number": 1e-9,
        "a.none": None,
        "b": [1, 2],
        "c": True,
    }
    expected = "--a.text|u net|--a.path|x/y|--a.number|1e-09|--a.none|null|--b|[1, 2]|--c|true"
    assert as_arguments(values) == expected.split("|")


def test_the_packages_own_options_are_there() -> None:
    assert DEFAULT_CONFIG.is_file()
