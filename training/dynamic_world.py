# SPDX-License-Identifier: GPL-2.0-or-later
"""The teacher's vocabulary: Dynamic World's classes, bands and input transform, as its description states them.

Brown et al. (2022), "Dynamic World, Near real-time global 10 m land use land cover mapping", Scientific Data 9:251,
https://doi.org/10.1038/s41597-022-01307-4. The network is Google's and World Resources Institute's, Apache-2.0.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from s2landcover_plugin.core.models.contract import ModelContract
from s2landcover_plugin.core.models.normalisation import normalise
from s2landcover_plugin.core.radiometry import FloatArray

# The one that users put beside the model file to classify with it.
_DESCRIPTION = Path(__file__).with_suffix(".json")
_CONTRACT = ModelContract.from_json(_DESCRIPTION.read_text(encoding="utf-8"))

LEGEND = _CONTRACT.legend
"""Channel `i` of the teacher is class `i + 1`."""

CREDIT = _CONTRACT.attribution
"""Whom to credit for the network."""

TEACHER_BANDS = _CONTRACT.bands

TEACHER_SCALING = next(step for step in _CONTRACT.normalisation if step.type == "z-score")
"""The step of the input transform that has numbers of its own for each band."""

WATER, FLOODED, SHRUB, BUILT, BARE, SNOW = 0, 3, 5, 6, 7, 8
"""Channels that other modules speak of."""


def teacher_input(reflectance: FloatArray) -> FloatArray:
    """Return what the network wants to see: a logarithm, scaled, squashed into 0-1.

    Args:
        reflectance: bands `TEACHER_BANDS`, shape (9, rows, cols), 0-1; negative counts as zero.

    Returns:
        Shape (1, rows, cols, 9), float32, in (0, 1).
    """
    numbers = np.asarray(reflectance[np.newaxis] * np.float32(_CONTRACT.input_scale), np.float32)
    return np.ascontiguousarray(normalise(numbers, _CONTRACT.normalisation).transpose(0, 2, 3, 1))
