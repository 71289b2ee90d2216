# SPDX-License-Identifier: GPL-2.0-or-later
"""Training a sharpening network, in Lightning's terms."""

from __future__ import annotations

import torch
from lightning import LightningModule
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor

from .data import Crop
from .network import SharpeningCNN

# The edge of a crop, fine pixels, where the network sees less than it will see in a scene.
_MARGIN = 8


class SharpeningModule(LightningModule):
    """A network that learns what regression lacks.

    Args:
        network: the network.
        steps: of the whole training.
        learning_rate: largest one of the one-cycle schedule.
        weight_decay: of AdamW.
    """

    def __init__(
        self, network: SharpeningCNN, steps: int, learning_rate: float = 3e-3, weight_decay: float = 1e-4
    ) -> None:
        super().__init__()
        self.network = network.to(memory_format=torch.channels_last)
        self._steps, self._learning_rate, self._weight_decay = steps, learning_rate, weight_decay

    def training_step(self, batch: Crop, index: int) -> Tensor:
        """Return the mean absolute error that is left, relative to the band's spread."""
        correction = self.network(batch.guides, batch.regression, batch.coarse, batch.band, batch.blur)
        lacking = (batch.truth - batch.regression) / batch.spread[:, None, None, None]
        left = lacking - correction / batch.spread[:, None, None, None]
        inner = (..., slice(_MARGIN, -_MARGIN), slice(_MARGIN, -_MARGIN))
        loss: Tensor = left[inner].abs().mean()
        self.log("loss", loss, prog_bar=True)
        self.log("of_regression", left[inner].detach().norm() / lacking[inner].norm(), prog_bar=True)
        return loss

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """Return AdamW under a one-cycle schedule (Smith and Topin 2017, https://arxiv.org/abs/1708.07120)."""
        optimizer = torch.optim.AdamW(self.parameters(), lr=self._learning_rate, weight_decay=self._weight_decay)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, self._learning_rate, total_steps=self._steps, pct_start=0.1
        )
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}
