# SPDX-License-Identifier: GPL-2.0-or-later
"""Bringing Sentinel-2's 20 m and 60 m bands to 10 m with the help of the bands taken at 10 m.

`regression` explains a coarse band by the guide bands in every neighbourhood, where both are known at the coarse
resolution, applies the relation at the fine one, and adds what the relation left unexplained, so that the result,
degraded, gives back the original. How blurred the coarse band is relative to the guides decides the result more than
the method does; it is estimated from the data (`fitting.fit_bands`).

Everything is a pure function of arrays in reflectance. A pixel's result depends on its neighbourhood of `SUPPORT`
coarse pixels only, so that a scene can be processed in pieces.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..radiometry import BoolArray, FloatArray
from .fitting import BandFit, fit_band
from .local_regression import LocalSystem, masked_mean, target_moments
from .multiresolution import (
    convolve,
    coverage,
    cubic_upsample,
    degrade,
    fill_invalid,
    linear_upsample,
    restoring_kernel,
)
from .patch import Patch

METHODS = ("regression", "brovey", "none")
SUPPORT = 20
"""How far, in coarse pixels, a sharpened pixel looks."""

_RESTORING_STEPS, _RESTORING_RADIUS = 8, 5
# Cubic convolution looks two pixels far; so much of an image is continued beyond the edge of the data.
_FILL_REACH = 2
# Below this reflectance a ratio of two bands is noise.
_DARK = 1e-3


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


def sharpen(
    patch: Patch, method: str = "regression", fit: BandFit | None = None, guidance: Guidance | None = None
) -> FloatArray:
    """Sharpen one band by the method of that name.

    Args:
        patch: the band and its guides.
        method: one of `METHODS`.
        fit: the band's blur and scene-wide relation; estimated from this very patch by default.
        guidance: what another band made of the same guides, for `regression`; used if it fits this one, too.

    Returns:
        Reflectance, shape (rows x factor, cols x factor), float32, finite; without meaning where the coarse pixel or
        a guide is not valid.

    Raises:
        InputError: if there is no such method.
    """
    if method == "regression":
        return sharpen_regression(patch, fit or fit_band([patch]), guidance)
    if method == "brovey":
        return sharpen_brovey(patch, fit or fit_band([patch]))
    if method == "none":
        return sharpen_none(patch)
    raise InputError(f"There is no sharpening method '{method}'; choose one of {', '.join(METHODS)}.")


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
    fine += _returned_residual(patch, fine, fit.sigma, predictors.valid)
    return fine


def sharpen_brovey(patch: Patch, fit: BandFit) -> FloatArray:
    """Sharpen by the ratio of the guides' mean to its own degraded version; returns what `sharpen` does."""
    pan = patch.guides.mean(axis=0, dtype=np.float32)
    low = degrade(pan, patch.factor, fit.sigma, patch.guides_valid)
    seen = coverage(patch.guides_valid, patch.factor, fit.sigma) > 0
    low = cubic_upsample(fill_invalid(low, seen, _FILL_REACH), patch.factor)
    ratio: FloatArray = np.divide(pan, low, out=np.ones_like(pan), where=patch.guides_valid & (low > _DARK))
    return sharpen_none(patch) * ratio


def sharpen_none(patch: Patch) -> FloatArray:
    """Bring the band to the fine grid by cubic convolution, without the guides; returns what `sharpen` does."""
    return cubic_upsample(fill_invalid(patch.coarse, patch.coarse_valid, _FILL_REACH), patch.factor)


def _returned_residual(patch: Patch, fine: FloatArray, sigma: float, valid: BoolArray) -> FloatArray:
    """Return, at the fine resolution, what the degraded result lacks of the original band."""
    residual = patch.coarse - degrade(fine, patch.factor, sigma, patch.guides_valid)
    kernel = restoring_kernel(patch.factor, sigma, _RESTORING_STEPS, _RESTORING_RADIUS)
    return cubic_upsample(convolve(fill_invalid(residual, valid, _FILL_REACH), kernel), patch.factor)
