# SPDX-License-Identifier: GPL-2.0-or-later
"""Pretrained weights are fetched when a training starts, and never again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from lightning import Trainer

from training.data.module import TileData
from training.fitting import module as fitting
from training.fitting.checkpoints import load_module
from training.fitting.module import SegmentationModule
from training.fitting.options import OptimiserOptions
from training.networks.options import NetworkOptions

from ..tiles import BANDS, LEGEND, SIZE


def new_module() -> SegmentationModule:
    return SegmentationModule(
        list(BANDS),
        json.dumps(LEGEND.to_json()),
        [1, 1, 1],
        SIZE,
        [(0.1, 0.1)] * len(BANDS),
        network=NetworkOptions("unet", width=2, depth=1, weights="somewhere"),
        optimiser=OptimiserOptions(learning_rate=0.0, schedule="constant"),
    )


def trainer_for(epochs: int) -> Trainer:
    return Trainer(
        accelerator="cpu",
        max_epochs=epochs,
        limit_train_batches=1,
        limit_val_batches=0,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )


def test_training_fetches_and_loading_and_resuming_do_not(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched: list[tuple[str, list[str]]] = []

    def fetch(network: torch.nn.Module, options: NetworkOptions, bands: list[str]) -> None:
        fetched.append((options.weights, list(bands)))
        with torch.no_grad():
            next(network.parameters()).fill_(0.25)

    monkeypatch.setattr(fitting, "load_pretrained", fetch)
    trainer, path = trainer_for(1), tmp_path / "run.ckpt"
    trainer.fit(new_module(), datamodule=TileData(dataset, batch_size=2))
    assert fetched == [("somewhere", list(BANDS))]
    trainer.save_checkpoint(path)

    assert torch.all(next(load_module(path).segmenter.parameters()) == 0.25)
    resumed = new_module()
    trainer_for(2).fit(resumed, datamodule=TileData(dataset, batch_size=2), ckpt_path=path, weights_only=True)
    assert torch.all(next(resumed.segmenter.parameters()) == 0.25)
    assert len(fetched) == 1
