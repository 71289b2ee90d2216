# SPDX-License-Identifier: GPL-2.0-or-later
"""Tiles and labels in colours, for pictures of what a network sees and says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from s2landcover_plugin.core.datasets.thumbnails import shown_bands
from s2landcover_plugin.core.legend import Legend
from s2landcover_plugin.core.tiling.dataset import DatasetInfo
from s2landcover_plugin.core.tiling.storage import STORED

Picture = NDArray[np.float32]
"""Red, green and blue, 0-1, shape (rows, cols, 3)."""

Colours = NDArray[np.uint8]
"""Red, green and blue, 0-255, in the last dimension."""

WHITE = (255, 255, 255)
"""The colour of pixels without a label."""

_CLIPPED = (0.02, 0.98)  # shares of pixels that are shown as black, and as white above
_LEAST_CONTRAST = 1e-3


@dataclass(frozen=True, eq=False)
class Look:
    """How images become pictures, so that several can be shown alike.

    Attributes:
        bands: positions of the bands that are shown as red, green and blue.
        black: what is shown as black, of each of them.
        white: what is shown as white.
        gamma: power that brightens what lies between.
    """

    bands: list[int]
    black: NDArray[np.float32]
    white: NDArray[np.float32]
    gamma: float

    @classmethod
    def of(cls, info: DatasetInfo, images: Tensor) -> Look:
        """Return a look that suits some images of a dataset, shape (n, bands, rows, cols)."""
        bands = shown_bands(info.bands, info.values)
        if info.values == STORED:  # made to be looked at
            return cls(bands, np.zeros(3, np.float32), np.ones(3, np.float32), 1.0)
        black, white = np.quantile(images[:, bands].numpy(), _CLIPPED, axis=(0, 2, 3)).astype(np.float32)
        return cls(bands, black, np.maximum(white, black + np.float32(_LEAST_CONTRAST)), 0.5)

    def picture(self, image: Tensor) -> Picture:
        """Return the picture of one image, shape (bands, rows, cols)."""
        pixels = image[self.bands].numpy().transpose(1, 2, 0)
        scaled = np.clip((pixels - self.black) / (self.white - self.black), 0, 1)
        return np.asarray(scaled**self.gamma, dtype=np.float32)


def label_colours(legend: Legend) -> Colours:
    """Return red, green and blue by position in the legend plus 1; no label is white."""
    return np.array([WHITE, *(item.rgba[:3] for item in legend)], dtype=np.uint8)
