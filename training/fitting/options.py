# SPDX-License-Identifier: GPL-2.0-or-later
"""How the weights are changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from s2landcover_plugin.core.errors import InputError


@dataclass(frozen=True)
class OptimiserOptions:
    """An optimiser and the schedule of its learning rate.

    Attributes:
        name: `adamw`, `adam` or `sgd` (with Nesterov's momentum).
        learning_rate: the largest of the schedule.
        weight_decay: of the weights, not of biases and normalisation layers.
        momentum: of `sgd`; `one-cycle` moves it from 0.95 to 0.85 and back instead.
        encoder_factor: learning rate of the encoder over that of the rest; below 1 for pretrained encoders.
        schedule: `one-cycle` rises and falls over the whole run; `cosine` falls; `plateau` multiplies the rate by
            `factor` when the loss on the validation tiles has not fallen for `patience` validations; `constant`.
        factor: of `plateau`.
        patience: of `plateau`, validations: epochs, unless there are several from one to the next.

    Raises:
        InputError: if a value is out of its range.
    """

    name: Literal["adamw", "adam", "sgd"] = "adamw"
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    momentum: float = 0.9
    encoder_factor: float = 1.0
    schedule: Literal["one-cycle", "cosine", "plateau", "constant"] = "one-cycle"
    factor: float = 0.5
    patience: int = 5

    def __post_init__(self) -> None:
        for name in ("learning_rate", "weight_decay", "encoder_factor", "momentum", "factor"):
            value, is_share = getattr(self, name), name in ("momentum", "factor")
            if not 0 <= value < (1 if is_share else float("inf")):
                expected = "0 to below 1" if is_share else "0 or more"
                raise InputError(f"In the options of the optimiser, {name} is {value}; expected {expected}.")
