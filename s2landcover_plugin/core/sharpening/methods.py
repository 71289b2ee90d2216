# SPDX-License-Identifier: GPL-2.0-or-later
"""Bringing Sentinel-2's 20 m and 60 m bands to 10 m with the help of the bands taken at 10 m.

How blurred a coarse band is relative to the guides decides the result more than the method does; it is estimated from
the data (`fitting.fit_bands`).

Everything is a pure function of arrays in reflectance. A pixel's result depends on its neighbourhood of `support`
coarse pixels only, so that a scene can be processed in pieces.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..errors import InputError
from ..radiometry import FloatArray
from .fitting import BandFit, fit_band
from .learned import sharpen_learned
from .multiresolution import coverage, cubic_upsample, degrade, fill_invalid
from .patch import Patch
from .regression import Guidance, sharpen_regression
from .residual import FILL_REACH

METHODS = ("regression", "learned", "brovey", "none")
GUIDED = ("regression", "learned")
"""Methods that prepare the guides once for all bands of a resolution; see `Guidance`."""

_SUPPORT = 26
# What giving back the residual once more looks beyond the network's context.
_RETURN_SUPPORT = 10
# Below this reflectance a ratio of two bands is noise.
_DARK = 1e-3


def support(method: str, fits: Iterable[BandFit] = ()) -> int:
    """Return how far, in coarse pixels, a sharpened pixel looks.

    Args:
        method: one of `METHODS`.
        fits: of the bands to sharpen.
    """
    networks = [fit.learned.network for fit in fits if method == "learned" and fit.learned is not None]
    return max((_SUPPORT + _RETURN_SUPPORT + network.contract.context for network in networks), default=_SUPPORT)


def sharpen(
    patch: Patch, method: str = "regression", fit: BandFit | None = None, guidance: Guidance | None = None
) -> FloatArray:
    """Sharpen one band by the method of that name.

    Args:
        patch: the band and its guides.
        method: one of `METHODS`.
        fit: the band's blur and scene-wide relation; estimated from this very patch by default.
        guidance: what another band made of the same guides, for `GUIDED` methods; used if it fits this one, too.

    Returns:
        Reflectance, shape (rows x factor, cols x factor), float32, finite; without meaning where the coarse pixel or
        a guide is not valid.

    Raises:
        InputError: if there is no such method.
    """
    if method == "regression":
        return sharpen_regression(patch, fit or fit_band([patch]), guidance)
    if method == "learned":
        return sharpen_learned(patch, fit or fit_band([patch]), guidance)
    if method == "brovey":
        return sharpen_brovey(patch, fit or fit_band([patch]))
    if method == "none":
        return sharpen_none(patch)
    raise InputError(f"There is no sharpening method '{method}'; choose one of {', '.join(METHODS)}.")


def sharpen_brovey(patch: Patch, fit: BandFit) -> FloatArray:
    """Sharpen by the ratio of the guides' mean to its own degraded version; returns what `sharpen` does."""
    pan = patch.guides.mean(axis=0, dtype=np.float32)
    low = degrade(pan, patch.factor, fit.sigma, patch.guides_valid)
    seen = coverage(patch.guides_valid, patch.factor, fit.sigma) > 0
    low = cubic_upsample(fill_invalid(low, seen, FILL_REACH), patch.factor)
    ratio: FloatArray = np.divide(pan, low, out=np.ones_like(pan), where=patch.guides_valid & (low > _DARK))
    return sharpen_none(patch) * ratio


def sharpen_none(patch: Patch) -> FloatArray:
    """Bring the band to the fine grid by cubic convolution, without the guides; returns what `sharpen` does."""
    return cubic_upsample(fill_invalid(patch.coarse, patch.coarse_valid, FILL_REACH), patch.factor)
