# SPDX-License-Identifier: GPL-2.0-or-later
"""Linear regression of images on several others in the window around every pixel, all windows at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..radiometry import BoolArray, FloatArray
from .multiresolution import box_sum

NOISE_VARIANCE = 1e-6
"""Variance of reflectance below which a window has nothing to say (a standard deviation of 0.001)."""

# Share of the predictors' own variance that keeps nearly collinear ones apart.
_RELATIVE_RIDGE = 1e-4


@dataclass(frozen=True, eq=False)
class Predictors:
    """Images that explain others, and their moments over the window around every pixel, shared by all targets.

    Attributes:
        images: shape (predictors, rows, cols), finite.
        valid: pixels that take part, shape (rows, cols).
        radius: windows have 2 x radius + 1 pixels a side.
        mean: shape (predictors, rows, cols).
        covariance: of predictors i and j, i <= j, by (i, j), each of shape (rows, cols).
    """

    images: FloatArray
    valid: BoolArray
    radius: int
    mean: FloatArray
    covariance: Mapping[tuple[int, int], FloatArray]

    @classmethod
    def of(cls, images: FloatArray, valid: BoolArray, radius: int) -> Predictors:
        """Return the predictors with their moments; arguments as the attributes."""
        mean = masked_mean(images, valid, radius)
        covariance = {}
        for i in range(len(images)):
            for j in range(i, len(images)):
                product = masked_mean(images[i] * images[j], valid, radius)
                product -= mean[i] * mean[j]
                covariance[i, j] = product
        return cls(images, valid, radius, mean, covariance)


@dataclass(frozen=True, eq=False)
class TargetMoments:
    """Moments of a target over the window around every pixel.

    Attributes:
        mean: shape (rows, cols).
        cross: covariance with each predictor, shape (predictors, rows, cols).
    """

    mean: FloatArray
    cross: FloatArray


@dataclass(frozen=True, eq=False)
class LocalSystem:
    """The normal equations of every window, factorised once for any number of targets.

    Ridge regression towards given weights: a window whose predictors show no structure has these as its slopes.

    Attributes:
        predictors: what explains.
        ridge: added to the predictors' variances, shape (rows, cols).
        shares: the lower triangle of the factorisation L D L', by (row, column).
        inverse_pivots: one over the diagonal D, one image a predictor.
    """

    predictors: Predictors
    ridge: FloatArray
    shares: Mapping[tuple[int, int], FloatArray]
    inverse_pivots: Sequence[FloatArray]

    @classmethod
    def of(cls, predictors: Predictors) -> LocalSystem:
        """Factorise by elimination without pivoting; LAPACK, called once a pixel, takes ten times as long."""
        count = len(predictors.images)
        matrix = {key: entry.copy() for key, entry in predictors.covariance.items()}
        ridge = np.full(predictors.valid.shape, NOISE_VARIANCE, dtype=np.float32)
        for i in range(count):
            ridge += np.float32(_RELATIVE_RIDGE) * matrix[i, i]
        for i in range(count):
            matrix[i, i] += ridge
        shares, inverse_pivots = {}, []
        for k in range(count):
            inverse_pivots.append(np.reciprocal(matrix[k, k]))
            for i in range(k + 1, count):
                share = shares[i, k] = matrix[k, i] * inverse_pivots[k]
                for j in range(i, count):
                    matrix[i, j] -= share * matrix[k, j]
        return cls(predictors, ridge, shares, inverse_pivots)

    def slopes(self, cross: FloatArray, weights: FloatArray) -> FloatArray:
        """Return the target's slope on every predictor, shape (predictors, rows, cols).

        Args:
            cross: the target's covariance with each predictor, shape (predictors, rows, cols).
            weights: towards which the slopes are drawn, shape (predictors,), float32.
        """
        count = len(weights)
        solution = cross + weights[:, None, None] * self.ridge
        for k in range(count):
            for i in range(k + 1, count):
                solution[i] -= self.shares[i, k] * solution[k]
        for i in reversed(range(count)):
            solution[i] *= self.inverse_pivots[i]
            for j in range(i + 1, count):
                solution[i] -= self.shares[j, i] * solution[j]
        return solution


def target_moments(predictors: Predictors, target: FloatArray) -> TargetMoments:
    """Return a target's moments; its shape is (rows, cols), its values are finite."""
    mean = masked_mean(target, predictors.valid, predictors.radius)
    cross = masked_mean(predictors.images * target, predictors.valid, predictors.radius)
    cross -= predictors.mean * mean
    return TargetMoments(mean, cross)


def masked_mean(image: FloatArray, valid: BoolArray, radius: int) -> FloatArray:
    """Return the mean of the valid pixels over windows of 2 x radius + 1 pixels a side; 0 where there are none.

    Args:
        image: shape (..., rows, cols), finite.
        valid: shape (rows, cols).
        radius: of the window, pixels.
    """
    mask = valid.astype(np.float32)
    count = np.maximum(box_sum(mask, radius), np.float32(1))
    total = box_sum(image if valid.all() else image * mask, radius)
    total *= np.reciprocal(count)
    return total


def unexplained_variance(system: LocalSystem, target: FloatArray) -> float:
    """Return what local regressions leave of a target's variance, summed over the valid pixels."""
    valid, radius = system.predictors.valid, system.predictors.radius
    if valid.any():
        # Small variances of large numbers would drown in rounding.
        target = target - target[valid].mean(dtype=np.float64).astype(np.float32)
    moments = target_moments(system.predictors, target)
    slopes = system.slopes(moments.cross, np.zeros(len(moments.cross), dtype=np.float32))
    rest = masked_mean(target * target, valid, radius) - moments.mean * moments.mean
    rest -= (slopes * moments.cross).sum(axis=0)
    return float(np.maximum(rest[valid], 0).sum(dtype=np.float64))


def common_weights(parts: Sequence[tuple[Predictors, FloatArray]]) -> FloatArray:
    """Return the weights of one regression over all windows, shape (predictors,), float32.

    Args:
        parts: predictors and the target that they explain, piece by piece.
    """
    count = len(parts[0][0].images)
    matrix, right, pixels = np.zeros((count, count)), np.zeros(count), 1
    for predictors, target in parts:
        valid = predictors.valid
        right += target_moments(predictors, target).cross[:, valid].sum(axis=1, dtype=np.float64)
        for (i, j), entry in predictors.covariance.items():
            matrix[i, j] += entry[valid].sum(dtype=np.float64)
        pixels += int(valid.sum())
    matrix = matrix + np.triu(matrix, 1).T
    ridge = pixels * NOISE_VARIANCE + _RELATIVE_RIDGE * np.trace(matrix)
    return np.linalg.solve(matrix + ridge * np.eye(count), right).astype(np.float32)
