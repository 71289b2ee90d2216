# SPDX-License-Identifier: GPL-2.0-or-later
"""What a network learns from: tiles and batches of them."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor


class Sample(NamedTuple):
    """One tile, or a batch of them with one more dimension in front.

    Attributes:
        image: reflectance, float32, shape (bands, rows, cols).
        labels: position in the legend plus 1, int64, shape (rows, cols); 0 is no label.
        probabilities: soft labels, float32, shape (classes, rows, cols); of no classes if the dataset has none.
        split: the tile's split.
        place: the tile's spatial group.
        id: the tile's file name without ending.
    """

    image: Tensor
    labels: Tensor
    probabilities: Tensor
    split: str
    place: str
    id: str = ""
