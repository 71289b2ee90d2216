# SPDX-License-Identifier: GPL-2.0-or-later
"""`fit` and `test` through Lightning's command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from lightning import Trainer
from lightning.pytorch.callbacks import Callback, ModelCheckpoint
from lightning.pytorch.cli import LightningArgumentParser, LightningCLI

from s2landcover_plugin.core.tiling.dataset import DatasetInfo

from ..configuration import DEFAULT_CONFIG
from ..data.module import TileData
from ..evaluation.callback import EvaluationReport
from .checkpoints import BestCheckpoint, LatestCheckpoint
from .curves import LearningCurves
from .messages import silence
from .module import SegmentationModule
from .pictures import PredictionPictures
from .seeding import EpochSeeds

_CALLBACKS: dict[str, tuple[type[Callback], dict[str, Any]]] = {
    "checkpoint": (BestCheckpoint, {"monitor": "mean_iou", "mode": "max", "filename": "best"}),
    "latest": (LatestCheckpoint, {}),
    "curves": (LearningCurves, {}),
    "pictures": (PredictionPictures, {}),
    "seeds": (EpochSeeds, {}),
    "baseline": (EvaluationReport, {}),
}
_DESCRIPTIONS = {
    "fit": "Train a model on a dataset folder. All options may stand in a YAML file (--config), too.",
    "test": "Measure a model on held-out tiles. What is known of the model is taken from its checkpoint (--ckpt_path).",
}


class _TrainingCLI(LightningCLI):
    """The model learns bands, classes and statistics from the dataset, so nobody has to repeat them."""

    @staticmethod
    def subcommands() -> dict[str, set[str]]:
        """Offer `fit` and `test` of Lightning's commands."""
        known = LightningCLI.subcommands()
        return {name: known[name] for name in _DESCRIPTIONS}

    def add_core_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        """Add the package's own options before the many of Lightning."""
        parser.add_lightning_class_args(TileData, "data")
        parser.add_lightning_class_args(SegmentationModule, "model")

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        """Add the callbacks that every run has, and link what the dataset says to what the model needs."""
        for name, (callback, defaults) in _CALLBACKS.items():
            parser.add_lightning_class_args(callback, name)
            parser.set_defaults({f"{name}.{option}": value for option, value in defaults.items()})
        parser.add_lightning_class_args(Trainer, "trainer")
        for name, compute in _DATASET_ARGUMENTS.items():
            parser.link_arguments("data.info", f"model.{name}", compute_fn=compute, apply_on="instantiate")

    def after_fit(self) -> None:
        """Say where the result is."""
        if not self.trainer.is_global_zero:
            return
        callbacks = [item for item in self.trainer.checkpoint_callbacks if isinstance(item, ModelCheckpoint)]
        kept = {type(item): item.best_model_path for item in callbacks}
        if kept.get(BestCheckpoint):
            print(f"The best checkpoint is {kept[BestCheckpoint]}.")
        elif kept.get(LatestCheckpoint):
            print(f"There was no validation to choose a best checkpoint; the last one is {kept[LatestCheckpoint]}.")


def run_lightning(arguments: list[str]) -> None:
    """Run `fit` or `test` with Lightning's options.

    Raises:
        DatasetError: if the dataset cannot be used.
    """
    silence(arguments[0])
    commands = {
        name: {
            "default_config_files": [str(DEFAULT_CONFIG)],
            "description": description,
            "usage": f"python -m training {name} --data.folder DATASET [--config FILE] [options]",
        }
        for name, description in _DESCRIPTIONS.items()
    }
    _TrainingCLI(
        SegmentationModule,
        TileData,
        args=arguments,
        save_config_kwargs={"overwrite": True},
        parser_kwargs={"prog": "python -m training", **commands},
        # The optimiser has options of its own.
        auto_configure_optimizers=False,
    )


def _bands(info: DatasetInfo) -> list[str]:
    return list(info.bands)


def _classes(info: DatasetInfo) -> str:
    return json.dumps(info.legend.to_json() if info.legend else [], ensure_ascii=False)


def _class_pixels(info: DatasetInfo) -> list[int]:
    return list(info.train_pixels) if info.split("train") else [1] * len(info.train_pixels)


def _tile_size(info: DatasetInfo) -> int:
    return info.tile_size


def _values(info: DatasetInfo) -> str:
    return info.values


def _gsd(info: DatasetInfo) -> float:
    return info.gsd


def _statistics(info: DatasetInfo) -> list[tuple[float, float]]:
    # Tiles for testing alone say nothing of what was learnt; the checkpoint does.
    if not info.split("train"):
        return [(0.0, 1.0)] * len(info.bands)
    return [(band.mean, band.std) for band in info.band_statistics]


_DATASET_ARGUMENTS: dict[str, Callable[[DatasetInfo], Any]] = {
    "bands": _bands,
    "classes": _classes,
    "class_pixels": _class_pixels,
    "tile_size": _tile_size,
    "statistics": _statistics,
    "values": _values,
    "gsd": _gsd,
}


def model_arguments(info: DatasetInfo) -> dict[str, Any]:
    """Return the arguments of a `SegmentationModule` that the dataset gives.

    Raises:
        DatasetError: if the dataset lacks statistics of a band.
    """
    return {name: compute(info) for name, compute in _DATASET_ARGUMENTS.items()}
