# SPDX-License-Identifier: GPL-2.0-or-later
"""Giving back to a sharpened band what it lacks of the original."""

from __future__ import annotations

from ..radiometry import BoolArray, FloatArray
from .multiresolution import convolve, cubic_upsample, degrade, fill_invalid, restoring_kernel
from .patch import Patch

FILL_REACH = 2
"""Cubic convolution looks two pixels far; so much of an image is continued beyond the edge of the data."""

_RESTORING_STEPS, _RESTORING_RADIUS = 12, 6


def returned_residual(patch: Patch, fine: FloatArray, sigma: float, valid: BoolArray) -> FloatArray:
    """Return, at the fine resolution, what the degraded result lacks of the original band.

    Args:
        patch: the band and its guides.
        fine: the result so far, reflectance, shape (rows x factor, cols x factor).
        sigma: the blur between the two, as the standard deviation of a Gaussian in coarse pixels.
        valid: where the band can be compared with the result, shape (rows, cols).
    """
    residual = patch.coarse - degrade(fine, patch.factor, sigma, patch.guides_valid)
    kernel = restoring_kernel(patch.factor, sigma, _RESTORING_STEPS, _RESTORING_RADIUS)
    return cubic_upsample(convolve(fill_invalid(residual, valid, FILL_REACH), kernel), patch.factor)
