# SPDX-License-Identifier: GPL-2.0-or-later
"""Options of the optimiser that make no sense are told at once."""

from __future__ import annotations

import pytest

from s2landcover_plugin.core.errors import InputError
from training.fitting.options import OptimiserOptions


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"learning_rate": -1.0}, "learning_rate is -1.0; expected 0 or more"),
        ({"learning_rate": float("nan")}, "learning_rate is nan"),
        ({"weight_decay": -0.1}, "weight_decay is -0.1; expected 0 or more"),
        ({"encoder_factor": float("inf")}, "encoder_factor is inf"),
        ({"momentum": 1.0}, "momentum is 1.0; expected 0 to below 1"),
        ({"factor": 1.0}, "factor is 1.0"),
    ],
)
def test_values_out_of_range(values: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        OptimiserOptions(**values)  # type: ignore[arg-type]
