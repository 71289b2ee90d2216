# SPDX-License-Identifier: GPL-2.0-or-later
"""Linear regression of one image on several others in the window around every pixel, all windows at once."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ..radiometry import BoolArray, FloatArray
from .multiresolution import box_sum

NOISE_VARIANCE = 1e-6
"""Variance of reflectance below which a window has nothing to say (a standard deviation of 0.001)."""

# Share of the predictors' own variance that keeps nearly collinear ones apart.
_RELATIVE_RIDGE = 1e-4


@dataclass(frozen=True, eq=False)
class LocalMoments:
    """Means and covariances over the window around every pixel.

    Attributes:
        mean: the predictors' means, shape (predictors, rows, cols).
        target_mean: the target's mean, shape (rows, cols).
        covariance: of predictor i with predictor j at [i][j], each of shape (rows, cols).
        cross: covariance of each predictor with the target, shape (predictors, rows, cols).
        variance: of the target, shape (rows, cols).
        valid: pixels that take part, shape (rows, cols).
    """

    mean: FloatArray
    target_mean: FloatArray
    covariance: tuple[tuple[FloatArray, ...], ...]
    cross: FloatArray
    variance: FloatArray
    valid: BoolArray

    @property
    def zero_weights(self) -> FloatArray:
        """A weight of nought for every predictor."""
        return np.zeros(len(self.mean), dtype=np.float32)


def local_moments(predictors: FloatArray, target: FloatArray, valid: BoolArray, radius: int) -> LocalMoments:
    """Return the moments over windows of 2 x radius + 1 pixels a side.

    Args:
        predictors: shape (predictors, rows, cols), finite.
        target: shape (rows, cols), finite.
        valid: pixels that take part, shape (rows, cols).
        radius: of the window, pixels.
    """
    count = len(predictors)
    mean, target_mean = masked_mean(predictors, valid, radius), masked_mean(target, valid, radius)
    upper = {
        (i, j): masked_mean(predictors[i] * predictors[j], valid, radius) - mean[i] * mean[j]
        for i in range(count)
        for j in range(i, count)
    }
    covariance = tuple(tuple(upper[min(i, j), max(i, j)] for j in range(count)) for i in range(count))
    cross = masked_mean(predictors * target, valid, radius) - mean * target_mean
    variance = masked_mean(target * target, valid, radius) - target_mean * target_mean
    return LocalMoments(mean, target_mean, covariance, cross, variance, valid)


def masked_mean(image: FloatArray, valid: BoolArray, radius: int) -> FloatArray:
    """Return the mean of the valid pixels over windows of 2 x radius + 1 pixels a side; 0 where there are none.

    Args:
        image: shape (..., rows, cols), finite.
        valid: shape (rows, cols).
        radius: of the window, pixels.
    """
    mask = valid.astype(np.float32)
    count = np.maximum(box_sum(mask, radius), np.float32(1))
    return (box_sum(image * mask, radius) / count).astype(np.float32, copy=False)


def local_slopes(moments: LocalMoments, weights: FloatArray) -> FloatArray:
    """Return the slope of the target on every predictor, shape (predictors, rows, cols).

    Ridge regression towards given weights: a window whose predictors show no structure has these as its slopes.

    Args:
        moments: of the windows.
        weights: shape (predictors,), float32.
    """
    right = [
        cross - _sum(weight * entry for weight, entry in zip(weights, row))
        for cross, row in zip(moments.cross, moments.covariance)
    ]
    trace = _sum(row[i] for i, row in enumerate(moments.covariance))
    ridge = np.float32(NOISE_VARIANCE) + np.float32(_RELATIVE_RIDGE) * trace
    matrix = [
        [entry + ridge if i == j else entry for j, entry in enumerate(row)] for i, row in enumerate(moments.covariance)
    ]
    slopes: FloatArray = _solved(matrix, right) + weights[:, None, None]
    return slopes


def unexplained_variance(moments: LocalMoments) -> float:
    """Return what the local regressions leave of the target's variance, summed over the valid pixels."""
    slopes = local_slopes(moments, moments.zero_weights)
    rest = moments.variance - (slopes * moments.cross).sum(axis=0)
    return float(np.maximum(rest[moments.valid], 0).sum(dtype=np.float64))


def common_weights(parts: Sequence[LocalMoments]) -> FloatArray:
    """Return the weights of one regression over all windows of all parts, shape (predictors,), float32."""
    count = len(parts[0].mean)
    matrix, right = np.zeros((count, count)), np.zeros(count)
    for part in parts:
        right += part.cross[:, part.valid].sum(axis=1, dtype=np.float64)
        matrix += [[entry[part.valid].sum(dtype=np.float64) for entry in row] for row in part.covariance]
    pixels = max(1, sum(int(part.valid.sum()) for part in parts))
    ridge = pixels * NOISE_VARIANCE + _RELATIVE_RIDGE * np.trace(matrix)
    return np.linalg.solve(matrix + ridge * np.eye(count), right).astype(np.float32)


def _solved(matrix: list[list[FloatArray]], right: list[FloatArray]) -> FloatArray:
    """Solve a small symmetric positive system at every pixel at once, by elimination without pivoting.

    `numpy.linalg.solve` calls LAPACK once a pixel, which takes ten times as long.
    """
    count = len(right)
    for k in range(count):
        for i in range(k + 1, count):
            share = matrix[k][i] / matrix[k][k]
            for j in range(i, count):
                matrix[i][j] = matrix[i][j] - share * matrix[k][j]
            right[i] = right[i] - share * right[k]
    for i in reversed(range(count)):
        for j in range(i + 1, count):
            right[i] = right[i] - matrix[i][j] * right[j]
        right[i] = right[i] / matrix[i][i]
    return np.stack(right)


def _sum(images: Iterable[FloatArray]) -> FloatArray:
    total: FloatArray = functools.reduce(np.add, images)
    return total
