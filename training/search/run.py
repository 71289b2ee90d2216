# SPDX-License-Identifier: GPL-2.0-or-later
"""A whole search: trials side by side, on this machine or a cluster; goes on where it was when it is run again."""

from __future__ import annotations

import csv
import io
import os
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import ray
import yaml
from ray import tune
from ray.tune.schedulers import ASHAScheduler, TrialScheduler

from s2landcover_plugin.core.errors import InputError, LandCoverError
from s2landcover_plugin.core.outputs import write_text

from ..resuming import content_of, is_same_request
from .plan import METRICS, SearchPlan
from .trial import train_trial

TABLE, BEST = "trials.csv", "best.yaml"

_ROOT = Path(__file__).parents[2]
_EXPERIMENT = "experiment"
_REQUEST = "search.json"
_MOST_EPOCHS = 10_000  # ASHA wants an end; the trials have their own


@dataclass(frozen=True)
class SearchRequest:
    """A search and where it runs.

    Attributes:
        plan: what is searched.
        folder: gets the trials, a table of them and the best setting.
        arguments: options of `fit` that all trials have.
        cpus: cores for a trial.
        gpus: GPUs for a trial; parts of one are possible.
        concurrent: trials at a time; as many as fit if 0.
        address: of a Ray cluster; empty for this machine. The folder and the dataset must be seen from its machines.
    """

    plan: SearchPlan
    folder: Path
    arguments: tuple[str, ...]
    cpus: float = 1.0
    gpus: float = 0.0
    concurrent: int = 0
    address: str = ""


@dataclass(frozen=True)
class Trial:
    """What became of one trial.

    Attributes:
        setting: values of options of `fit`, by name.
        figures: on the validation tiles where the searched figure was best; empty for a trial that failed at once.
        epochs: how many it ran.
        error: why it failed, or empty.
    """

    setting: Mapping[str, Any]
    figures: Mapping[str, float]
    epochs: int
    error: str = ""


def search(request: SearchRequest) -> list[Trial]:
    """Run a search, or what is left of it, and return its trials, the best first.

    Raises:
        InputError: if the cluster cannot be reached, or another search has written into the folder.
        LandCoverError: if no trial came to a figure.
    """
    request.folder.mkdir(parents=True, exist_ok=True)
    _same_search(request)
    _start_ray(request.address)
    try:
        results = _tuner(request).fit()
        trials = [_trial(results[number], request.plan) for number in range(len(results))]
    finally:
        ray.shutdown()
    trials.sort(key=partial(_rank, plan=request.plan))
    write_text(request.folder / TABLE, to_csv(trials))
    if not trials or not trials[0].figures:
        reasons = "; ".join(sorted({trial.error for trial in trials if trial.error})) or "no figure was reported"
        raise LandCoverError(f"No trial of the search came to an end: {reasons}.")
    write_text(request.folder / BEST, best_config(trials[0], request.plan))
    return trials


def to_csv(trials: Sequence[Trial]) -> str:
    """Return the trials as a table, a row each."""
    names = list(dict.fromkeys(name for trial in trials for name in trial.setting))
    text = io.StringIO()
    writer = csv.DictWriter(text, [*names, *METRICS, "epochs", "error"], lineterminator="\n")
    writer.writeheader()
    for trial in trials:
        writer.writerow({**trial.setting, **trial.figures, "epochs": trial.epochs, "error": trial.error})
    return text.getvalue()


def best_config(trial: Trial, plan: SearchPlan) -> str:
    """Return a setting as a configuration file of `fit`, to be given after the one that was searched from."""
    nested: dict[str, Any] = {}
    for name, value in trial.setting.items():
        *parents, last = name.split(".")
        inner = nested
        for parent in parents:
            inner = inner.setdefault(parent, {})
        inner[last] = value
    header = f"# {plan.metric} {trial.figures[plan.metric]:.4f} on the validation tiles, after {trial.epochs} epochs\n"
    return header + str(yaml.safe_dump(nested, sort_keys=False))


