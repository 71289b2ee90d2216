# SPDX-License-Identifier: GPL-2.0-or-later
"""Tiles with parts of other tiles of their batch: pixels, labels and soft labels together.

Whole pixels are laid over others; blends of two tiles, as in MixUp, would show reflectances that no one class has. Each
tile has one donor, the tile some random number of places further on in the batch.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ..data.samples import Sample


def with_rectangles(batch: Sample, chance: float) -> Sample:
    """Return a batch in which, by chance, a rectangle of a tile comes from its donor.

    CutMix: Yun et al. (2019), https://doi.org/10.1109/ICCV.2019.00612.
    """
    count, rows, cols = batch.labels.shape
    # The share of the area is uniform from 0 to 1, before the tile's edge cuts the rectangle.
    side = torch.rand(count, 1, device=batch.labels.device).sqrt()
    mask = _span(side, rows).unsqueeze(2) & _span(side, cols).unsqueeze(1)
    return _laid_over(batch, _donors(batch), mask, chance)


def with_classes(batch: Sample, chance: float, classes: int) -> Sample:
    """Return a batch in which, by chance, half of the classes of the donor, rounded up, are laid over a tile.

    ClassMix: Olsson et al. (2021), https://doi.org/10.1109/WACV48630.2021.00141.

    Args:
        batch: the tiles.
        chance: of each tile, 0-1.
        classes: number of classes of the legend.
    """
    donors = _donors(batch)
    present = _present(donors.labels, classes)
    draws = torch.rand(present.shape, device=present.device) * present
    rank = draws.argsort(dim=1, descending=True).argsort(dim=1)
    chosen = present & (rank < (present.sum(dim=1, keepdim=True) + 1) // 2)
    mask = chosen.gather(1, donors.labels.flatten(1)).reshape(donors.labels.shape)
    return _laid_over(batch, donors, mask, chance)


def with_rare_classes(batch: Sample, chance: float, class_pixels: Sequence[int]) -> Sample:
    """Return a batch in which, by chance, the donor's rare classes are laid over more frequent ones of a tile.

    In the spirit of copy-paste, with land cover for objects: Ghiasi et al. (2021),
    https://doi.org/10.1109/CVPR46437.2021.00294. A class is rare if it has fewer pixels than the mean class. Pixels
    without label count as more frequent than any class.

    Args:
        batch: the tiles.
        chance: of each tile, 0-1.
        class_pixels: labelled pixels of each class in the training tiles.
    """
    pixels = torch.tensor([float("inf"), *class_pixels], device=batch.labels.device)
    present = pixels[1:][pixels[1:] > 0]
    donors = _donors(batch)
    given, there = pixels[donors.labels], pixels[batch.labels]
    return _laid_over(batch, donors, (given < present.mean()) & (given < there), chance)


def _donors(batch: Sample) -> Sample:
    shift = int(torch.randint(1, max(len(batch.labels), 2), ()))
    image, labels, probabilities = (part.roll(shift, 0) for part in (batch.image, batch.labels, batch.probabilities))
    return batch._replace(image=image, labels=labels, probabilities=probabilities)


def _laid_over(batch: Sample, donors: Sample, mask: Tensor, chance: float) -> Sample:
    """Return tiles that, by chance, show their donors where the mask, shape (batch, rows, cols), says so."""
    mask = mask & (torch.rand(len(mask), 1, 1, device=mask.device) < chance)
    bands = mask.unsqueeze(1)
    return batch._replace(
        image=torch.where(bands, donors.image, batch.image),
        labels=torch.where(mask, donors.labels, batch.labels),
        probabilities=torch.where(bands, donors.probabilities, batch.probabilities),
    )


def _span(side: Tensor, size: int) -> Tensor:
    """Return the pixels of a line that spans of a relative length around random places cover, shape (batch, size)."""
    centre = torch.rand(len(side), 1, device=side.device) * size
    place = torch.arange(size, device=side.device) + 0.5
    return (place - centre).abs() < side * size / 2


def _present(labels: Tensor, classes: int) -> Tensor:
    """Return which labels are in each tile, shape (batch, classes + 1); "no label", the first, never is."""
    found = torch.zeros(len(labels), classes + 1, device=labels.device)
    found.scatter_(1, labels.flatten(1), 1.0)
    found[:, 0] = 0.0
    return found > 0
