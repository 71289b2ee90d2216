# SPDX-License-Identifier: GPL-2.0-or-later
"""Where physics knows better than the teacher.

Both rules look at surface reflectance and are meant to fire only where there is no doubt.
"""

from __future__ import annotations

import numpy as np

from s2landcover_plugin.core.radiometry import BoolArray, FloatArray

from ..dynamic_world import SNOW, WATER
from .atmosphere import STUDENT_BANDS

_GREEN, _NIR, _SWIR = (STUDENT_BANDS.index(band) for band in ("B03", "B08", "B11"))
_CERTAINTY = 0.95


def normalised_difference(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return (first - second) / (first + second), -1 to 1; 0 where both are dark."""
    total = first + second
    return np.asarray(np.divide(first - second, total, out=np.zeros_like(total), where=total > 1e-6))


def open_water(surface: FloatArray) -> BoolArray:
    """Say where water is certain.

    Green exceeds short-wave infrared by far (MNDWI above 0.5: Xu 2006, https://doi.org/10.1080/01431160600589179), near
    infrared is below half of green, and both infrared bands are nearly black. Vegetation in shadow keeps its near
    infrared above green; snow in shadow reflects near infrared almost as it does green.

    Args:
        surface: bands `STUDENT_BANDS`, shape (10, rows, cols), surface reflectance 0-1.
    """
    green, nir, swir = (np.maximum(surface[i], 0.0) for i in (_GREEN, _NIR, _SWIR))
    dark = (nir < 0.04) & (swir < 0.015) & (green > 0.004) & (green < 0.15)
    return np.asarray(dark & (nir < 0.5 * green) & (normalised_difference(green, swir) > 0.5))


def impossible_snow(surface: FloatArray) -> BoolArray:
    """Say where snow is impossible: as bright in short-wave infrared as in green, as sand and roofs are.

    NDSI of snow is above 0.4 (Hall et al. 1995, https://doi.org/10.1016/0034-4257(95)00137-P), and still above 0.1
    under trees.
    """
    green, swir = (np.maximum(surface[i], 0.0) for i in (_GREEN, _SWIR))
    return np.asarray(normalised_difference(green, swir) < 0.1)


def corrected(probabilities: FloatArray, surface: FloatArray) -> FloatArray:
    """Return the teacher's probabilities, shape (9, rows, cols), with both rules applied; they still sum to 1.

    Certain water gets 0.95 of the probability (or keeps more); impossible snow gets none.
    """
    result = probabilities.copy()
    result[SNOW][impossible_snow(surface)] = 0.0
    result /= np.maximum(result.sum(axis=0), 1e-6)
    water = open_water(surface) & (result[WATER] < _CERTAINTY)
    others = 1.0 - result[WATER][water]
    result[:, water] *= (1.0 - _CERTAINTY) / others
    result[WATER][water] = _CERTAINTY
    return result
