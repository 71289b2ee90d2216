# SPDX-License-Identifier: GPL-2.0-or-later
"""Options of the augmentation that make no sense are told at once."""

from __future__ import annotations

from typing import Any

import pytest

from s2landcover_plugin.core.errors import InputError
from training.augmentation.options import AugmentationOptions


@pytest.mark.parametrize(
    "values, message",
    [
        ({"noise": -0.1}, "noise is -0.1; expected 0 or more"),
        ({"shadow": 1.5}, "shadow is 1.5; expected from 0 to 1"),
        ({"cutmix": float("nan")}, "cutmix is nan"),
        ({"scale": (2.0, 1.0)}, "2.0 1.0; expected the smallest and the largest zoom"),
        ({"scale": (0.0, 1.0)}, "expected the smallest"),
        ({"crop_sizes": (64, 0)}, "64, 0; expected pixels"),
    ],
)
def test_values_out_of_range(values: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        AugmentationOptions(**values)


def test_only_zoom_and_odd_angles_need_interpolation() -> None:
    assert not AugmentationOptions(crop_sizes=(8,)).resamples
    assert AugmentationOptions(scale=(1.0, 1.5)).resamples
    assert AugmentationOptions(rotation=10.0).resamples
