# SPDX-License-Identifier: GPL-2.0-or-later
"""Bringing Sentinel-2's 20 m and 60 m bands to 10 m with the help of the bands taken at 10 m.

`regression` explains a coarse band by the guide bands in every neighbourhood, where both are known at the coarse
resolution, applies the relation at the fine one, and adds what the relation left unexplained, so that the result,
degraded, gives back the original. How blurred the coarse band is relative to the guides decides the result more than
the method does; it is estimated from the data (`fit_band`).

Everything is a pure function of arrays in reflectance. A pixel's result depends on its neighbourhood of `SUPPORT`
coarse pixels only, so that a scene can be processed in pieces.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import GridError, InputError
from ..radiometry import BoolArray, FloatArray
from .local_regression import (
    LocalMoments,
    common_weights,
    local_moments,
    local_slopes,
    masked_mean,
    unexplained_variance,
)
from .multiresolution import (
    convolve,
    coverage,
    cubic_upsample,
    degrade,
    fill_invalid,
    linear_upsample,
    restoring_kernel,
)

METHODS = ("regression", "brovey", "none")
SUPPORT = 20
"""How far, in coarse pixels, a sharpened pixel looks."""

# The regression sees windows of 5 x 5 coarse pixels.
_WINDOW_RADIUS = 2
_RESTORING_STEPS, _RESTORING_RADIUS = 8, 5
# Cubic convolution looks two pixels far; so much of an image is continued beyond the edge of the data.
_FILL_REACH = 2
# Below this reflectance a ratio of two bands is noise.
_DARK = 1e-3
# A misfit of half a stored unit is rounding.
_ROUNDING_VARIANCE = 2.5e-9
# Sentinel-2's modulation transfer functions (Gascon et al. 2017, https://doi.org/10.3390/rs9060584) correspond to
# Gaussians of roughly half a pixel at either resolution, which differ by about 0.4 of the coarse pixel.
_PRIOR_SIGMA, _PRIOR_SPREAD = 0.4, 0.1
_SIGMAS = np.linspace(0.2, 0.75, 6)


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

    def guides_at(self, sigma: float) -> tuple[FloatArray, BoolArray]:
        """Return the guides degraded to the coarse grid, and where both they and the coarse band hold data."""
        low = degrade(self.guides, self.factor, sigma, self.guides_valid)
        return low, self.coarse_valid & (coverage(self.guides_valid, self.factor, sigma) > 0.5)


@dataclass(frozen=True)
class BandFit:
    """What a scene says about one coarse band.

    Attributes:
        sigma: blur of the band relative to the guides, as the standard deviation of a Gaussian in coarse pixels.
        weights: the guides' coefficients over the whole scene, to which neighbourhoods without structure fall back.
    """

    sigma: float
    weights: tuple[float, ...]


def fit_band(patches: Sequence[Patch]) -> BandFit:
    """Estimate the relative blur of a band, and its relation to the guides over the whole scene.

    The right blur is the one under which the degraded guides explain the coarse band best; the sensor's published
    blur serves as prior, and decides where an image has no structure.

    Args:
        patches: samples of the scene, all of the same band.

    Raises:
        InputError: if there is no patch.
    """
    if not patches:
        raise InputError("The blur of a band cannot be estimated without a piece of the scene.")
    misfit = np.array([sum(unexplained_variance(_moments(patch, sigma)) for patch in patches) for sigma in _SIGMAS])
    pixels = sum(int(patch.coarse_valid.sum()) for patch in patches)
    cost = 0.5 * pixels * np.log(misfit / max(pixels, 1) + _ROUNDING_VARIANCE)
    cost += 0.5 * ((_SIGMAS - _PRIOR_SIGMA) / _PRIOR_SPREAD) ** 2
    sigma = _lowest(_SIGMAS, cost)
    weights = common_weights([_moments(patch, sigma) for patch in patches])
    return BandFit(sigma, tuple(float(weight) for weight in weights))


def sharpen(patch: Patch, method: str = "regression", fit: BandFit | None = None) -> FloatArray:
    """Sharpen one band by the method of that name.

    Args:
        patch: the band and its guides.
        method: one of `METHODS`.
        fit: the band's blur and scene-wide relation; estimated from this very patch by default.

    Returns:
        Reflectance, shape (rows x factor, cols x factor), float32, finite; without meaning where the coarse pixel or
        a guide is not valid.

    Raises:
        InputError: if there is no such method.
    """
    if method == "regression":
        return sharpen_regression(patch, fit or fit_band([patch]))
    if method == "brovey":
        return sharpen_brovey(patch, fit or fit_band([patch]))
    if method == "none":
        return sharpen_none(patch)
    raise InputError(f"There is no sharpening method '{method}'; choose one of {', '.join(METHODS)}.")


def sharpen_regression(patch: Patch, fit: BandFit) -> FloatArray:
    """Sharpen by local linear regression on the guides, and give back the residual; returns what `sharpen` does."""
    moments = _moments(patch, fit.sigma)
    slopes = local_slopes(moments, np.asarray(fit.weights, dtype=np.float32))
    intercept = moments.target_mean - (slopes * moments.mean).sum(axis=0)
    # Averaging the relations of overlapping windows, as the guided filter does (He et al. 2013,
    # https://doi.org/10.1109/TPAMI.2012.213), keeps the window's outline out of the result.
    fine = linear_upsample(masked_mean(intercept, moments.valid, 1), patch.factor)
    for slope, guide in zip(masked_mean(slopes, moments.valid, 1), patch.guides):
        fine += linear_upsample(slope, patch.factor) * guide
    return fine + _returned_residual(patch, fine, fit.sigma, moments.valid)


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


def _cleared(image: NDArray[Any], valid: BoolArray) -> FloatArray:
    return np.where(valid, image, 0).astype(np.float32, copy=False)


def _moments(patch: Patch, sigma: float) -> LocalMoments:
    low, valid = patch.guides_at(sigma)
    return local_moments(low, patch.coarse, valid, _WINDOW_RADIUS)


def _lowest(positions: NDArray[np.float64], values: NDArray[np.float64]) -> float:
    """Return where a sampled curve is lowest, by the parabola through the lowest sample and its neighbours."""
    k = int(np.argmin(values))
    if k in (0, len(values) - 1):
        return float(positions[k])
    before, here, after = values[k - 1 : k + 2]
    bend = before - 2 * here + after
    shift = 0.5 * (before - after) / bend if bend > 0 else 0.0
    return float(positions[k] + shift * (positions[1] - positions[0]))
