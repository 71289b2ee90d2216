# SPDX-License-Identifier: GPL-2.0-or-later
"""The augmentation of a configuration of `fit`."""

from __future__ import annotations

from pathlib import Path

import pytest

from s2landcover_plugin.core.errors import InputError
from training.augmentation.configuration import read_augmentation


def test_the_command_line_goes_before_the_file_and_that_before_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("model:\n  loss:\n    dice: 1\ndata:\n  augmentation:\n    scale: [0.5, 2]\n    haze: 0.1\n")
    options = read_augmentation(path, ["--data.augmentation.haze", "0.2", "--data.augmentation.crop_sizes", "[64, 96]"])
    assert (options.scale, options.haze, options.crop_sizes) == ((0.5, 2.0), 0.2, (64, 96))
    assert options.illumination == 0.05 == read_augmentation(None, []).illumination


@pytest.mark.parametrize(
    "text, message",
    [
        (None, r"own\.yaml cannot be read"),
        ("data: [", "cannot be read"),
        ("just words", "cannot be read"),
        ("data:\n  augmentation: null\n", "switches the augmentation off"),
        ("data:\n  augmentation:\n    fog: 1\n", "fog"),
        ("data:\n  augmentation:\n    haze: much\n", "haze"),
        ("data:\n  augmentation:\n    haze: -1\n", "expected 0 or more"),
    ],
)
def test_what_cannot_be_used_is_told(text: str | None, message: str, tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_augmentation(path, [])
