# SPDX-License-Identifier: GPL-2.0-or-later
"""Normalisation as data: steps that a description next to a model file may name, where its graph does not normalise.

The steps are called as the value scaling of the STAC Machine Learning Model extension calls them
(https://github.com/stac-extensions/mlm#value-scaling-object), which has no chains and no curves; `log1p` and `sigmoid`
are added.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import ModelError
from ..radiometry import FloatArray

FORMAT = "s2landcover-steps"
"""What `pre_processing_function.format` has to say."""

STEPS: Mapping[str, tuple[str, ...]] = {
    "min-max": ("minimum", "maximum"),
    "z-score": ("mean", "stddev"),
    "clip": ("minimum", "maximum"),
    "clip-min": ("minimum",),
    "clip-max": ("maximum",),
    "offset": ("value",),
    "scale": ("value",),
    "log1p": (),
    "sigmoid": (),
}
"""Every step, and the numbers it takes."""

_DIVISORS = {"z-score": "stddev", "scale": "value"}


@dataclass(frozen=True)
class Step:
    """One step of a normalisation.

    Attributes:
        type: one of `STEPS`.
        numbers: what the step takes, by name: one number for all bands, or one a band.
    """

    type: str
    numbers: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.type not in STEPS:
            raise ModelError(f"There is no normalisation step '{self.type}'; choose from {', '.join(STEPS)}.")
        wanted = STEPS[self.type]
        if set(self.numbers) != set(wanted):
            raise ModelError(
                f"The normalisation step '{self.type}' has {', '.join(self.numbers) or 'no numbers'}; expected "
                f"{' and '.join(wanted) or 'none'}."
            )
        if any(value == 0 for value in self.numbers.get(_DIVISORS.get(self.type, ""), ())):
            raise ModelError(f"The normalisation step '{self.type}' would divide by zero; correct its numbers.")
        if self.type in ("min-max", "clip"):
            self._check_range()

    def _check_range(self) -> None:
        low, high = (np.array(self.numbers[name]) for name in STEPS[self.type])
        if min(low.size, high.size) > 1 and low.size != high.size:
            raise ModelError(f"The normalisation step '{self.type}' has {low.size} minima and {high.size} maxima.")
        if (low >= high).any():
            raise ModelError(f"The normalisation step '{self.type}' has a minimum that is not below its maximum.")

    def apply(self, values: FloatArray) -> None:
        """Change values of shape (n, bands, rows, cols), float32, in place."""
        given = {name: _per_band(numbers) for name, numbers in self.numbers.items()}
        if self.type == "min-max":
            values -= given["minimum"]
            values /= given["maximum"] - given["minimum"]
        elif self.type == "z-score":
            values -= given["mean"]
            values /= given["stddev"]
        elif self.type.startswith("clip"):
            np.clip(values, given.get("minimum"), given.get("maximum"), out=values)
        elif self.type == "offset":
            values -= given["value"]
        elif self.type == "scale":
            values /= given["value"]
        elif self.type == "log1p":
            # Below -1 there is no logarithm; a description that lets such numbers through shows as NaN in the output.
            with np.errstate(invalid="ignore", divide="ignore"):
                np.log1p(values, out=values)
        else:
            sigmoid(values)


def _per_band(numbers: Sequence[float]) -> FloatArray:
    return np.array(numbers, dtype=np.float32)[:, np.newaxis, np.newaxis]


def sigmoid(values: FloatArray) -> FloatArray:
    """Return 1 / (1 + exp(-values)); overwrites its argument."""
    # The same through tanh, which cannot overflow.
    values *= np.float32(0.5)
    np.tanh(values, out=values)
    values *= np.float32(0.5)
    values += np.float32(0.5)
    return values


def normalise(batch: FloatArray, steps: Sequence[Step]) -> FloatArray:
    """Return a batch of shape (n, bands, rows, cols), float32, as the graph wants it; the argument stays as it is."""
    if not steps:
        return batch
    values = batch.astype(np.float32)
    for step in steps:
        step.apply(values)
    return values


def step_problems(steps: Sequence[Step], bands: int) -> list[str]:
    """Return what does not fit about steps for a number of bands, as sentences."""
    return [
        f"its normalisation step '{step.type}' has {len(numbers)} numbers for '{name}'; expected 1, or {bands} (one a "
        "band)."
        for step in steps
        for name, numbers in step.numbers.items()
        if len(numbers) not in (1, bands)
    ]


def steps_to_json(steps: Sequence[Step]) -> dict[str, Any] | None:
    """Return the steps as a processing expression of the STAC extension, or None without any."""
    if not steps:
        return None
    expression = [
        {"type": step.type, **{name: _plain(numbers) for name, numbers in step.numbers.items()}} for step in steps
    ]
    return {"format": FORMAT, "expression": expression}


def _plain(numbers: tuple[float, ...]) -> float | list[float]:
    return numbers[0] if len(numbers) == 1 else list(numbers)


def steps_from_json(document: Any) -> tuple[Step, ...]:
    """Read what `steps_to_json` writes.

    Raises:
        ModelError: if it is something else, a step does not exist, or its numbers are not right.
    """
    if document is None:
        return ()
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ModelError(f"The model's pre_processing_function is no object with the format '{FORMAT}'.")
    expression = document.get("expression")
    if not isinstance(expression, list) or not all(isinstance(item, dict) and "type" in item for item in expression):
        raise ModelError("The model's pre_processing_function has no list of steps, each an object with a 'type'.")
    return tuple(
        Step(str(item["type"]), {name: _numbers(name, value) for name, value in item.items() if name != "type"})
        for item in expression
    )


def _numbers(name: str, value: Any) -> tuple[float, ...]:
    values = value if isinstance(value, list) else [value]
    for number in values:
        if isinstance(number, bool) or not isinstance(number, (int, float)) or not math.isfinite(number):
            raise ModelError(f"A normalisation step's '{name}' holds {number!r}; expected numbers.")
    if not values:
        raise ModelError(f"A normalisation step's '{name}' is empty; expected numbers.")
    return tuple(float(number) for number in values)
