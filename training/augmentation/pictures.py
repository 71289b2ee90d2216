# SPDX-License-Identifier: GPL-2.0-or-later
"""What augmentation makes of a dataset's tiles, to look at before training."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray

from s2landcover_plugin.core.datasets.thumbnails import shown_bands
from s2landcover_plugin.core.errors import DatasetError
from s2landcover_plugin.core.legend import Legend
from s2landcover_plugin.core.outputs import staged
from s2landcover_plugin.core.tiling.dataset import DatasetInfo

from ..data.samples import Sample
from ..data.tiles import TileDataset
from .batches import BatchAugmentation
from .options import AugmentationOptions

Picture = NDArray[np.float32]

_NOTHING = AugmentationOptions(turn=False, illumination=0.0, band_gain=0.0)
# A change that may or may not happen to a tile is shown as happening.
_SHOWN_ALWAYS = ("shadow", "cutmix", "classmix", "copy_paste")
_CLIPPED = (0.02, 0.98)  # shares of pixels that are shown as black, and as white above
_GAMMA = 0.7
_GAP = 2


@dataclass(frozen=True)
class AugmentationPicture:
    """What to draw.

    Attributes:
        folder: the dataset folder.
        options: the changes.
        output: PNG file to write.
        tiles: how many training tiles to show, spread over all of them.
        seed: of the random numbers.
    """

    folder: Path
    options: AugmentationOptions
    output: Path
    tiles: int = 5
    seed: int = 0


def write_picture(request: AugmentationPicture) -> None:
    """Draw tiles as they are, after each change by itself, and after all together.

    Raises:
        DatasetError: if the folder is no dataset with labels and training tiles, or the options do not fit it.
    """
    info = DatasetInfo.read(request.folder)
    if info.legend is None or not info.split("train"):
        raise DatasetError(f"{request.folder} has no labels or no training tile; there is nothing to show.")
    batch = _batch(request.folder, info, request.tiles)
    look = _Look.of(batch, info, info.legend)
    figure = Figure(figsize=(1 + 2.2 * len(batch.image), 1), dpi=100, layout="constrained")
    rows = [("as they are", batch)]
    for name, options in _one_by_one(request.options):
        torch.manual_seed(request.seed)
        rows.append((name, BatchAugmentation(options, info)(batch)))
    figure.set_figheight(1.15 * len(rows))
    _draw(figure, rows, look)
    with staged(request.output) as path:
        figure.savefig(path, format="png")


def _batch(folder: Path, info: DatasetInfo, count: int) -> Sample:
    tiles = info.split("train")
    chosen = sorted({int(place) for place in np.linspace(0, len(tiles) - 1, max(count, 1))})
    dataset = TileDataset(folder, info, tuple(tiles[place] for place in chosen))
    image, labels, probabilities = (
        torch.stack(column) for column in zip(*(dataset[index][:3] for index in range(len(chosen))))
    )
    return Sample(image, labels, probabilities, "train", "")


def _one_by_one(options: AugmentationOptions) -> Iterator[tuple[str, AugmentationOptions]]:
    """Yield each change by itself with its name, and all together."""
    for field in fields(options):
        value = getattr(options, field.name)
        if value != getattr(_NOTHING, field.name):
            alone: dict[str, Any] = {field.name: 1.0 if field.name in _SHOWN_ALWAYS else value}
            yield f"{field.name}\n{_text(value)}", replace(_NOTHING, **alone)
    yield "all together", options


def _text(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


@dataclass(frozen=True)
class _Look:
    """How tiles become pictures, the same before and after: bands shown, their black and white, colours of labels."""

    bands: list[int]
    black: Picture
    white: Picture
    colours: Picture

    @classmethod
    def of(cls, batch: Sample, info: DatasetInfo, legend: Legend) -> _Look:
        bands = shown_bands(info)
        pixels = batch.image[:, bands].numpy()
        black, white = np.quantile(pixels, _CLIPPED, axis=(0, 2, 3)).astype(np.float32)
        white = np.maximum(white, black + np.float32(1e-3))
        colours = [(255, 255, 255), *(legend.colours[value][:3] for value in legend.values)]
        return cls(bands, black, white, np.array(colours, dtype=np.float32) / np.float32(255))

    def picture(self, batch: Sample, index: int) -> Picture:
        """Return image and labels of one tile side by side, 0-1, shape (rows, cols, 3)."""
        image = batch.image[index, self.bands].numpy().transpose(1, 2, 0)
        shown = np.clip((image - self.black) / (self.white - self.black), 0, 1) ** _GAMMA
        gap = np.ones((len(shown), _GAP, 3), dtype=np.float32)
        return np.hstack([shown, gap, self.colours[batch.labels[index].numpy()]])


def _draw(figure: Figure, rows: list[tuple[str, Sample]], look: _Look) -> None:
    """Draw a row for each change and a column for each tile."""
    axes = figure.subplots(len(rows), len(rows[0][1].image), squeeze=False)
    for (name, batch), places in zip(rows, axes):
        places[0].set_ylabel(name, fontsize=8, rotation=0, ha="right", va="center")
        for index, place in enumerate(places):
            place.imshow(look.picture(batch, index), interpolation="nearest")
            place.set_xticks([])
            place.set_yticks([])