def _same_search(request: SearchRequest) -> None:
    """Keep what is searched beside the trials, so that another search does not go on with them."""
    wanted = {"plan": asdict(request.plan), "options": [content_of(text) for text in request.arguments]}
    if not is_same_request(request.folder / _REQUEST, wanted):
        raise InputError(
            f"{request.folder} holds a search with another plan, other options, another configuration or another "
            "dataset; choose another folder, or delete it."
        )


def _start_ray(address: str) -> None:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    environment: dict[str, Any] = {
        "env_vars": {"PYTHONPATH": str(_ROOT)},
        # Ray hands it to a shell as it is, and paths may have spaces.
        "py_executable": shlex.quote(sys.executable),
    }
    if address:
        environment = {"py_modules": [str(_ROOT / "training"), str(_ROOT / "s2landcover_plugin")]}
    try:
        ray.init(
            address=address or "local",
            # A cluster on this machine needs no page of its own.
            include_dashboard=None if address else False,
            runtime_env=environment,
            log_to_driver=False,
            configure_logging=False,
        )
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise InputError(f"There is no Ray cluster at {address or 'this machine'} ({error}).") from error


def _tuner(request: SearchRequest) -> tune.Tuner:
    resources = {"cpu": request.cpus, "gpu": request.gpus}
    trainable = tune.with_resources(partial(_train, arguments=list(request.arguments)), resources)
    path = str((request.folder / "trials").resolve())
    if tune.Tuner.can_restore(path):
        restore: Callable[..., tune.Tuner] = tune.Tuner.restore
        return restore(path, trainable, resume_unfinished=True, resume_errored=True)
    plan = request.plan
    config = tune.TuneConfig(
        metric=plan.metric,
        mode=plan.mode,
        num_samples=plan.samples,
        scheduler=_scheduler(plan),
        max_concurrent_trials=request.concurrent or None,
    )
    kept = tune.CheckpointConfig(num_to_keep=1)
    run = tune.RunConfig(
        name="trials", storage_path=str(request.folder.resolve()), checkpoint_config=kept, verbose=1, log_to_file=True
    )
    return tune.Tuner(trainable, param_space=_space(plan), tune_config=config, run_config=run)


def _train(setting: Mapping[str, Any], arguments: Sequence[str]) -> None:
    train_trial(setting.get(_EXPERIMENT, setting), arguments)


def _scheduler(plan: SearchPlan) -> TrialScheduler | None:
    if plan.scheduler == "none":
        return None
    return ASHAScheduler(max_t=_MOST_EPOCHS, grace_period=plan.grace_epochs)


def _space(plan: SearchPlan) -> dict[str, Any]:
    if plan.experiments:
        return {_EXPERIMENT: tune.grid_search([dict(item) for item in plan.experiments])}
    draws: dict[str, Callable[[tuple[Any, ...]], Any]] = {
        "grid": lambda values: tune.grid_search(list(values)),
        "choice": lambda values: tune.choice(list(values)),
        "uniform": lambda values: tune.uniform(*values),
        "loguniform": lambda values: tune.loguniform(*values),
    }
    return {name: draws[item.kind](item.values) for name, item in plan.parameters.items()}


def _trial(result: Any, plan: SearchPlan) -> Trial:
    config = result.config or {}
    setting = config.get(_EXPERIMENT, config)
    table = result.metrics_dataframe
    error = _reason(result.error)
    if table is None or plan.metric not in table:
        return Trial(setting, {}, 0, error)
    column = table[plan.metric]
    best = table.loc[column.idxmax() if plan.mode == "max" else column.idxmin()]
    return Trial(setting, {name: float(best[name]) for name in METRICS}, int(table["epoch"].max()), error)


def _reason(error: Exception | None) -> str:
    """Return the last line of what a worker's traceback says."""
    lines = str(error).strip().splitlines() if error else []
    return lines[-1] if lines else ""


def _rank(trial: Trial, plan: SearchPlan) -> float:
    """Return a number that is the smaller the better a trial is."""
    sign = -1.0 if plan.mode == "max" else 1.0
    return sign * trial.figures[plan.metric] if trial.figures else float("inf")
