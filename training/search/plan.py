# SPDX-License-Identifier: GPL-2.0-or-later
"""What is searched, as a YAML file says it.

    metric: mean_iou            # figure on the validation tiles; or accuracy, mean_f1, score, validation_loss
    scheduler: asha             # stop poor trials early; or none
    samples: 8                  # draws of what is random; a grid is run once a draw
    parameters:                 # options of `fit` by name
      model.optimiser.learning_rate: {loguniform: [1.0e-5, 1.0e-2]}
      model.network.encoder: {grid: [resnet18, resnet50]}

In place of `parameters`, `experiments` may list settings to try one after the other:

    experiments:
      - {model.network.skips: 2}
      - {model.network.skips: 4, model.loss.dice: 1.0}
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from s2landcover_plugin.core.errors import InputError

METRICS = {"mean_iou": "max", "accuracy": "max", "mean_f1": "max", "score": "max", "validation_loss": "min"}
"""Figures that a trial reports, and which way they are better."""

SCHEDULERS = ("asha", "none")
KINDS = ("grid", "choice", "uniform", "loguniform")

_FIELDS = ("metric", "scheduler", "samples", "parameters", "experiments", "grace_epochs")
_INTERVALS = ("uniform", "loguniform")


@dataclass(frozen=True)
class Range:
    """What an option is drawn from.

    Attributes:
        kind: `grid` (each value once), `choice` (at random), `uniform` or `loguniform` (between two numbers).
        values: the values, or the two ends.
    """

    kind: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class SearchPlan:
    """A search.

    Attributes:
        parameters: what options of `fit` are drawn from, by name; empty if there are experiments.
        experiments: settings of options, each a trial.
        metric: figure that is to become best.
        scheduler: `asha` (Li et al. 2020, https://arxiv.org/abs/1810.05934) stops poor trials early; `none`.
        samples: how often random options are drawn.
        grace_epochs: epochs with a figure that a trial has at least before it may be stopped.
    """

    parameters: Mapping[str, Range]
    experiments: tuple[Mapping[str, Any], ...] = ()
    metric: str = "mean_iou"
    scheduler: str = "none"
    samples: int = 1
    grace_epochs: int = 3

    @property
    def mode(self) -> str:
        """Which way the figure is better, `max` or `min`."""
        return METRICS[self.metric]


def read_plan(path: Path) -> SearchPlan:
    """Read a plan.

    Raises:
        InputError: if the file cannot be read, or says something else than a plan.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{path} cannot be read as YAML ({error}).") from error
    try:
        return _plan(content)
    except InputError as error:
        raise InputError(f"{path} is no plan of a search: {error}") from error


def _plan(content: Any) -> SearchPlan:
    if not isinstance(content, Mapping):
        raise InputError(f"expected fields, {', '.join(_FIELDS)}.")
    unknown = sorted(set(map(str, content)) - set(_FIELDS))
    if unknown:
        raise InputError(f"it has the unknown field {', '.join(unknown)}; known are {', '.join(_FIELDS)}.")
    parameters = {str(name): _range(str(name), item) for name, item in _mapping(content, "parameters").items()}
    experiments = _experiments(content.get("experiments") or ())
    if bool(parameters) == bool(experiments):
        raise InputError("expected either 'parameters' or 'experiments'.")
    return SearchPlan(
        parameters=parameters,
        experiments=experiments,
        metric=_one_of(content, "metric", tuple(METRICS), "mean_iou"),
        scheduler=_one_of(content, "scheduler", SCHEDULERS, "none"),
        samples=_count(content, "samples", 1),
        grace_epochs=_count(content, "grace_epochs", 3),
    )


def _mapping(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = content.get(name) or {}
    if not isinstance(found, Mapping):
        raise InputError(f"'{name}' is {found!r}; expected options of 'fit' by name.")
    return found


def _experiments(found: Any) -> tuple[Mapping[str, Any], ...]:
    is_list = isinstance(found, Sequence) and not isinstance(found, str)
    if not is_list or not all(isinstance(item, Mapping) and item for item in found):
        raise InputError("'experiments' has to be a list of settings, such as - {model.network.skips: 2}.")
    return tuple({str(name): value for name, value in item.items()} for item in found)


def _range(name: str, item: Any) -> Range:
    example = "such as {grid: [1, 2]} or {loguniform: [1.0e-5, 1.0e-2]}"
    if not isinstance(item, Mapping) or len(item) != 1 or next(iter(item)) not in KINDS:
        raise InputError(f"'{name}' is {item!r}; expected one of {', '.join(KINDS)}, {example}.")
    ((kind, values),) = item.items()
    if not isinstance(values, list) or not values:
        raise InputError(f"'{name}' has no list of values; expected a list, {example}.")
    if kind in _INTERVALS and not _is_interval(values, kind == "loguniform"):
        # YAML reads 1e-5 as text.
        raise InputError(f"'{name}' goes from {values}; expected two rising numbers, written like 1.0e-5.")
    return Range(kind, tuple(values))


def _is_interval(values: list[Any], positive: bool) -> bool:
    if len(values) != 2 or not all(isinstance(value, (int, float)) and math.isfinite(value) for value in values):
        return False
    low, high = values
    return bool(low < high and (low > 0 or not positive))


def _one_of(content: Mapping[str, Any], name: str, allowed: tuple[str, ...], default: str) -> str:
    found = content.get(name, default)
    if found not in allowed:
        raise InputError(f"'{name}' is {found!r}; expected one of {', '.join(allowed)}.")
    return str(found)


def _count(content: Mapping[str, Any], name: str, default: int) -> int:
    found = content.get(name, default)
    if not isinstance(found, int) or isinstance(found, bool) or found < 1:
        raise InputError(f"'{name}' is {found!r}; expected a whole number from 1 on.")
    return found
