# SPDX-License-Identifier: GPL-2.0-or-later
"""Filters learnt on some bands, for other bands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from .base import SegmentationNetwork

RGB = ("B04", "B03", "B02")
"""Red, green and blue by Sentinel-2's names, in the order of ImageNet's channels."""


def filters_for_bands(filters: Tensor, learnt: Sequence[str], bands: Sequence[str]) -> Tensor:
    """Return filters for `bands` from filters that were learnt on others.

    A band that was learnt gets its own filter, any other the mean of all. All are scaled by the number of bands before
    over that after: what is equally bright in all bands keeps its activations, exactly where no band is left out. Bands
    of a scene rise and fall together, so that the activations of real scenes keep about their size.

    Args:
        filters: shape (outputs, len(learnt), rows, cols).
        learnt: ids of the bands that the filters were learnt on.
        bands: ids of the bands they are wanted for.

    Returns:
        Shape (outputs, len(bands), rows, cols).
    """
    position = {band: number for number, band in enumerate(learnt)}
    mean = filters.mean(dim=1)
    chosen = [filters[:, position[band]] if band in position else mean for band in bands]
    return torch.stack(chosen, dim=1) * (len(learnt) / len(bands))


def first_convolutions(network: SegmentationNetwork, bands: int) -> list[str]:
    """Return the names, within the encoder's body, of the convolutions that look at the image itself."""
    like = next(network.parameters())
    image = like.new_zeros(1, bands, 2 * network.size_multiple, 2 * network.size_multiple)
    found: list[str] = []

    def watch(name: str, convolution: nn.Module) -> Any:
        def note(_: nn.Module, given: tuple[Tensor, ...]) -> None:
            if given[0] is image:
                found.append(name)

        return convolution.register_forward_pre_hook(note)

    parts = network.encoder_body.named_modules()
    watches = [watch(name, part) for name, part in parts if isinstance(part, nn.Conv2d)]
    training = network.training
    with torch.no_grad():
        network.eval()(image)
    network.train(training)
    for handle in watches:
        handle.remove()
    return found
