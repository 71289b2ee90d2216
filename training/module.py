# SPDX-License-Identifier: GPL-2.0-or-later
"""Training a U-Net on a dataset folder, in Lightning's terms."""

from __future__ import annotations

import json
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from lightning import LightningModule
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor, nn
from torch.nn.utils import convert_conv2d_weight_memory_format

from s2landcover_plugin.core.errors import DatasetError, ModelError
from s2landcover_plugin.core.legend import Legend

from .data import Sample
from .evaluation import Evaluation
from .losses import SegmentationLoss
from .unet import Normalisation, UNet

FIGURES_FILE = "figures.json"
"""What `test` writes, for `export` to put into the contract."""


class SegmentationModule(LightningModule):
    """A U-Net that learns land cover.

    The first four arguments come from the dataset. They are kept in the checkpoint as plain values, so that it can be
    loaded and exported without the dataset.

    Args:
        bands: Sentinel-2 ids of the input bands.
        classes: the legend as JSON text; jsonargparse would read YAML into the descriptions of anything but text.
        tile_size: patch size, pixels.
        statistics: mean and standard deviation of each band in the training tiles, reflectance.
        width: channels of the network at full resolution.
        depth: how often the network halves the resolution.
        hard: weight of the cross entropy with the labels.
        soft: weight of the divergence from soft labels, if the dataset has them.
        dice: weight of the Dice loss.
        learning_rate: largest learning rate of the one-cycle schedule.
        weight_decay: of AdamW.
        initial_checkpoint: a trained model of the same size to start from, its normalisation included; None starts
            from random weights.

    Raises:
        DatasetError: if the tiles do not fit the depth, or the initial checkpoint not the dataset.
        ModelError: if the initial checkpoint cannot be used.
    """

    def __init__(
        self,
        bands: list[str],
        classes: str,
        tile_size: int,
        statistics: list[tuple[float, float]],
        width: int = 24,
        depth: int = 3,
        hard: float = 1.0,
        soft: float = 0.0,
        dice: float = 0.0,
        learning_rate: float = 2e-3,
        weight_decay: float = 1e-2,
        initial_checkpoint: Path | None = None,
    ) -> None:
        super().__init__()
        _check_size(tile_size, depth)
        # What it started from may be gone when the checkpoint is loaded.
        self.save_hyperparameters(ignore="initial_checkpoint")
        self.legend = Legend.from_json(json.loads(classes))
        means, deviations = zip(*statistics)
        self.network = nn.Sequential(Normalisation(means, deviations), UNet(len(bands), len(self.legend), width, depth))
        convert_conv2d_weight_memory_format(self.network, torch.channels_last)
        self.loss = SegmentationLoss(hard, soft, dice)
        self.evaluation = Evaluation(self.legend)
        if initial_checkpoint is not None:
            self._start_from(initial_checkpoint)

    def forward(self, reflectance: Tensor) -> Tensor:
        """Return class scores, shape (batch, classes, rows, cols), of (batch, bands, rows, cols)."""
        scores: Tensor = self.network(reflectance.contiguous(memory_format=torch.channels_last))
        return scores

    def _start_from(self, path: Path) -> None:
        try:
            checkpoint = torch.load(path, map_location="cpu", weights_only=True)
            self.on_load_checkpoint(checkpoint)
            self.load_state_dict(checkpoint["state_dict"])
        except (OSError, RuntimeError, KeyError, UnpicklingError) as error:
            raise ModelError(
                f"Training cannot start from {path} ({error}); give a .ckpt of 'fit' with the same width and depth."
            ) from error

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Make sure that a checkpoint fits the dataset; its numbers would load and mean something else.

        Raises:
            DatasetError: if bands or classes differ.
        """
        learnt = checkpoint["hyper_parameters"]
        legend = Legend.from_json(json.loads(learnt["classes"]))
        pairs = {
            "bands": (learnt["bands"], self.hparams["bands"]),
            "classes": [[f"{item.value} {item.name}" for item in side] for side in (legend, self.legend)],
        }
        for name, (before, now) in pairs.items():
            if list(before) != list(now):
                raise DatasetError(
                    f"The checkpoint was trained on other {name} than the dataset has: {', '.join(before)} instead of "
                    f"{', '.join(now)}. Use a dataset of the same kind."
                )

    def training_step(self, batch: Sample, index: int) -> Tensor:
        """Return the loss of one batch."""
        soft = batch.probabilities if batch.probabilities.shape[1] else None
        loss: Tensor = self.loss(self(batch.image), batch.labels, soft)
        self.log("loss", loss, prog_bar=True)
        return loss

    def on_validation_epoch_start(self) -> None:
        """Start counting afresh."""
        self.evaluation.reset()

    def validation_step(self, batch: Sample, index: int) -> None:
        """Count where the map and the labels agree."""
        self.evaluation.add(self(batch.image).argmax(dim=1) + 1, batch)

    def on_validation_epoch_end(self) -> None:
        """Log the figures that choose the best checkpoint."""
        figures = self.evaluation.headline()
        self.log("agreement", figures.overall_accuracy or 0.0, prog_bar=True)
        self.log("mean_f1", figures.macro_f1 or 0.0, prog_bar=True)

    def on_test_epoch_start(self) -> None:
        """Start counting afresh."""
        self.evaluation.reset()

    def test_step(self, batch: Sample, index: int) -> None:
        """Count where the map and the labels agree."""
        self.evaluation.add(self(batch.image).argmax(dim=1) + 1, batch)

    def on_test_epoch_end(self) -> None:
        """Print the figures by split and place, and write them into the logger's folder."""
        self.print(self.evaluation.to_text())
        if self.trainer.is_global_zero and self.trainer.log_dir is not None:
            path = Path(self.trainer.log_dir) / FIGURES_FILE
            self.evaluation.write(path)
            self.print(f"\nThese figures are in {path}.")

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """Return AdamW under a one-cycle schedule (Smith and Topin 2017, https://arxiv.org/abs/1708.07120)."""
        rate, decay = self.hparams["learning_rate"], self.hparams["weight_decay"]
        optimizer = torch.optim.AdamW(self.parameters(), lr=rate, weight_decay=decay)
        steps = int(self.trainer.estimated_stepping_batches)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps, pct_start=0.15)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def _check_size(tile_size: int, depth: int) -> None:
    step = 2**depth
    if tile_size % step:
        raise DatasetError(
            f"The tiles are {tile_size} pixels wide; a network that halves the resolution {depth} times needs "
            f"a multiple of {step}. Cut tiles of {tile_size // step * step + step} pixels, or lower --model.depth."
        )
