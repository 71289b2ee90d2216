# SPDX-License-Identifier: GPL-2.0-or-later
"""What the maps show of a pixel's class probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..radiometry import FloatArray

UNKNOWN_PERCENT = 255
"""Pixels without a class in rasters of per cent; 0 is a legal value there."""


@dataclass(frozen=True)
class Likeliest:
    """The class that a model finds most probable.

    Attributes:
        position: of the class in the legend, shape (rows, cols).
        probability: its probability, same shape.
    """

    position: NDArray[np.uint8]
    probability: FloatArray


def likeliest(probabilities: FloatArray) -> Likeliest:
    """Return the largest of shape (classes, rows, cols) over the classes; ties go to the first."""
    best = probabilities[0].copy()
    index = np.zeros(best.shape, np.uint8)
    larger = np.empty(best.shape, np.bool_)
    for number, plane in enumerate(probabilities[1:], start=1):
        np.greater(plane, best, out=larger)
        # Faster than a masked copy: the number replaces all bits of an index where the plane is larger.
        np.maximum(index, larger.view(np.uint8) * np.uint8(number), out=index)
        np.maximum(best, plane, out=best)
    return Likeliest(index, best)


def to_percent(share: FloatArray) -> NDArray[np.uint8]:
    """Return 0-1 as whole per cent, 0-100; slightly more or less than that is rounding."""
    scaled = share * np.float32(100)
    np.rint(scaled, out=scaled)
    np.clip(scaled, 0, 100, out=scaled)
    return scaled.astype(np.uint8)
