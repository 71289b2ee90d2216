# SPDX-License-Identifier: GPL-2.0-or-later
"""Tiles of a dataset through a model file: what its numbers range over, and how well its maps agree with the labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from s2landcover_plugin.core.accuracy.figures import ConfusionMatrix, headline_figures
from s2landcover_plugin.core.errors import DatasetError
from s2landcover_plugin.core.models.contract import ModelContract
from s2landcover_plugin.core.models.inference import load_model
from s2landcover_plugin.core.models.session import SessionRequest
from s2landcover_plugin.core.progress import Progress
from s2landcover_plugin.core.radiometry import FloatArray
from s2landcover_plugin.core.tiling.dataset import DatasetInfo, TileRecord

from ..data.tiles import TileDataset
from .parity import as_the_graph_takes_it


@dataclass(frozen=True)
class Agreement:
    """How maps agree with the labels of held-out tiles.

    Attributes:
        split: of the tiles.
        tiles: number of them.
        overall_accuracy: share of labelled pixels that the map gives the class of the label; None without any.
        mean_iou: mean intersection over union over the classes present in the labels.
    """

    split: str
    tiles: int
    overall_accuracy: float | None
    mean_iou: float | None

    def lost(self, full: Agreement) -> Agreement:
        """Return how much less it is than `full`."""
        return replace(
            self,
            overall_accuracy=_less(full.overall_accuracy, self.overall_accuracy),
            mean_iou=_less(full.mean_iou, self.mean_iou),
        )

    def to_text(self) -> str:
        """Return the figures in one line."""
        shown = (
            "-" if value is None else f"{round(value, 4) + 0.0:.4f}" for value in (self.overall_accuracy, self.mean_iou)
        )
        return "accuracy {}, macro IoU {}".format(*shown)

    def to_json(self) -> dict[str, Any]:
        """Return the figures for the contract's provenance."""
        return asdict(self)


def _less(whole: float | None, part: float | None) -> float | None:
    return None if whole is None or part is None else whole - part


@dataclass(frozen=True)
class ModelTiles:
    """The tiles of a dataset that a model fits.

    Attributes:
        folder: of the dataset.
        info: what it says about itself.
        contract: the model's.

    Raises:
        DatasetError: if the bands, values or classes are not the model's.
    """

    folder: Path
    info: DatasetInfo
    contract: ModelContract

    def __post_init__(self) -> None:
        pairs = {
            "bands": (self.info.bands, self.contract.bands),
            "values": (self.info.values, self.contract.values),
            "classes": (self.info.legend and self.info.legend.names, self.contract.legend.names),
        }
        for name, (found, wanted) in pairs.items():
            if found != wanted:
                raise DatasetError(
                    f"The {name} of {self.folder} are {found}, and those of the model {wanted}; give the dataset that "
                    "the model was trained on."
                )

    def for_calibration(self, count: int, seed: int) -> tuple[TileRecord, ...]:
        """Return training tiles chosen at random, `count` at most."""
        tiles = self.info.split("train")
        chosen = np.random.default_rng(seed).permutation(len(tiles))[:count]
        return tuple(tiles[index] for index in sorted(chosen))

    @property
    def held_out(self) -> tuple[TileRecord, ...]:
        """The test tiles; without any, those for validation."""
        return self.info.split("test") or self.info.split("validation")

    def read(self, tiles: tuple[TileRecord, ...]) -> Iterator[tuple[FloatArray, np.ndarray[Any, np.dtype[np.int64]]]]:
        """Yield each tile as the network takes it, and its labels.

        Yields:
            The image, 0-1, shape (1, bands, rows, cols), mirrored below and to the right up to a size that the network
            takes; and positions in the legend plus 1, shape (rows, cols) of the tile, 0 for no label.
        """
        dataset = TileDataset(self.folder, self.info, tiles)
        for index in range(len(tiles)):
            sample = dataset[index]
            image = sample.image.numpy()
            rows, cols = (-size % self.contract.size_multiple for size in image.shape[1:])
            yield np.pad(image, ((0, 0), (0, rows), (0, cols)), mode="symmetric")[np.newaxis], sample.labels.numpy()

    def agreement(self, path: Path, progress: Progress) -> Agreement:
        """Return how the maps of a model file agree with the labels of the held-out tiles.

        The plugin's own code runs the model.

        Raises:
            ModelError: if it cannot.
        """
        tiles, size = self.held_out, len(self.contract.legend)
        model = load_model(path, SessionRequest("cpu", "accurate"))
        counts = np.zeros((size, size), dtype=np.int64)
        for number, (image, labels) in enumerate(self.read(tiles), start=1):
            probabilities = model.predict(as_the_graph_takes_it(image, self.contract), progress.check)
            found = probabilities[0, :, : labels.shape[0], : labels.shape[1]].argmax(axis=0)
            labelled = labels > 0
            np.add.at(counts, (found[labelled], labels[labelled] - 1), 1)
            progress.fraction(number / len(tiles))
        figures = headline_figures(ConfusionMatrix(self.contract.legend, counts))
        split = tiles[0].split if tiles else ""
        return Agreement(split, len(tiles), figures.overall_accuracy, figures.mean_iou)
