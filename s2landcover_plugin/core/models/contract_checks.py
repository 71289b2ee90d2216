# SPDX-License-Identifier: GPL-2.0-or-later
"""What a model's contract may say, and everything that is wrong with one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..bands import BANDS
from .normalisation import step_problems

if TYPE_CHECKING:
    from .contract import ModelContract

LEVELS = ("L1C", "L2A")
LAYOUTS = {"NCHW": ["batch", "bands", "height", "width"], "NHWC": ["batch", "height", "width", "bands"]}
ACTIVATIONS = ("softmax", "sigmoid", "logits")
INPUT_VALUES = ("reflectance", "stored")

_WHOLE_NUMBERS = (("context", 0, 8192), ("size_multiple", 1, 8192), ("tile_size", 1, 65536))  # pixels, with their range
_LARGEST_NUMBER = 1e9
_MOST_PARAMETERS = 10**13


def positions(count: int) -> tuple[str, ...]:
    """Return `1`, `2`, …: the bands of a model that takes the first bands of any raster, whatever they are."""
    return tuple(str(number) for number in range(1, count + 1))


def contract_problems(contract: ModelContract) -> list[str]:
    """Return what is wrong with a contract, a sentence each; empty for a good one."""
    return [
        *_text_problems(contract),
        *_band_problems(contract.bands),
        *_number_problems(contract),
        *_choice_problems(contract),
        *step_problems(contract.normalisation, len(contract.bands)),
    ]


def _text_problems(contract: ModelContract) -> list[str]:
    values = {name: getattr(contract, name) for name in ("name", "version", "license", "attribution")}
    found = [
        f"'{name}' is {value!r}; expected text."
        for name, value in values.items()
        if not isinstance(value, str) or not value.strip()
    ]
    for name in ("description", "architecture"):
        if not isinstance(getattr(contract, name), str):
            found.append(f"'{name}' is {getattr(contract, name)!r}; expected text.")
    return found


def _band_problems(bands: Sequence[str]) -> list[str]:
    found = []
    unknown = [band for band in bands if band not in BANDS]
    if not bands or (unknown and tuple(bands) != positions(len(bands))):
        found.append(
            f"its bands are {list(bands)}; expected ids such as {', '.join(BANDS)}, or 1, 2, … for bands in the "
            "raster's order."
        )
    if len(set(bands)) != len(bands):
        found.append(f"its bands {list(bands)} contain one twice.")
    return found


def _number_problems(contract: ModelContract) -> list[str]:
    found = []
    for name, least, most in _WHOLE_NUMBERS:
        value = getattr(contract, name)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            found.append(f"'{name}' is {value!r}; expected a whole number from {least} to {most}.")
    for name in ("gsd", "input_scale"):
        value = getattr(contract, name)
        if not _is_number(value) or not 0 < value < _LARGEST_NUMBER:
            found.append(f"'{name}' is {value!r}; expected a positive number.")
    count = contract.parameters
    if count is not None and (
        isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= _MOST_PARAMETERS
    ):
        found.append(
            f"the number of parameters is {count!r}; expected a whole number up to {_MOST_PARAMETERS}, or null."
        )
    if not _is_number(contract.threshold) or not 0 < contract.threshold < 1:
        found.append(f"'threshold' is {contract.threshold!r}; expected a probability between 0 and 1.")
    return found


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _choice_problems(contract: ModelContract) -> list[str]:
    found = [
        f"its {label} is '{value}'; expected one of {', '.join(choices)}."
        for label, value, choices in (
            ("layout", contract.layout, tuple(LAYOUTS)),
            ("activation", contract.activation, ACTIVATIONS),
            ("kind of input values", contract.values, INPUT_VALUES),
        )
        if value not in choices
    ]
    if not contract.levels or set(contract.levels) - set(LEVELS):
        found.append(f"its product levels are {list(contract.levels)}; expected some of {', '.join(LEVELS)}.")
    if not isinstance(contract.provenance, Mapping):
        found.append("'provenance' is not an object.")
    return found
