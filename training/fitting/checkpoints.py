# SPDX-License-Identifier: GPL-2.0-or-later
"""Checkpoints: the two that a run keeps, to use and to go on from; and a trained module from one."""

from __future__ import annotations

import pickle
from pathlib import Path

from lightning.pytorch.callbacks import ModelCheckpoint

from s2landcover_plugin.core.errors import InputError

from .module import SegmentationModule


class BestCheckpoint(ModelCheckpoint):
    """Keeps `best.ckpt`, the one of the epoch with the best figure on the validation tiles."""


class LatestCheckpoint(ModelCheckpoint):
    """Keeps `last.ckpt`, to go on from after each epoch, whether it had a validation or not.

    `save_last` of the other callback would write only when the best is beaten.
    """

    def __init__(self) -> None:
        super().__init__(filename="last", enable_version_counter=False, save_on_train_epoch_end=True)


def load_module(checkpoint: Path) -> SegmentationModule:
    """Load a trained module on the CPU; runs no code from the file.

    Raises:
        InputError: if it is not a checkpoint of a `SegmentationModule`.
    """
    try:
        return SegmentationModule.load_from_checkpoint(checkpoint, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise InputError(f"There is no checkpoint {checkpoint}; 'fit' says where it wrote one.") from error
    except (pickle.UnpicklingError, RuntimeError, KeyError, TypeError, EOFError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise InputError(f"{checkpoint} is not a checkpoint of this package's 'fit' ({reason}).") from error
