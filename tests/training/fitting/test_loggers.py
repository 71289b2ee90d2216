# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs can be followed with the usual tools, without a network."""

from __future__ import annotations

from pathlib import Path

import pytest
import wandb
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from training.cli import main
from training.fitting.curves import PICTURE

from ..tiles import quick_options

FIGURES = {"validation_loss", "accuracy", "mean_iou", "mean_f1", "score", "loss_epoch"}


def fit(dataset: Path, folder: Path, *options: str) -> None:
    """Run two epochs with another logger than the default one."""
    quick = quick_options(folder)
    at = quick.index("--trainer.logger.init_args.save_dir")
    quick = quick[:at] + quick[at + 4 :]
    logger = [*options, "--trainer.logger.save_dir", str(folder), "--trainer.logger.name", "run"]
    assert main(["fit", "--data.folder", str(dataset), *quick, *logger, "--trainer.max_epochs", "2"]) == 0


def test_tensorboard(dataset: Path, tmp_path: Path) -> None:
    fit(dataset, tmp_path, "--trainer.logger", "TensorBoardLogger")
    folder = tmp_path / "run" / "version_0"
    events = EventAccumulator(str(folder)).Reload()
    assert set(events.Tags()["scalars"]) >= FIGURES
    assert len(events.Scalars("mean_iou")) == 2
    assert (folder / PICTURE).exists()


def test_weights_and_biases_offline(dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_SILENT", "true")
    monkeypatch.setenv("WANDB_CONSOLE", "off")  # or it would listen to what later tests print
    fit(dataset, tmp_path, "--trainer.logger", "WandbLogger", "--trainer.logger.offline", "true")
    wandb.teardown()  # as at the end of a command
    (run,) = (tmp_path / "wandb").glob("offline-run-*")
    (log,) = run.glob("*.wandb")
    assert b"mean_iou" in log.read_bytes()
    (checkpoint,) = tmp_path.rglob("last.ckpt")
    assert (checkpoint.parents[1] / PICTURE).exists(), "pictures lie where the checkpoints are"
