# SPDX-License-Identifier: GPL-2.0-or-later
"""A piece of a scene one scale down, where the truth is known: what it was degraded from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..radiometry import BoolArray, FloatArray
from .fitting import BandFit
from .methods import GUIDED, sharpen
from .multiresolution import coverage, degrade, repeat
from .patch import Patch
from .regression import Guidance

SENSOR_BLUR = 0.5
"""Standard deviation of the Gaussian that degrades, in pixels of the coarser grid.

At the Nyquist frequency it passes 0.29, about what Sentinel-2's bands do (Gascon et al. 2017,
https://doi.org/10.3390/rs9060584); degrading by the sensor's response is the usual protocol (Vivone et al. 2015,
https://doi.org/10.1109/TGRS.2014.2361734). It is the same for every scene, so that figures can be compared.
"""

# A degraded pixel counts if so much of its weight fell on data.
_COVERED = 0.99


def reduction_of(factor: int) -> int:
    """Return how many times coarser a band is made whose pixels are `factor` fine ones wide.

    Restored bands come at the pixel size of the degraded guides, which must nest in that of the truth. 20 m bands are
    taken to 40 m and restored at 20 m; 60 m bands are taken to 180 m, restored at 30 m, and averaged to 60 m.
    """
    return max((part for part in range(2, factor) if factor % part == 0), default=factor)


@dataclass(frozen=True, eq=False)
class ReducedPiece:
    """Bands of one resolution over a piece of a scene, one scale down.

    Attributes:
        truth: the bands before they were degraded, shape (bands, rows, cols), reflectance.
        valid: where all of them can be compared, shape (rows, cols).
        patches: the degraded bands with the degraded guides, one a band.
    """

    truth: FloatArray
    valid: BoolArray
    patches: tuple[Patch, ...]

    @classmethod
    def of(cls, patches: Sequence[Patch]) -> ReducedPiece:
        """Degrade bands that share guides, and the guides, by the same blur in pixels of their own.

        Args:
            patches: one a band; their rows and columns are multiples of the reduction.
        """
        factor = patches[0].factor
        reduction = reduction_of(factor)
        guides, guided = _degraded(patches[0].guides, patches[0].guides_valid, reduction)
        bands = [_degraded(patch.coarse, patch.coarse_valid, reduction) for patch in patches]
        known = np.all([patch.coarse_valid for patch in patches], axis=0)
        restorable = repeat(np.all([valid for _, valid in bands], axis=0), reduction)
        seen = _blocks(guided, factor // reduction).all(axis=(1, 3))
        return cls(
            truth=np.stack([patch.coarse for patch in patches]),
            valid=known & restorable & seen,
            patches=patches_of(bands, guides, guided, factor),
        )

    @property
    def degraded(self) -> FloatArray:
        """The degraded bands, every pixel repeated so that they have the shape of `truth`."""
        return repeat(np.stack([patch.coarse for patch in self.patches]), reduction_of(self.patches[0].factor))

    def restored(self, method: str, fits: Sequence[BandFit]) -> FloatArray:
        """Return what a method makes of the degraded bands, averaged to the pixels of `truth`, same shape."""
        shrink = self.patches[0].factor // reduction_of(self.patches[0].factor)
        images = sharpen_bands(self.patches, method, fits)
        return np.stack([_blocks(image, shrink).mean(axis=(1, 3), dtype=np.float32) for image in images])


def patches_of(
    bands: Iterable[tuple[FloatArray, BoolArray]], guides: FloatArray, guided: BoolArray, factor: int
) -> tuple[Patch, ...]:
    """Return the patches of several bands, which hold one copy of the guides.

    Args:
        bands: reflectance and validity of each.
        guides: shape (guides, rows x factor, cols x factor), reflectance.
        guided: where every guide holds data.
        factor: coarse pixel size in fine pixels.
    """
    patches = [Patch.of(image, guides[:0], factor, valid, guided) for image, valid in bands]
    cleared = np.where(guided, guides, np.float32(0))
    return tuple(replace(patch, guides=cleared) for patch in patches)


def sharpen_bands(patches: Sequence[Patch], method: str, fits: Sequence[BandFit]) -> list[FloatArray]:
    """Sharpen bands that share guides; see `sharpen`."""
    guidance: Guidance | None = None
    images = []
    for patch, fit in zip(patches, fits):
        if method in GUIDED and not (guidance is not None and guidance.suits(patch, fit)):
            guidance = Guidance.of(patch, fit)
        images.append(sharpen(patch, method, fit, guidance))
    return images


def inconsistency(patch: Patch, image: FloatArray, sigma: float) -> FloatArray:
    """Return what a sharpened band, degraded again, lacks of what it was made from.

    Args:
        patch: what it was made from.
        image: the sharpened band, reflectance.
        sigma: blur by which to degrade, coarse pixels.

    Returns:
        A difference for every coarse pixel that can be compared, shape (pixels,), reflectance.
    """
    again = degrade(image, patch.factor, sigma, patch.guides_valid)
    seen = patch.coarse_valid & (coverage(patch.guides_valid, patch.factor, sigma) > _COVERED)
    return (again - patch.coarse)[seen]


def _degraded(image: FloatArray, valid: BoolArray, reduction: int) -> tuple[FloatArray, BoolArray]:
    seen = coverage(valid, reduction, SENSOR_BLUR) > _COVERED
    return degrade(image, reduction, SENSOR_BLUR, valid), seen


def _blocks(plane: NDArray[np.generic], size: int) -> NDArray[np.generic]:
    """Return a view of shape (rows / size, size, cols / size, size)."""
    rows, cols = plane.shape
    return plane.reshape(rows // size, size, cols // size, size)
