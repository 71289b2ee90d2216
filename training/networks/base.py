# SPDX-License-Identifier: GPL-2.0-or-later
"""What every network of the package has in common."""

from __future__ import annotations

from torch import nn


class SegmentationNetwork(nn.Module):
    """From normalised bands to class scores, of the same height and width.

    Subclasses keep what looks at the image in `encoder`, which may learn at another rate than the rest or be frozen.

    Args:
        size_multiple: rows and cols must be multiples of it, pixels.

    Shape:
        (batch, bands, rows, cols) to (batch, classes, rows, cols).
    """

    encoder: nn.Module

    def __init__(self, size_multiple: int) -> None:
        super().__init__()
        self.size_multiple = size_multiple
