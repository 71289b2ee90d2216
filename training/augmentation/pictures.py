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

from s2landcover_plugin.core.errors import DatasetError
from s2landcover_plugin.core.outputs import staged
from s2landcover_plugin.core.tiling.dataset import DatasetInfo

from ..data.pictures import Colours, Look, Picture, label_colours
from ..data.samples import Sample
from ..data.tiles import TileDataset
from .batches import BatchAugmentation
from .options import AugmentationOptions

_NOTHING = AugmentationOptions(turn=False, illumination=0.0, band_gain=0.0)
# A change that may or may not happen to a tile is shown as happening.
_SHOWN_ALWAYS = ("shadow", "cutmix", "classmix", "copy_paste")
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
    look, colours = Look.of(info, batch.image), label_colours(info.legend)
    figure = Figure(figsize=(1 + 2.2 * len(batch.image), 1), dpi=100, layout="constrained")
    rows = [("as they are", batch)]
    for name, options in _one_by_one(request.options):
        torch.manual_seed(request.seed)
        rows.append((name, BatchAugmentation(options, info)(batch)))
    figure.set_figheight(1.15 * len(rows))
    _draw(figure, [(name, _beside_labels(batch, look, colours)) for name, batch in rows])
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


def _beside_labels(batch: Sample, look: Look, colours: Colours) -> list[Picture]:
    """Return each image with its labels to the right."""
    gap = np.ones((batch.image.shape[-2], _GAP, 3), dtype=np.float32)
    labels = colours[batch.labels.numpy()] / np.float32(255)
    return [np.hstack([look.picture(image), gap, label]) for image, label in zip(batch.image, labels)]


def _draw(figure: Figure, rows: list[tuple[str, list[Picture]]]) -> None:
    """Draw a row for each change and a column for each tile."""
    axes = figure.subplots(len(rows), len(rows[0][1]), squeeze=False)
    for (name, pictures), places in zip(rows, axes):
        places[0].set_ylabel(name, fontsize=8, rotation=0, ha="right", va="center")
        for place, picture in zip(places, pictures):
            place.imshow(picture, interpolation="nearest")
            place.set_xticks([])
            place.set_yticks([])
