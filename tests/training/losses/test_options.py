# SPDX-License-Identifier: GPL-2.0-or-later
"""Options of the loss that make no sense are told at once."""

from __future__ import annotations

import pytest

from s2landcover_plugin.core.errors import InputError
from training.losses.options import LossOptions


@pytest.mark.parametrize(
    "values, message",
    [
        ({"dice": -1.0}, "dice is -1.0; expected 0 or more"),
        ({"focal_gamma": float("nan")}, "focal_gamma is nan"),
        ({"label_smoothing": 1.0}, "label_smoothing is 1.0; expected 0 to below 1"),
        ({"effective_beta": 1.0}, "effective_beta"),
        ({"cross_entropy": 0.0}, "Every loss has the weight 0"),
    ],
)
def test_values_out_of_range(values: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        LossOptions(**values)  # type: ignore[arg-type]
