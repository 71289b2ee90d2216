# SPDX-License-Identifier: GPL-2.0-or-later
"""Sharpening by local linear regression on the guides.

A coarse band is explained by the guide bands in every neighbourhood, where both are known at the coarse resolution; the
relation is applied at the fine one, and what it left unexplained is added, so that the result, degraded, gives back the
original.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..radiometry import BoolArray, FloatArray
from .fitting import BandFit
from .local_regression import LocalSystem, masked_mean, target_moments
from .multiresolution import linear_upsample
from .patch import Patch
from .residual import returned_residual

# Factor from which the residual is given back twice.
_TWICE_FROM = 4


@dataclass(frozen=True, eq=False)
class Guidance:
    """What bands of one resolution have in common over a piece of a scene.

    Attributes:
        guides: the softened guides, shape (guides, rows x factor, cols x factor).
        system: the guides degraded to the coarse grid, and the normal equations of every window.
        fit: that of the band it was made for.
        coarse_valid: that of the patch it was made for.
    """

    guides: FloatArray
    system: LocalSystem
    fit: BandFit
    coarse_valid: BoolArray

    @classmethod
    def of(cls, patch: Patch, fit: BandFit) -> Guidance:
        """Prepare the guides of a patch for all bands of its resolution."""
        soft = patch.softened(fit.softening)
        return cls(soft.guides, LocalSystem.of(soft.predictors(fit.sigma)), fit, patch.coarse_valid)

    def suits(self, patch: Patch, fit: BandFit) -> bool:
        """Tell whether a patch with the same guides can use this."""
        same_blur = (fit.sigma, fit.softening) == (self.fit.sigma, self.fit.softening)
        return same_blur and np.array_equal(patch.coarse_valid, self.coarse_valid)


def sharpen_regression(patch: Patch, fit: BandFit, guidance: Guidance | None = None) -> FloatArray:
    """Sharpen by local linear regression on the guides, and give back the residual; returns what `sharpen` does.

    Args:
        patch: the band and its guides.
        fit: the band's blur and scene-wide relation.
        guidance: what another band made of the same guides; used if it fits this one, too.
    """
    if guidance is None or not guidance.suits(patch, fit):
        guidance = Guidance.of(patch, fit)
    predictors = guidance.system.predictors
    moments = target_moments(predictors, patch.coarse)
    slopes = guidance.system.slopes(moments.cross, np.asarray(fit.weights, dtype=np.float32))
    intercept = moments.mean - (slopes * predictors.mean).sum(axis=0)
    # Averaging the relations of overlapping windows, as the guided filter does (He et al. 2013,
    # https://doi.org/10.1109/TPAMI.2012.213), keeps the window's outline out of the result.
    fine = linear_upsample(masked_mean(intercept, predictors.valid, 1), patch.factor)
    for slope, guide in zip(masked_mean(slopes, predictors.valid, 1), guidance.guides):
        detail = linear_upsample(slope, patch.factor)
        detail *= guide
        fine += detail
    # The kernel that returns the residual is not exact at borders, and scenes in 60 m pixels are mostly border.
    for _ in range(2 if patch.factor >= _TWICE_FROM else 1):
        fine += returned_residual(patch, fine, fit.sigma, predictors.valid)
    return fine
