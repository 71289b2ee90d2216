# SPDX-License-Identifier: GPL-2.0-or-later
"""How blurred bands are relative to their guides, estimated from the scene itself.

A wrong assumption about it costs more than the choice of method: with a box average and a Gaussian of half a pixel
assumed, regression is worse than cubic interpolation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .local_regression import LocalSystem, common_weights, unexplained_variance
from .patch import Patch

if TYPE_CHECKING:
    from .learned import LearnedFit

# A misfit of half a stored unit is rounding.
_ROUNDING_VARIANCE = 2.5e-9
# Sentinel-2's modulation transfer functions (Gascon et al. 2017, https://doi.org/10.3390/rs9060584) correspond to
# Gaussians of roughly half a pixel at either resolution.
_SENSOR_BLUR, _PRIOR_SPREAD = 0.5, 0.1
_SIGMAS, _SIGMA_STEP = np.linspace(0.15, 0.75, 7), 0.05
_LEAST_SIGMA = 0.1


@dataclass(frozen=True)
class BandFit:
    """What a scene says about one coarse band.

    Attributes:
        sigma: blur of the band relative to the softened guides, and so to the sharpened band, as the standard
            deviation of a Gaussian in coarse pixels.
        weights: the guides' coefficients over the whole scene, to which neighbourhoods without structure fall back.
        softening: variance of the blur given to the guides first, fine pixels squared; negative where they are
            sharpened.
        learned: the network that corrects the band, if there is one; see `learned.fit_learned`.
    """

    sigma: float
    weights: tuple[float, ...]
    softening: float = 0.0
    learned: LearnedFit | None = None

    def blur(self, method: str) -> float:
        """Return the blur of the band relative to what a method makes of it, coarse pixels."""
        return self.learned.sigma if method == "learned" and self.learned is not None else self.sigma


def fit_bands(bands: Sequence[Sequence[Patch]]) -> list[BandFit]:
    """Estimate the relative blur of the bands of one resolution, and their relations to the guides over the scene.

    The right blur is the one under which the degraded guides explain the coarse bands best; the sensor's published
    blur serves as prior, and decides where an image has no structure. One blur serves all bands: those that the guides
    explain well know it, while bands with structure of their own (SWIR) would ask for more blur than there is, because
    smooth guides resemble them better than sharp ones.

    Guides that are sharper than the sensor ought to be, which comes with aliasing, are softened, and those that are
    less sharp sharpened: a sharpened band then looks as if Sentinel-2 had taken it at the finer resolution.

    Args:
        bands: for every band samples of the scene, all at the same places.

    Raises:
        InputError: if there is no patch.
    """
    if not bands or not all(bands):
        raise InputError("The blur of a band cannot be estimated without a piece of the scene.")
    factor = bands[0][0].factor
    sigma = _common_blur(bands, factor)
    # Were guides and band equally blurred in pixels of their own, this would be the square of the blur of both.
    own = sigma**2 / (1 - 1 / factor**2)
    # Sharpening lifts noise, and the coarser a band, the less it says about the guides' own blur.
    softening = max(_SENSOR_BLUR**2 - own, -1 / factor**2)
    sigma = math.sqrt(max(_LEAST_SIGMA**2, sigma**2 - softening / factor**2))
    fits = []
    for patches in bands:
        parts = [(patch.softened(softening).predictors(sigma), patch.coarse) for patch in patches]
        fits.append(BandFit(sigma, tuple(float(weight) for weight in common_weights(parts)), softening))
    return fits


def fit_band(patches: Sequence[Patch]) -> BandFit:
    """Estimate the blur of a single band, and its relation to the guides; see `fit_bands`."""
    return fit_bands([patches])[0]


def _common_blur(bands: Sequence[Sequence[Patch]], factor: int) -> float:
    """Return the blur relative to the guides that serves all bands best, in coarse pixels."""
    prior = _SENSOR_BLUR * math.sqrt(1 - 1 / factor**2)

    def cost(sigmas: NDArray[np.float64]) -> NDArray[np.float64]:
        misfits = np.array([_misfits(bands, sigma) for sigma in sigmas])
        return np.asarray(misfits.sum(axis=1) + 0.5 * ((sigmas - prior) / _PRIOR_SPREAD) ** 2)

    rough = lowest(_SIGMAS, cost(_SIGMAS))
    around = max(rough, _LEAST_SIGMA + _SIGMA_STEP) + _SIGMA_STEP * np.array([-1.0, 0.0, 1.0])
    return lowest(around, cost(around))


def _misfits(bands: Sequence[Sequence[Patch]], sigma: float) -> list[float]:
    """Return half the log-likelihood ratio of every band's misfit under a blur."""
    totals, pixels = np.zeros(len(bands)), np.zeros(len(bands))
    for patches in zip(*bands):
        system = None
        for k, patch in enumerate(patches):
            if system is None or not np.array_equal(patch.coarse_valid, patches[k - 1].coarse_valid):
                system = LocalSystem.of(patch.predictors(sigma))
            totals[k] += unexplained_variance(system, patch.coarse)
            pixels[k] += patch.coarse_valid.sum()
    return list(0.5 * pixels * np.log(totals / np.maximum(pixels, 1) + _ROUNDING_VARIANCE))


def lowest(positions: NDArray[np.float64], values: NDArray[np.float64]) -> float:
    """Return where a sampled curve is lowest, by the parabola through the lowest sample and its neighbours.

    Args:
        positions: of the samples, equally spaced.
        values: at these.
    """
    k = int(np.argmin(values))
    if k in (0, len(values) - 1):
        return float(positions[k])
    before, here, after = values[k - 1 : k + 2]
    bend = before - 2 * here + after
    shift = 0.5 * (before - after) / bend if bend > 0 else 0.0
    return float(positions[k] + shift * (positions[1] - positions[0]))
