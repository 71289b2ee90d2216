# SPDX-License-Identifier: GPL-2.0-or-later
"""Training and testing once for every fold of a dataset, each fold held out in turn."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from s2landcover_plugin.core.errors import DatasetError, InputError, LandCoverError
from s2landcover_plugin.core.outputs import write_text
from s2landcover_plugin.core.progress import Progress
from s2landcover_plugin.core.tiling.dataset import SPLITS, DatasetInfo

from ..configuration import as_arguments
from ..resuming import content_of, is_same_request
from .record import COUNTS_FILE, EvaluationRecord, PlaceCounts

HELD_OUT = SPLITS[1]
"""The split that the held-out fold becomes."""

_OPTIONS_FILE = "options.json"
_FIT, _TEST = "fit", "test"

Run = Callable[[list[str]], None]
"""Runs a command of the package, such as `["fit", "--data.folder", "tiles"]`."""


@dataclass(frozen=True)
class CrossValidationRequest:
    """What is trained and tested for every fold.

    Attributes:
        output: folder for the results.
        dataset: folder of a dataset with folds.
        options: those of `fit`; `test` gets the same.
        checkpoint: which one of each fold is tested. The last does not depend on the held-out fold; the best is chosen
            by it, so that its figures are too good.
    """

    output: Path
    dataset: Path
    options: tuple[str, ...]
    checkpoint: Literal["last", "best"] = "last"


@dataclass(frozen=True)
class FoldRecord:
    """What was counted in a fold while it was held out."""

    fold: int
    record: EvaluationRecord


@dataclass(frozen=True)
class CrossValidation:
    """The result of a cross-validation.

    Attributes:
        request: what was asked for.
        folds: what was counted in each.
    """

    request: CrossValidationRequest
    folds: tuple[FoldRecord, ...]

    @property
    def pooled(self) -> EvaluationRecord:
        """All folds together: every tile once, by a network that has not been trained on it."""
        first = self.folds[0].record
        places = tuple(place for item in self.folds for place in item.record.of_split(HELD_OUT))
        return replace(first, places=_merged(places), model=replace(first.model, checkpoint=""))


def crossvalidate(request: CrossValidationRequest, run: Run, progress: Progress) -> CrossValidation:
    """Train and test for every fold; what an earlier call has finished is kept, what it has begun goes on.

    Args:
        request: what to do.
        run: runs `fit` and `test`.
        progress: is told which fold it is.

    Raises:
        DatasetError: if the dataset has fewer than two folds.
        InputError: if the output folder holds results of other options.
        LandCoverError: if a run fails.
    """
    folds = DatasetInfo.read(request.dataset).folds
    if len(folds) < 2:
        raise DatasetError(
            f"{request.dataset} has {len(folds)} folds; make it again with 'prepare --split folds' or with 'tile'."
        )
    _keep_options(request)
    found = []
    for number, fold in enumerate(folds):
        progress.check()
        progress.info(f"Fold {fold}, {number + 1} of {len(folds)}")
        found.append(FoldRecord(fold, _run_fold(request, fold, run, progress)))
    return CrossValidation(request, tuple(found))


def run_as_process(arguments: list[str]) -> None:
    """Run a command of the package in a process of its own, which gives back its memory and may start others.

    Raises:
        LandCoverError: if it fails.
    """
    done = subprocess.run([sys.executable, "-m", "training", *arguments], check=False)
    if done.returncode:
        raise LandCoverError(
            f"'{arguments[0]}' has failed (exit code {done.returncode}); its messages are above. What is finished is "
            "kept: put it right, and give the same command again."
        )


def _run_fold(request: CrossValidationRequest, fold: int, run: Run, progress: Progress) -> EvaluationRecord:
    fitted, tested = (request.output / f"fold-{fold}" / part for part in (_FIT, _TEST))
    complete = fitted / "complete"
    if (tested / COUNTS_FILE).is_file():
        progress.info("  has been done")
        return EvaluationRecord.read(tested)
    if not complete.is_file():
        last = fitted / "checkpoints" / "last.ckpt"
        run([_FIT, *_fold_options(request, fold, _FIT), *(["--ckpt_path", str(last)] if last.is_file() else [])])
        write_text(complete, "")
    checkpoint = fitted / "checkpoints" / f"{request.checkpoint}.ckpt"
    run([_TEST, *_fold_options(request, fold, _TEST), "--ckpt_path", str(checkpoint)])
    return EvaluationRecord.read(tested)


def _fold_options(request: CrossValidationRequest, fold: int, part: str) -> list[str]:
    """Return the options of `fit` or `test`; the later ones win over the user's own."""
    own = {
        "data.folder": request.dataset,
        "data.fold": fold,
        "trainer.logger.init_args.save_dir": request.output,
        "trainer.logger.init_args.name": f"fold-{fold}",
        "trainer.logger.init_args.version": part,
    }
    return [*request.options, *as_arguments(own)]


def _keep_options(request: CrossValidationRequest) -> None:
    """Write down what the results are of, or make sure that those which are there are of the same."""
    options = {
        "dataset": content_of(str(request.dataset)),
        "options": [content_of(text) for text in request.options],
        "checkpoint": request.checkpoint,
    }
    if not is_same_request(request.output / _OPTIONS_FILE, options):
        raise InputError(
            f"{request.output} holds a cross-validation with other options, another configuration or another dataset "
            f"(see {_OPTIONS_FILE} there); give another folder."
        )


def _merged(places: Sequence[PlaceCounts]) -> tuple[PlaceCounts, ...]:
    """Return places of which each occurs once: a random split has the same place in several folds."""
    merged: dict[str, PlaceCounts] = {}
    for place in places:
        before = merged.get(place.place)
        if before is not None:
            counts = {who: before.counts[who] + place.counts[who] for who in place.counts}
            place = replace(place, tiles=(*before.tiles, *place.tiles), counts=counts)
        merged[place.place] = place
    return tuple(merged[name] for name in sorted(merged))
