# SPDX-License-Identifier: GPL-2.0-or-later
"""Test-time augmentation: what a network makes of an image on the average of its flips and turns."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

_ROWS, _COLS = 2, 3


def mean_over_views(network: Callable[[Tensor], Tensor], image: Tensor) -> Tensor:
    """Return mean class probabilities over the eight flips and right-angle turns of an image.

    Args:
        network: gives class scores, shape (batch, classes, rows, cols).
        image: shape (batch, bands, rows, cols).

    Returns:
        Probabilities, shape (batch, classes, rows, cols).
    """
    total = torch.zeros((), device=image.device)
    for turns in range(4):
        turned = torch.rot90(image, turns, (_ROWS, _COLS))
        upright, mirrored = (network(view).softmax(dim=1) for view in (turned, turned.flip(_COLS)))
        total = total + torch.rot90(upright + mirrored.flip(_COLS), -turns, (_ROWS, _COLS))
    return total / 8
