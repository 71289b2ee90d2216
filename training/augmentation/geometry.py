# SPDX-License-Identifier: GPL-2.0-or-later
"""Changes of place: image, labels and soft labels move together."""

from __future__ import annotations

import math

import torch
from kornia.geometry.transform import get_rotation_matrix2d, warp_affine
from torch import Tensor

from ..data.samples import Sample
from .options import AugmentationOptions


def no_data(batch: Sample) -> Tensor:
    """Return which pixels hold no data, shape (batch, rows, cols): 0 in every band and without label."""
    return (batch.image == 0).all(dim=1) & (batch.labels == 0)


def randomly_turned(batch: Sample) -> Sample:
    """Return a batch whose tiles are each rotated by a random number of right angles, and mirrored half of the time."""
    count = len(batch.image)
    quarters, mirrored = torch.randint(4, (count,)).tolist(), (torch.rand(count) < 0.5).tolist()

    def turned(part: Tensor) -> Tensor:
        return torch.stack([_turned(tile, *how) for tile, *how in zip(part, quarters, mirrored)])

    return _replaced(batch, turned(batch.image), turned(batch.labels), turned(batch.probabilities))


def randomly_cropped(batch: Sample, size: int) -> Sample:
    """Return a batch of smaller tiles, each cut from a random place of its tile.

    Args:
        batch: tiles of at least the size.
        size: height and width of the new tiles, pixels.
    """
    rows, cols = batch.labels.shape[-2:]
    tops = torch.randint(rows - size + 1, (len(batch.image),)).tolist()
    lefts = torch.randint(cols - size + 1, (len(batch.image),)).tolist()

    def cropped(part: Tensor) -> Tensor:
        corners = zip(part, tops, lefts)
        return torch.stack([tile[..., top : top + size, left : left + size] for tile, top, left in corners])

    return _replaced(batch, cropped(batch.image), cropped(batch.labels), cropped(batch.probabilities))


def randomly_resampled(batch: Sample, options: AugmentationOptions, size: int) -> Sample:
    """Return a batch of tiles that are zoomed and rotated at random, of another size.

    Images are interpolated between pixels and mirrored beyond the tile's edge. Labels are those of the nearest pixel.
    There are none beyond the edge, nor where a pixel without data takes part; the image is 0 there.

    Args:
        batch: square tiles.
        options: how far to zoom and to rotate.
        size: height and width of the new tiles, pixels.
    """
    matrix = _random_affine(batch, options, size)
    valid = (~no_data(batch)).unsqueeze(1).float()
    image, weight = _split(
        warp_affine(torch.cat([batch.image, valid], 1), matrix, (size, size), "bilinear", "reflection")
    )
    truth = torch.cat([batch.probabilities, batch.labels.unsqueeze(1).float()], 1)
    probabilities, labels = _split(warp_affine(truth, matrix, (size, size), "nearest", "zeros"))
    whole = weight > 0.999
    return _replaced(batch, image * whole, (labels * whole).squeeze(1).round().long(), probabilities * whole)


def _random_affine(batch: Sample, options: AugmentationOptions, size: int) -> Tensor:
    """Return matrices from pixels of the tiles to those of the new ones, shape (batch, 2, 3).

    The part of a tile that is shown lies anywhere in it, or in its middle if it is larger than the tile.
    """
    count, width, device = len(batch.image), batch.image.shape[-1], batch.image.device
    low, high = (math.log(zoom) for zoom in options.scale)
    zoom = torch.exp(low + (high - low) * torch.rand(count, 1, device=device))
    angle = options.rotation * (2.0 * torch.rand(count, device=device) - 1.0)
    room = (width - size / zoom).clamp_min(0.0)
    centre = (width - 1) / 2 + (torch.rand(count, 2, device=device) - 0.5) * room
    matrix = get_rotation_matrix2d(centre, angle, zoom.expand(-1, 2))
    matrix[:, :, 2] += (size - 1) / 2 - centre
    return matrix


def _split(stack: Tensor) -> tuple[Tensor, Tensor]:
    """Return all channels but the last, and the last, of (batch, channels, rows, cols)."""
    return stack[:, :-1], stack[:, -1:]


def _replaced(batch: Sample, image: Tensor, labels: Tensor, probabilities: Tensor) -> Sample:
    return batch._replace(image=image, labels=labels, probabilities=probabilities)


def _turned(tensor: Tensor, quarter_turns: int, mirrored: bool) -> Tensor:
    """Return a tensor, shape (..., rows, cols), rotated by right angles and then mirrored left to right."""
    tensor = torch.rot90(tensor, quarter_turns, (-2, -1))
    return tensor.flip(-1) if mirrored else tensor
