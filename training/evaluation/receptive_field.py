# SPDX-License-Identifier: GPL-2.0-or-later
"""How far a trained network looks, and what windows should overlap."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from s2landcover_plugin.core.errors import DatasetError
from s2landcover_plugin.core.tiling.dataset import DatasetInfo

from ..data.tiles import TileDataset
from ..fitting.checkpoints import load_module
from ..fitting.module import SegmentationModule
from ..networks.receptive_field import (
    LIMIT,
    SHARE,
    Context,
    choose_context,
    distance_of,
    energy_within,
    random_images,
    theoretical_reach,
)

_SHARES = (0.5, 0.9, 0.95, SHARE, 0.999)


@dataclass(frozen=True)
class FieldReport:
    """The receptive field of a network.

    Attributes:
        architecture: of the network, for people.
        theoretical: how far anything can matter, pixels; None if that is beyond `LIMIT`.
        effective: share of the gradient's energy and the distance within which it lies, pixels.
        images: what the effective field was measured on, for people.
        context: what windows should overlap.
    """

    architecture: str
    theoretical: int | None
    effective: tuple[tuple[float, int], ...]
    images: str
    context: Context

    def to_text(self) -> str:
        """Return the report as lines of text."""
        reach = f"more than {LIMIT}" if self.theoretical is None else str(self.theoretical)
        lines = [
            f"{self.architecture}: pixels to every side that a pixel's scores depend on",
            f"theoretical receptive field: {reach}",
            f"effective receptive field, measured on {self.images}:",
            *(f"  {share:6.1%} of the gradient's energy: {pixels}" for share, pixels in self.effective),
            f"windows should overlap by {self.context.pixels}: {self.context.basis}",
        ]
        return "\n".join(lines)


def report_field(checkpoint: Path, folder: Path | None = None, tiles: int = 16) -> FieldReport:
    """Measure the receptive field of a trained network.

    Args:
        checkpoint: of `fit`.
        folder: dataset whose held-out tiles show what the network looks at; noise if None.
        tiles: how many of them at most.

    Raises:
        InputError: if the checkpoint cannot be read.
        DatasetError: if the dataset cannot be used, or has other bands.
    """
    module = load_module(checkpoint)
    network, bands, tile_size = module.segmenter, len(module.hparams["bands"]), int(module.hparams["tile_size"])
    images = random_images(network, bands, tile_size) if folder is None else held_out_images(module, folder, tiles)
    shown = "noise" if folder is None else f"{len(images)} held-out tiles"
    within = energy_within(network, images)
    theoretical = theoretical_reach(network, bands)
    return FieldReport(
        module.network_options.describe(),
        theoretical,
        tuple((share, distance_of(within, share)) for share in _SHARES),
        shown,
        choose_context(theoretical, lambda: distance_of(within, SHARE), tile_size, shown),
    )


def held_out_images(module: SegmentationModule, folder: Path, most: int = 16) -> Tensor:
    """Return held-out tiles, normalised, as large as the network takes them, shape (images, bands, rows, cols).

    Args:
        module: whose network is to look at them.
        folder: of the dataset.
        most: how many at most.

    Raises:
        DatasetError: if the dataset cannot be used, has other bands, or no tile held out.
    """
    info = DatasetInfo.read(folder)
    if list(info.bands) != list(module.hparams["bands"]):
        raise DatasetError(
            f"{folder} has the bands {', '.join(info.bands)}; the network learnt {', '.join(module.hparams['bands'])}: "
            "give the dataset that the model was trained on."
        )
    held_out = (info.split("validation") + info.split("test"))[:most]
    if not held_out:
        raise DatasetError(f"{folder} has no tile held out for validation or test.")
    dataset = TileDataset(folder, info, held_out)
    step = module.segmenter.size_multiple
    size = info.tile_size // step * step
    images = torch.stack([dataset[number].image[..., :size, :size] for number in range(len(dataset))])
    with torch.no_grad():
        normalised: Tensor = module.network[0](images)
    return normalised
