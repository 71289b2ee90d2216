# SPDX-License-Identifier: GPL-2.0-or-later
"""A piece of a scene as sharpening sees it: one coarse band, and the bands that guide it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import GridError
from ..radiometry import BoolArray, FloatArray
from .local_regression import Predictors
from .multiresolution import coverage, degrade, soften

# The regression sees windows of 5 x 5 coarse pixels.
_WINDOW_RADIUS = 2


@dataclass(frozen=True, eq=False)
class Patch:
    """A piece of a scene: one coarse band and the guides over the same ground.

    Attributes:
        coarse: reflectance, shape (rows, cols), float32; 0 where not valid.
        guides: reflectance, shape (guides, rows x factor, cols x factor), float32; 0 where not valid.
        factor: coarse pixel size in fine pixels.
        coarse_valid: which coarse pixels hold data, shape (rows, cols).
        guides_valid: where every guide holds data, shape (rows x factor, cols x factor).
    """

    coarse: FloatArray
    guides: FloatArray
    factor: int
    coarse_valid: BoolArray
    guides_valid: BoolArray

    @classmethod
    def of(
        cls,
        coarse: NDArray[Any],
        guides: NDArray[Any],
        factor: int,
        coarse_valid: BoolArray | None = None,
        guides_valid: BoolArray | None = None,
    ) -> Patch:
        """Return a patch of these arrays; the finite pixels are valid unless masks say otherwise.

        Raises:
            GridError: if the shapes do not nest.
        """
        rows, cols = coarse.shape
        if guides.ndim != 3 or guides.shape[1:] != (rows * factor, cols * factor):
            raise GridError(
                f"The guide bands have shape {guides.shape}; expected (guides, {rows * factor}, {cols * factor}) "
                f"for a coarse band of {rows} x {cols} and a factor of {factor}."
            )
        known = np.asarray(np.isfinite(coarse) if coarse_valid is None else coarse_valid)
        guided = np.asarray(np.isfinite(guides).all(axis=0) if guides_valid is None else guides_valid)
        # What invalid pixels hold, often NaN, must not reach any sum.
        return cls(_cleared(coarse, known), _cleared(guides, guided), factor, known, guided)

    def predictors(self, sigma: float) -> Predictors:
        """Return the guides degraded to the coarse grid, where both they and the coarse band hold data."""
        low = degrade(self.guides, self.factor, sigma, self.guides_valid)
        seen = self.coarse_valid & (coverage(self.guides_valid, self.factor, sigma) > 0.5)
        return Predictors.of(low, seen, _WINDOW_RADIUS)

    def softened(self, softening: float) -> Patch:
        """Return the patch with its guides blurred or sharpened; see `BandFit.softening`."""
        return replace(self, guides=soften(self.guides, softening, self.guides_valid))


def _cleared(image: NDArray[Any], valid: BoolArray) -> FloatArray:
    return np.where(valid, image, 0).astype(np.float32, copy=False)
