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


def margin(probabilities: FloatArray, best: Likeliest) -> FloatArray:
    """Return how much likelier the first class is than the second: 0-1, shape (rows, cols)."""
    second = np.zeros(best.probability.shape, np.float32)
    for number, plane in enumerate(probabilities):
        np.maximum(second, np.where(best.position == number, np.float32(0), plane), out=second)
    result: FloatArray = best.probability - second
    return result


def entropy(probabilities: FloatArray) -> FloatArray:
    """Return Shannon's entropy (https://doi.org/10.1002/j.1538-7305.1948.tb01338.x) as a share of the largest possible.

    Args:
        probabilities: shape (classes, rows, cols); they need not add up to 1.

    Returns:
        0 (one class is certain) to 1 (all are equally likely), shape (rows, cols).
    """
    tiny = np.finfo(np.float32).tiny
    total = np.maximum(probabilities.sum(axis=0), tiny)
    result: FloatArray = np.zeros(total.shape, np.float32)
    for plane in probabilities:
        share = plane / total
        result -= share * np.log(np.maximum(share, tiny))
    if len(probabilities) > 1:
        result /= np.float32(np.log(len(probabilities)))
    return result
