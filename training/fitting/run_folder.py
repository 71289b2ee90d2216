# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a run writes."""

from __future__ import annotations

from pathlib import Path

from lightning import Trainer
from lightning.pytorch.loggers import Logger


def run_folder(trainer: Trainer) -> Path | None:
    """Return the folder of a run, where its checkpoints lie; None for a run that logs nothing.

    It is the first logger's own: Lightning's `log_dir` is one for all runs with some loggers, such as that of Weights &
    Biases.
    """
    if not trainer.loggers:
        return None
    logger: Logger = trainer.loggers[0]
    folder: str | None = trainer.strategy.broadcast(logger.log_dir)
    if folder is None:
        folder = str(Path(logger.save_dir or ".") / str(logger.name) / _version(logger.version))
    return Path(trainer.strategy.broadcast(folder))


def _version(version: int | str | None) -> str:
    return version if isinstance(version, str) else f"version_{version}"
