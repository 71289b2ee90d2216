# SPDX-License-Identifier: GPL-2.0-or-later
"""Augmentation and dropout that depend on the run's seed and the epoch alone."""

from __future__ import annotations

import torch
from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback

from ..data.order import epoch_seed


class EpochSeeds(Callback):
    """Seeds PyTorch at the start of each epoch, so that a resumed run goes on as the unbroken one would have."""

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Seed; each device draws its own numbers."""
        torch.manual_seed(epoch_seed(trainer.current_epoch, trainer.global_rank))
