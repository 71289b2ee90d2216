# SPDX-License-Identifier: GPL-2.0-or-later
"""A network that learns from a dataset folder, in Lightning's terms."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, TypeVar, cast

import torch
from lightning import LightningModule
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor, nn
from torch.nn.functional import pad
from torch.nn.utils import convert_conv2d_weight_memory_format
from torchmetrics import MeanMetric
from torchmetrics.classification import MulticlassConfusionMatrix

from s2landcover_plugin.core.accuracy.figures import ConfusionMatrix, HeadlineFigures, headline_figures
from s2landcover_plugin.core.errors import DatasetError, ModelError
from s2landcover_plugin.core.legend import Legend
from s2landcover_plugin.core.tiling.storage import REFLECTANCE

from ..data.samples import Sample
from ..evaluation.views import mean_over_views
from ..losses.options import LossOptions
from ..losses.total import SegmentationLoss
from ..networks.base import SegmentationNetwork
from ..networks.build import build_network
from ..networks.normalisation import build_normalisation
from ..networks.options import NetworkOptions
from ..networks.pretrained import load_pretrained
from .optimisers import MONITORED, check_length, configure
from .options import OptimiserOptions

_Options = TypeVar("_Options")


class SegmentationModule(LightningModule):
    """A network that learns land cover.

    The first five arguments and the last two come from the dataset. Everything is kept in the checkpoint as plain
    values, so that it can be loaded and exported without the dataset.

    Args:
        bands: Sentinel-2 ids of the input bands.
        classes: the legend as JSON text; jsonargparse would read YAML into the descriptions of anything but text.
        class_pixels: labelled pixels of each class in the training tiles, in the order of the legend.
        tile_size: patch size, pixels.
        statistics: mean and standard deviation of each band in the training tiles, reflectance.
        network: what the network is made of.
        loss: what it is trained on.
        optimiser: how its weights are changed.
        initial_checkpoint: a trained model of the same make to start from, its normalisation included; null starts
            from random or pretrained weights.
        values: what the images of the dataset hold, `reflectance` or `stored` bytes, see `core.tiling.storage`.
        gsd: pixel size of the dataset, metres.
        test_time_augmentation: whether `test` takes the mean over the eight flips and right-angle turns of each tile,
            which takes eight times as long.

    Raises:
        DatasetError: if the tiles are too small for the network, or the initial checkpoint not the dataset.
        ModelError: if the initial checkpoint cannot be used.
    """

    def __init__(
        self,
        bands: list[str],
        classes: str,
        class_pixels: list[int],
        tile_size: int,
        statistics: list[tuple[float, float]],
        network: NetworkOptions = NetworkOptions(),  # noqa: B008 (frozen)
        loss: LossOptions = LossOptions(),  # noqa: B008
        optimiser: OptimiserOptions = OptimiserOptions(),  # noqa: B008
        initial_checkpoint: Path | None = None,
        values: str = REFLECTANCE,
        gsd: float = 10.0,
        test_time_augmentation: bool = False,
    ) -> None:
        super().__init__()
        self.network_options = _options(NetworkOptions, network)
        self.loss_options = _options(LossOptions, loss)
        self.optimiser_options = _options(OptimiserOptions, optimiser)
        self.legend = Legend.from_json(json.loads(classes))
        # For the checkpoint, as plain values; what training started from may be gone when it is loaded.
        self.save_hyperparameters(
            {
                "bands": list(bands),
                "classes": classes,
                "class_pixels": list(class_pixels),
                "tile_size": tile_size,
                "statistics": [list(pair) for pair in statistics],
                "values": values,
                "gsd": gsd,
                "network": asdict(self.network_options),
                "loss": asdict(self.loss_options),
                "optimiser": asdict(self.optimiser_options),
            }
        )
        segmenter = build_network(self.network_options, len(bands), len(self.legend))
        _check_size(tile_size, segmenter.size_multiple)
        normalisation = build_normalisation(self.network_options.normalisation, statistics)
        self.network = nn.Sequential(normalisation, segmenter)
        convert_conv2d_weight_memory_format(self.network, torch.channels_last)
        self.loss = SegmentationLoss(self.loss_options, class_pixels)
        self.validation_loss = MeanMetric()
        self.confusion = MulticlassConfusionMatrix(len(self.legend), ignore_index=-1)
        self.test_time_augmentation = test_time_augmentation
        self._has_learnt = False
        if initial_checkpoint is not None:
            self._start_from(initial_checkpoint)

    @property
    def segmenter(self) -> SegmentationNetwork:
        """The network behind the normalisation."""
        return cast(SegmentationNetwork, self.network[1])

    def forward(self, reflectance: Tensor) -> Tensor:
        """Return class scores, shape (batch, classes, rows, cols), of (batch, bands, rows, cols).

        Sizes that the network does not take are padded and cut again.
        """
        rows, cols = reflectance.shape[-2:]
        image = _padded(reflectance, self.segmenter.size_multiple)
        scores: Tensor = self.network(image.contiguous(memory_format=torch.channels_last))
        return scores[..., :rows, :cols]

    def on_fit_start(self) -> None:
        """Give the encoder its pretrained weights, unless a checkpoint has brought what the network has learnt.

        Here and not in the constructor: loading a checkpoint must not fetch them again.
        """
        if not self._has_learnt:
            load_pretrained(self.segmenter, self.network_options, self.hparams["bands"])
        self._has_learnt = True

    def on_train_start(self) -> None:
        """Make sure that the schedule of a run that goes on does not end before it.

        Raises:
            InputError: if it does.
        """
        check_length(self.lr_schedulers(), self.trainer.estimated_stepping_batches)

    def training_step(self, batch: Sample, index: int) -> Tensor:
        """Return the loss of one batch."""
        loss = self._loss_of(self(batch.image), batch)
        size = len(batch.image)
        self.log("loss", loss, prog_bar=True, on_step=True, on_epoch=True, batch_size=size, sync_dist=True)
        return loss

    def validation_step(self, batch: Sample, index: int) -> None:
        """Add a batch to the loss and to the counts of where map and labels agree."""
        scores = self(batch.image)
        self.validation_loss.update(self._loss_of(scores, batch), weight=len(batch.image))
        self.confusion.update(scores.argmax(dim=1), batch.labels - 1)

    def on_validation_epoch_end(self) -> None:
        """Log the figures that choose the best checkpoint, over all devices.

        The score is the mean of accuracy and macro IoU.
        """
        self.log(MONITORED, self.validation_loss.compute(), prog_bar=True)
        figures = self._validation_figures()
        accuracy, mean_iou = figures.overall_accuracy or 0.0, figures.mean_iou or 0.0
        values = {"accuracy": accuracy, "mean_iou": mean_iou, "mean_f1": figures.macro_f1 or 0.0}
        self.log_dict({**values, "score": (accuracy + mean_iou) / 2}, prog_bar=True)
        self.validation_loss.reset()
        self.confusion.reset()

    def test_step(self, batch: Sample, index: int) -> Tensor:
        """Return position in the legend plus 1, shape (batch, rows, cols); `EvaluationReport` counts it."""
        scores = mean_over_views(self, batch.image) if self.test_time_augmentation else self(batch.image)
        found: Tensor = scores.argmax(dim=1) + 1
        return found

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """Return the optimiser and its schedule."""
        interval = self.trainer.check_val_every_n_epoch or 1
        return configure(self.segmenter, self.optimiser_options, self.trainer.estimated_stepping_batches, interval)

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Make sure that a checkpoint fits the dataset; its numbers would load and mean something else.

        Raises:
            DatasetError: if bands or classes differ.
        """
        learnt = checkpoint["hyper_parameters"]
        legend = Legend.from_json(json.loads(learnt["classes"]))
        pairs = {
            "bands": (learnt["bands"], self.hparams["bands"]),
            "values": ([learnt["values"]], [self.hparams["values"]]),
            "classes": [[f"{item.value} {item.name}" for item in side] for side in (legend, self.legend)],
        }
        for name, (before, now) in pairs.items():
            if list(before) != list(now):
                raise DatasetError(
                    f"The checkpoint was trained on other {name} than the dataset has: {', '.join(before)} instead of "
                    f"{', '.join(now)}. Use a dataset of the same kind."
                )
        self._has_learnt = True

    def _loss_of(self, scores: Tensor, batch: Sample) -> Tensor:
        soft = batch.probabilities if batch.probabilities.shape[1] else None
        loss: Tensor = self.loss(scores, batch.labels, soft)
        return loss

    def _validation_figures(self) -> HeadlineFigures:
        # torchmetrics counts truth by row; the package counts the map by row.
        counts = self.confusion.compute().cpu().numpy().T
        return headline_figures(ConfusionMatrix(self.legend, counts))

    def _start_from(self, path: Path) -> None:
        try:
            checkpoint = torch.load(path, map_location="cpu", weights_only=True)
            self.on_load_checkpoint(checkpoint)
            self.load_state_dict(checkpoint["state_dict"])
        except (OSError, RuntimeError, KeyError, UnpicklingError) as error:
            raise ModelError(
                f"Training cannot start from {path} ({error}); give a .ckpt of 'fit' with the same network options."
            ) from error


def _options(kind: type[_Options], given: Any) -> _Options:
    """Return options, which a checkpoint keeps as plain values."""
    return kind(**given) if isinstance(given, Mapping) else given


def _check_size(tile_size: int, step: int) -> None:
    if tile_size < step:
        raise DatasetError(
            f"Tiles of {tile_size} pixels are too small for this network, which needs {step} at least. Cut larger "
            "tiles, or choose a network of less depth."
        )


def _padded(image: Tensor, step: int) -> Tensor:
    """Return images with mirrored rows and columns added below and to the right, up to a multiple of `step`."""
    rows, cols = (-size % step for size in image.shape[-2:])
    return pad(image, (0, cols, 0, rows), mode="reflect") if rows or cols else image
