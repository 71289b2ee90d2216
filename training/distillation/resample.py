# SPDX-License-Identifier: GPL-2.0-or-later
"""Resizing arrays by cubic convolution.

Keys (1981), "Cubic convolution interpolation for digital image processing",
https://doi.org/10.1109/TASSP.1981.1163711.
"""

from __future__ import annotations

import functools

import numpy as np

from s2landcover_plugin.core.radiometry import FloatArray


def resize(image: FloatArray, rows: int, cols: int) -> FloatArray:
    """Return an image, shape (bands, any, any), stretched to (bands, rows, cols); the outer edges stay in place."""
    if image.shape[1:] == (rows, cols):
        return image
    vertical = _weights(image.shape[1], rows)
    horizontal = _weights(image.shape[2], cols)
    return np.asarray(vertical @ image @ horizontal.T, dtype=np.float32)


@functools.lru_cache(maxsize=256)
def _weights(size: int, target: int) -> FloatArray:
    """Return the matrix, shape (target, size), that resizes one axis; edge pixels repeat outwards."""
    centres = (np.arange(target) + 0.5) * size / target - 0.5
    first = np.floor(centres).astype(int) - 1
    matrix = np.zeros((target, size), dtype=np.float32)
    for tap in range(4):
        index = first + tap
        np.add.at(matrix, (np.arange(target), np.clip(index, 0, size - 1)), _kernel(np.abs(centres - index)))
    return matrix


def _kernel(distance: FloatArray) -> FloatArray:
    """Return Keys's kernel with a = -0.5 at distances of 0 to 2 pixels."""
    near = (1.5 * distance - 2.5) * distance**2 + 1.0
    far = ((-0.5 * distance + 2.5) * distance - 4.0) * distance + 2.0
    return np.where(distance <= 1.0, near, np.where(distance < 2.0, far, 0.0))
