# SPDX-License-Identifier: GPL-2.0-or-later
"""Prediction beside truth: some validation tiles as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from s2landcover_plugin.core.legend import Legend
from s2landcover_plugin.core.outputs import staged

from ..data.module import TileData
from ..data.pictures import WHITE, Colours, Look, Picture, label_colours
from ..data.tiles import TileDataset
from .module import SegmentationModule
from .run_folder import run_folder

PICTURE = "predictions.png"

_TITLES = ("image", "labels", "prediction", "differences")

_UNLABELLED, _RIGHT, _WRONG = np.array([WHITE, (226, 232, 226), (200, 30, 40)], dtype=np.uint8)


@dataclass(frozen=True)
class Prediction:
    """One tile and what a network makes of it.

    Attributes:
        title: name of its place.
        image: what is shown of it.
        labels: position in the legend plus 1, shape (rows, cols); 0 is no label.
        predicted: the same of the network.
    """

    title: str
    image: Picture
    labels: NDArray[np.int64]
    predicted: NDArray[np.int64]


class PredictionPictures(Callback):
    """Writes `predictions.png` into the run's folder when training has ended.

    Args:
        tiles: how many validation tiles to show, spread over all of them.
    """

    def __init__(self, tiles: int = 6) -> None:
        self._tiles = tiles

    def on_fit_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Predict and draw, with the weights that training ended with."""
        folder, data = run_folder(trainer), getattr(trainer, "datamodule", None)
        if folder is None or not trainer.is_global_zero or not isinstance(data, TileData) or not self._tiles:
            return
        if isinstance(pl_module, SegmentationModule):
            folder.mkdir(parents=True, exist_ok=True)
            with staged(folder / PICTURE) as path:
                draw(predictions(pl_module, data, self._tiles), pl_module.legend).savefig(path, format="png")


@torch.inference_mode()
def predictions(module: SegmentationModule, data: TileData, count: int) -> list[Prediction]:
    """Return some validation tiles, evenly spread, and what a network makes of them."""
    tiles = data.info.split("validation")
    chosen = np.linspace(0, len(tiles) - 1, min(count, len(tiles))).astype(int)
    dataset = TileDataset(data.folder, data.info, tiles)
    was_training = module.training
    module.eval()
    found = []
    for index in chosen:
        sample = dataset[int(index)]
        scores = module(sample.image.unsqueeze(0).to(module.device))
        predicted = scores[0].argmax(dim=0).cpu().numpy() + 1
        shown = Look.of(data.info, sample.image.unsqueeze(0)).picture(sample.image)
        found.append(Prediction(sample.place, shown, sample.labels.numpy(), predicted))
    module.train(was_training)
    return found


def draw(rows: Sequence[Prediction], legend: Legend) -> Figure:
    """Return a figure with a row a tile: image, labels, prediction, and where these two differ."""
    figure = Figure(figsize=(10, 2.6 * len(rows) + 0.3 * len(legend) / 4 + 0.6), dpi=100, layout="constrained")
    palette = label_colours(legend)
    for number, (axes, row) in enumerate(zip(figure.subplots(len(rows), len(_TITLES), squeeze=False), rows)):
        pictures = [row.image, palette[row.labels], palette[row.predicted], _differences(row)]
        for place, title, picture in zip(axes, _TITLES, pictures):
            _show(place, title if number == 0 else "", picture)
        axes[0].set_ylabel(f"place {row.title}", fontsize=8)
    patches = [_patch(palette[position], item.name) for position, item in enumerate(legend, start=1)]
    patches.append(_patch(_WRONG, "differs"))
    figure.legend(handles=patches, loc="outside lower center", ncols=4, fontsize=8, frameon=False)
    return figure


def _show(axes: Axes, title: str, picture: Any) -> None:
    axes.imshow(picture, interpolation="nearest")
    axes.set_title(title, fontsize=10)
    axes.set_xticks([])
    axes.set_yticks([])


def _patch(colour: Colours, label: str) -> Patch:
    red, green, blue = (float(value) / 255 for value in colour)
    return Patch(color=(red, green, blue), label=label)


def _differences(row: Prediction) -> Colours:
    differs = row.labels != row.predicted
    colours = np.where(differs[..., np.newaxis], _WRONG, _RIGHT)
    result: Colours = np.where((row.labels > 0)[..., np.newaxis], colours, _UNLABELLED)
    return result
