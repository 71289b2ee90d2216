# SPDX-License-Identifier: GPL-2.0-or-later
"""Pairs to learn from: a piece of a scene, degraded and restored by regression, and what it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from s2landcover_plugin.core.radiometry import FloatArray
from s2landcover_plugin.core.sharpening.fitting import BandFit, fit_bands
from s2landcover_plugin.core.sharpening.multiresolution import degrade
from s2landcover_plugin.core.sharpening.patch import Patch
from s2landcover_plugin.core.sharpening.regression import Guidance, sharpen_regression

from .scenes import FACTOR, NativePiece

BOX = 0.0
"""The blur of a box average."""

EVALUATION_BLURS = (BOX, 0.35, 0.43, 0.5, 0.65)
"""Standard deviations of the Gaussians, in coarse pixels, under which networks are compared."""

_LEAST_BLUR, _MOST_BLUR = 0.3, 0.7


@dataclass(frozen=True, eq=False)
class Degraded:
    """A piece one scale down.

    Attributes:
        piece: what it was made of: its bands are the truth.
        patches: every degraded band with the degraded guides, all finite.
        fits: what `fit_bands` says about them; it is not told the blur.
    """

    piece: NativePiece
    patches: tuple[Patch, ...]
    fits: tuple[BandFit, ...]


@dataclass(frozen=True, eq=False)
class Pair:
    """What the network is given, and what it shall make of it; all bands of a piece at once.

    Attributes:
        guides: softened, shape (4, rows x 2, cols x 2), reflectance.
        regression: shape (bands, rows x 2, cols x 2), reflectance.
        coarse: shape (bands, rows, cols), reflectance.
        truth: shape (bands, rows x 2, cols x 2), reflectance.
        blur: `sigma` and `softening` of the fit.
    """

    guides: FloatArray
    regression: FloatArray
    coarse: FloatArray
    truth: FloatArray
    blur: tuple[float, float]


def random_blurs(count: int, rng: np.random.Generator) -> list[float]:
    """Return blurs spread over what sensors and resampling do; one of them is a box average."""
    spread = (np.arange(count) + rng.random(count)) / count
    blurs = list(_LEAST_BLUR + (_MOST_BLUR - _LEAST_BLUR) * spread)
    blurs[int(rng.integers(count))] = BOX
    return blurs


def degraded(piece: NativePiece, blur: float) -> Degraded:
    """Take a piece one scale down.

    Args:
        piece: the piece.
        blur: standard deviation of a Gaussian in coarse pixels, or `BOX`.
    """
    guides = _coarsened(piece.guides, blur)
    patches = tuple(Patch.of(band, guides, FACTOR) for band in _coarsened(piece.bands, blur))
    return Degraded(piece, patches, tuple(fit_bands([[patch] for patch in patches])))


def pair_of(low: Degraded) -> Pair:
    """Restore a degraded piece by regression."""
    guidance = Guidance.of(low.patches[0], low.fits[0])
    regression = [sharpen_regression(patch, fit, guidance) for patch, fit in zip(low.patches, low.fits)]
    return Pair(
        guidance.guides,
        np.stack(regression),
        np.stack([patch.coarse for patch in low.patches]),
        low.piece.bands,
        (low.fits[0].sigma, low.fits[0].softening),
    )


def make_pairs(pieces: Sequence[NativePiece], blurs: int, rng: np.random.Generator) -> Iterator[Pair]:
    """Yield pairs of every piece under so many random blurs."""
    for piece in pieces:
        for blur in random_blurs(blurs, rng):
            yield pair_of(degraded(piece, blur))


def _coarsened(image: FloatArray, blur: float) -> FloatArray:
    if blur != BOX:
        return degrade(image, FACTOR, blur)
    count, rows, cols = image.shape
    blocks = image.reshape(count, rows // FACTOR, FACTOR, cols // FACTOR, FACTOR)
    return np.asarray(blocks.mean(axis=(2, 4), dtype=np.float32))
