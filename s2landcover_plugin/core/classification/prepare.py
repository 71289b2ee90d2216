# SPDX-License-Identifier: GPL-2.0-or-later
"""A window of a scene as a network takes it."""

from __future__ import annotations

import numpy as np

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
    size: tuple[int, int],
) -> FloatArray:
    """Return what a model's graph takes.

    Args:
        scene: says what the stored numbers mean.
        model: the model.
        stored: stored numbers, shape (bands, rows, cols).
        valid: where they are data, shape (rows, cols); gaps are filled from nearby.
        origin: row and column of the window's first pixel in the raster.
        size: rows and columns that the network wants; what is missing is mirrored at the far edges.
    """
    filled = fill_gaps(scene.to_reflectance(stored), valid, origin)
    missing = ((0, 0), (0, size[0] - valid.shape[0]), (0, size[1] - valid.shape[1]))
    padded = np.pad(filled, missing, mode="reflect") if np.any(missing) else filled
    return model.feed(padded[np.newaxis])
