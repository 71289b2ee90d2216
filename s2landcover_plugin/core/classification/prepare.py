# SPDX-License-Identifier: GPL-2.0-or-later
"""A window of a scene as a network takes it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..models.inference import SegmentationModel
from ..radiometry import BoolArray, FloatArray
from ..raster import Array
from ..scene import Scene
from .fill import fill_gaps


def network_input(
    scene: Scene,
    model: SegmentationModel,
    stored: Array,
    valid: BoolArray,
    origin: tuple[int, int],
    out: FloatArray,
) -> FloatArray:
    """Return what a model's graph takes.

    Args:
        scene: says what the stored numbers mean.
        model: the model.
        stored: stored numbers, shape (bands, rows, cols).
        valid: where they are data, shape (rows, cols); gaps are filled from nearby.
        origin: row and column of the window's first pixel in the raster.
        out: is overwritten, and returned if the graph takes reflectance as it is: shape (1, bands, rows, cols), with
            the rows and columns that the network wants; what is missing is mirrored at the far edges.
    """
    rows, cols = valid.shape
    padded = out[0]
    image = padded[:, :rows, :cols]
    scene.to_reflectance(stored, image)
    if not valid.all():
        image[...] = fill_gaps(image, valid, origin)
    padded[:, rows:, :cols] = image[:, _mirrored(rows, padded.shape[1])]
    padded[:, :, cols:] = padded[:, :, _mirrored(cols, padded.shape[2])]
    return model.feed(out)


def _mirrored(length: int, wanted: int) -> NDArray[np.intp]:
    """Return which of the first pixels along an axis stand for those beyond them."""
    return np.pad(np.arange(length), (0, wanted - length), mode="reflect")[length:]
