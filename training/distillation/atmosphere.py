# SPDX-License-Identifier: GPL-2.0-or-later
"""One surface, seen from the ground (L2A) and through the air (L1C).

The teacher knows top-of-atmosphere reflectance. Asked about L2A, whose atmosphere has been removed, it maps open sea as
trees and harbours as bare soil; with a typical path reflectance added back, it maps them as water and built. So it is
always asked about the L1C-like view, and the student learns to give that answer for either.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from s2landcover_plugin.core.radiometry import FloatArray

STUDENT_BANDS = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12")

PATH_REFLECTANCE = np.array(
    [0.070, 0.045, 0.028, 0.022, 0.015, 0.012, 0.009, 0.008, 0.002, 0.001], dtype=np.float32
).reshape(-1, 1, 1)
"""Reflectance that a clear, slightly hazy atmosphere adds, by `STUDENT_BANDS`: molecular scattering (wavelength to the
power of -4) plus aerosol; close to the difference between the L1C and L2A products of one clear scene."""

DARKEST = 0.0001
"""Reflectance that nothing falls below: the smallest valid value of a stored raster."""


@dataclass(frozen=True)
class Views:
    """One patch in both levels; bands `STUDENT_BANDS`, shape (10, rows, cols), reflectance.

    Attributes:
        surface: as an L2A product has it.
        top: as an L1C product has it.
    """

    surface: FloatArray
    top: FloatArray


def both_views(reflectance: FloatArray, level: str, strength: float) -> Views:
    """Return a patch in both levels.

    Args:
        reflectance: bands `STUDENT_BANDS`, shape (10, rows, cols).
        level: `L1C` or `L2A`, what `reflectance` is.
        strength: how much of `PATH_REFLECTANCE` lies between the two, about 0.4 (clear) to 1 (hazy).
    """
    path = np.float32(strength) * PATH_REFLECTANCE
    if level == "L1C":
        return Views(np.maximum(reflectance - path, DARKEST), reflectance)
    return Views(reflectance, np.maximum(reflectance, DARKEST) + path)


def through_air(surface: FloatArray, strength: float) -> FloatArray:
    """Return a surface as seen through an atmosphere of some strength (0: none)."""
    return surface + np.float32(strength) * PATH_REFLECTANCE
