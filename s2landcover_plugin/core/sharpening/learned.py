# SPDX-License-Identifier: GPL-2.0-or-later
"""Sharpening by a network that corrects what regression makes of a band.

A residual network learns what a local linear relation cannot express (as in Lanaras et al. 2018,
https://doi.org/10.1016/j.isprsjprs.2018.09.018, who let one correct bilinear interpolation). Where it is not to be
trusted, near the edge of the data, regression is left as it is; and what the result, degraded, lacks of the original
band is given back after the network, as it is after regression.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..progress import Progress
from ..radiometry import BoolArray, FloatArray
from .fitting import BandFit, lowest
from .local_regression import Predictors
from .multiresolution import box_sum, degrade, repeat
from .network import SharpeningNetwork
from .patch import Patch
from .regression import Guidance, sharpen_regression
from .residual import returned_residual

# Blurs that are tried for the network's result, relative to that which the guides suggest; coarse pixels.
_SHIFTS = np.linspace(-0.12, 0.12, 13)
_LEAST_SIGMA = 0.1


@dataclass(frozen=True, eq=False)
class LearnedFit:
    """What a network needs to know about one band of a scene.

    Attributes:
        network: the network.
        band: the band's id.
        sigma: blur of the band relative to the network's result, as a standard deviation in coarse pixels.
    """

    network: SharpeningNetwork
    band: str
    sigma: float


def sharpen_learned(patch: Patch, fit: BandFit, guidance: Guidance | None = None) -> FloatArray:
    """Sharpen by regression and correct the result by the fit's network, if it has one; returns what `sharpen` does.

    Args:
        patch: the band and its guides.
        fit: the band's blur and scene-wide relation, and the network.
        guidance: what another band made of the same guides; used if it fits this one, too.
    """
    if guidance is None or not guidance.suits(patch, fit):
        guidance = Guidance.of(patch, fit)
    regression = sharpen_regression(patch, fit, guidance)
    if fit.learned is None:
        return regression
    fine = _corrected(patch, fit, fit.learned, guidance, regression)
    fine += returned_residual(patch, fine, fit.learned.sigma, guidance.system.predictors.valid)
    return fine


def fit_learned(
    network: SharpeningNetwork,
    bands: Sequence[str],
    samples: Sequence[Sequence[Patch]],
    fits: Sequence[BandFit],
    progress: Progress,
) -> list[BandFit]:
    """Give a network to the fits of those bands of one resolution that it sharpens.

    Its result shows the blur of a band better than the guides do, which differ from the band in more than their blur:
    the right one is that under which the result, degraded, is most like the band.

    Args:
        network: the network.
        bands: ids of the bands.
        samples: for every band samples of the scene.
        fits: what `fit_bands` says about them.
        progress: may cancel.
    """
    result = []
    for band, patches, fit in zip(bands, samples, fits):
        if network.contract.sharpens(band, patches[0].factor):
            learned = LearnedFit(network, band, fit.sigma)
            fit = replace(fit, learned=replace(learned, sigma=_blur_of(patches, fit, learned, progress)))
        result.append(fit)
    return result


def refit_learned(
    bands: Sequence[str],
    before: Sequence[BandFit],
    samples: Sequence[Sequence[Patch]],
    fits: Sequence[BandFit],
    progress: Progress,
) -> list[BandFit]:
    """Give the network of fits to others that were made of the same bands, one scale down; see `fit_learned`.

    Args:
        bands: ids of the bands, of one resolution.
        before: the fits that may hold a network.
        samples: for every band samples, one scale down.
        fits: what `fit_bands` says about them.
        progress: may cancel.
    """
    network = next((fit.learned.network for fit in before if fit.learned is not None), None)
    return fit_learned(network, bands, samples, fits, progress) if network else list(fits)


def _corrected(
    patch: Patch, fit: BandFit, learned: LearnedFit, guidance: Guidance, regression: FloatArray
) -> FloatArray:
    """Return regression's result with the network's correction, before the residual is given back."""
    blur = fit.sigma, fit.softening
    correction = learned.network.correction(learned.band, guidance.guides, regression, patch.coarse, blur)
    trusted = _far_from_nodata(patch, learned.network.contract.context)
    if not trusted.all():
        correction = np.where(repeat(trusted, patch.factor), correction, np.float32(0))
    return regression + correction


def _far_from_nodata(patch: Patch, distance: int) -> BoolArray:
    """Return which coarse pixels have only valid ones around them, as far as the scene reaches."""
    rows, cols = patch.coarse.shape
    guided = patch.guides_valid.reshape(rows, patch.factor, cols, patch.factor).all(axis=(1, 3))
    whole = patch.coarse_valid & guided
    if whole.all():
        return whole
    return np.asarray(box_sum((~whole).astype(np.float32), distance) < 0.5)


def _blur_of(patches: Sequence[Patch], fit: BandFit, learned: LearnedFit, progress: Progress) -> float:
    """Return the blur under which the network's results for some pieces of a scene are most like the band."""
    sigmas = fit.sigma + _SHIFTS
    sigmas = sigmas[sigmas >= min(_LEAST_SIGMA, fit.sigma)]
    costs, pixels = np.zeros(len(sigmas)), 0
    for patch in patches:
        progress.check()
        guidance = Guidance.of(patch, fit)
        seen = _compared(patch, guidance.system.predictors, learned.network.contract.context)
        if not seen.any():
            continue
        fine = _corrected(patch, fit, learned, guidance, sharpen_regression(patch, fit, guidance))
        again = (degrade(fine, patch.factor, float(sigma), patch.guides_valid) for sigma in sigmas)
        costs += [float(((image - patch.coarse)[seen] ** 2).sum(dtype=np.float64)) for image in again]
        pixels += int(seen.sum())
    return lowest(sigmas, costs) if pixels else fit.sigma


def _compared(patch: Patch, predictors: Predictors, context: int) -> BoolArray:
    return predictors.valid & _far_from_nodata(patch, context)
