# SPDX-License-Identifier: GPL-2.0-or-later
"""One trial of a search: `fit` with some options, which reports its figures and can be taken up again."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback
from ray import tune

from ..configuration import as_arguments
from .plan import METRICS

CHECKPOINT = "trial.ckpt"


class ReportToTune(Callback):
    """Tells Ray Tune the figures of each validation, with a checkpoint to go on from."""

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Report, once the epoch's figures are known."""
        if trainer.sanity_checking:
            return
        figures = {name: float(trainer.callback_metrics[name]) for name in METRICS}
        with tempfile.TemporaryDirectory() as folder:
            trainer.save_checkpoint(Path(folder) / CHECKPOINT)
            if trainer.is_global_zero:
                kept = tune.Checkpoint.from_directory(folder)
                tune.report({**figures, "epoch": trainer.current_epoch + 1}, checkpoint=kept)


def train_trial(setting: Mapping[str, Any], arguments: Sequence[str]) -> None:
    """Run a trial in its folder, from where it was stopped.

    Args:
        setting: values of options of `fit`, by name.
        arguments: the options that all trials have.
    """
    from ..fitting.command_line import run_lightning

    folder = str(Path(tune.get_context().get_trial_dir()))
    logger = ["--trainer.logger", "CSVLogger", "--trainer.logger.save_dir", folder, "--trainer.logger.name", "run"]
    report = ["--trainer.callbacks+", f"{ReportToTune.__module__}.{ReportToTune.__name__}"]
    quiet = ["--trainer.enable_progress_bar", "false", "--trainer.enable_model_summary", "false"]
    command = ["fit", *arguments, *logger, *report, *quiet, *as_arguments(setting)]
    earlier = tune.get_checkpoint()
    if earlier is None:
        run_lightning(command)
        return
    with earlier.as_directory() as kept:
        run_lightning([*command, "--ckpt_path", str(Path(kept) / CHECKPOINT)])
