# SPDX-License-Identifier: GPL-2.0-or-later
"""How far an image is from the true one: the figures by which sharpening is judged.

Sums come first and add up over the pieces of a scene; every figure is a function of the sums.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..radiometry import BoolArray, FloatArray

_BLOCK = 20
"""Side of the blocks over which the quality index is averaged, pixels."""

# A block whose values vary by less than this (standard deviation, reflectance) is flat: nothing to compare but noise.
_FLAT = 1e-6


@dataclass(frozen=True, eq=False)
class Deviation:
    """Sums over the pixels where an image and the true one were compared.

    Attributes:
        pixels: how many there were.
        squares: squared differences, shape (bands,).
        totals: the true image, shape (bands,).
        angles: spectral angles, radians, over `directions` pixels that are not black.
        directions: how many those were.
        qualities: quality indices of blocks, shape (bands,), over `blocks` that are not flat.
        blocks: how many those were, shape (bands,).
    """

    pixels: int
    squares: NDArray[np.float64]
    totals: NDArray[np.float64]
    angles: float
    directions: int
    qualities: NDArray[np.float64]
    blocks: NDArray[np.int64]

    @classmethod
    def of(cls, truth: FloatArray, image: FloatArray, valid: BoolArray | None = None) -> Deviation:
        """Compare two images.

        Args:
            truth: the true one, shape (bands, rows, cols), reflectance.
            image: the other one, same shape.
            valid: which pixels count, shape (rows, cols); all by default.
        """
        known = np.ones(truth.shape[1:], dtype=bool) if valid is None else valid
        expected, got = truth[:, known].astype(np.float64), image[:, known].astype(np.float64)
        angles = spectral_angles(expected, got)
        qualities = [block_qualities(a, b, known) for a, b in zip(truth, image)]
        return cls(
            pixels=expected.shape[1],
            squares=((got - expected) ** 2).sum(axis=1),
            totals=expected.sum(axis=1),
            angles=float(angles.sum()),
            directions=angles.size,
            qualities=np.array([each.sum() for each in qualities]),
            blocks=np.array([each.size for each in qualities]),
        )

    def __add__(self, other: Deviation) -> Deviation:
        return Deviation(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))

    @property
    def rmse(self) -> NDArray[np.float64]:
        """Root mean square error of every band, reflectance, shape (bands,); NaN where nothing was compared."""
        return np.sqrt(_divided(self.squares, self.pixels))

    def ergas(self, ratio: int) -> float:
        """Return the relative error of all bands together, per cent; 0 for a perfect image, NaN where undefined.

        Erreur relative globale adimensionnelle de synthèse (Wald 2000, https://hal.science/hal-00395027).

        Args:
            ratio: pixel size before sharpening over pixel size after it.
        """
        relative = _divided(self.rmse, _divided(self.totals, self.pixels))
        return 100 / ratio * float(np.sqrt(np.mean(relative**2)))

    @property
    def sam(self) -> float:
        """Mean spectral angle, degrees; 0 for a perfect image, NaN for a single band or where all is black.

        Kruse et al. 1993, https://doi.org/10.1016/0034-4257(93)90013-N.
        """
        if len(self.squares) < 2 or not self.directions:
            return float("nan")
        return float(np.degrees(self.angles / self.directions))

    @property
    def q(self) -> NDArray[np.float64]:
        """Mean quality index of every band (see `block_qualities`), shape (bands,); NaN where all blocks are flat."""
        return _divided(self.qualities, self.blocks)


def total(deviations: Iterable[Deviation]) -> Deviation:
    """Return the sums over several pieces, at least one."""
    return functools.reduce(operator.add, deviations)


def spectral_angles(truth: NDArray[np.float64], image: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the angle between the spectra of pixels, radians.

    Args:
        truth: shape (bands, pixels).
        image: same shape.

    Returns:
        One angle for every pixel that is black in neither image.
    """
    lengths = np.linalg.norm(truth, axis=0) * np.linalg.norm(image, axis=0)
    seen = lengths > 0
    cosines = (truth * image).sum(axis=0)[seen] / lengths[seen]
    return np.asarray(np.arccos(np.clip(cosines, -1, 1)))


def block_qualities(truth: FloatArray, image: FloatArray, valid: BoolArray) -> NDArray[np.float64]:
    """Return the universal image quality index of blocks of 20 x 20 pixels (smaller in a smaller image).

    It joins correlation, and agreement in mean and in contrast; 1 for a perfect image, down to -1 (Wang and Bovik 2002,
    https://doi.org/10.1109/97.995823).

    Args:
        truth: one band, shape (rows, cols), reflectance.
        image: same shape.
        valid: which pixels count, same shape; only blocks without a gap do.

    Returns:
        One index for every block in which either image has contrast.
    """
    truths, images = (_blocks(plane).astype(np.float64) for plane in (truth, image))
    whole = _blocks(valid).all(axis=1)
    truths, images = truths[whole], images[whole]
    mean, other = truths.mean(axis=1), images.mean(axis=1)
    variances = truths.var(axis=1) + images.var(axis=1)
    covariance = (truths * images).mean(axis=1) - mean * other
    base = variances * (mean**2 + other**2)
    varied = (variances > _FLAT**2) & (base > 0)
    return np.asarray(4 * (covariance * mean * other)[varied] / base[varied])


def _blocks(plane: NDArray[np.generic]) -> NDArray[np.generic]:
    """Return the whole blocks of a plane, shape (blocks, pixels of a block)."""
    size = min(_BLOCK, *plane.shape)
    if not size:
        return np.empty((0, 0), dtype=plane.dtype)
    rows, cols = (length // size for length in plane.shape)
    blocks = plane[: rows * size, : cols * size].reshape(rows, size, cols, size)
    return blocks.transpose(0, 2, 1, 3).reshape(rows * cols, size * size)


def _divided(numbers: NDArray[np.float64], by: NDArray[np.float64] | NDArray[np.int64] | int) -> NDArray[np.float64]:
    """Return a quotient that is NaN where it is undefined."""
    divisor = np.broadcast_to(np.asarray(by, dtype=np.float64), numbers.shape)
    quotient = np.full(numbers.shape, np.nan)
    np.divide(numbers, divisor, out=quotient, where=divisor != 0)
    return quotient
