# SPDX-License-Identifier: GPL-2.0-or-later
"""The teacher's vocabulary: Dynamic World's classes, bands and input transform.

Brown et al. (2022), "Dynamic World, Near real-time global 10 m land use land cover mapping", Scientific Data 9:251,
https://doi.org/10.1038/s41597-022-01307-4. The network is Google's and World Resources Institute's, Apache-2.0.
"""

from __future__ import annotations

import numpy as np

from s2landcover_plugin.core.legend import LandCoverClass, Legend
from s2landcover_plugin.core.radiometry import FloatArray

LEGEND = Legend(
    (
        LandCoverClass(1, "Water", "419BDF", "Rivers, lakes, reservoirs and the sea; water present most of the time."),
        LandCoverClass(2, "Trees", "397D49", "Forest, plantations and orchards: tall, dense woody vegetation."),
        LandCoverClass(3, "Grass", "88B053", "Pastures, meadows, lawns and natural grassland."),
        LandCoverClass(4, "Flooded vegetation", "7A87C6", "Plants and water together: marsh, mangrove, rice paddy."),
        LandCoverClass(5, "Crops", "E49635", "Arable fields, planted or between two plantings."),
        LandCoverClass(6, "Shrub and scrub", "DFC35A", "Low or sparse woody vegetation, alone or mixed with grass."),
        LandCoverClass(7, "Built", "C4281B", "Buildings, roads, yards and other sealed surfaces."),
        LandCoverClass(8, "Bare", "A59B8F", "Soil, sand, gravel and rock with hardly any plants."),
        LandCoverClass(9, "Snow and ice", "B39FE1", "Snow cover and glaciers."),
    )
)
"""Channel `i` of the teacher is class `i + 1`."""

WATER, FLOODED, SHRUB, BUILT, BARE, SNOW = 0, 3, 5, 6, 7, 8
"""Channels that other modules speak of."""

# Band: the two constants of the transform, from the published model.
_CONSTANTS = {
    "B02": (1.7417268007636313, 2.023298706048351),
    "B03": (1.7261204997060209, 2.038905204308012),
    "B04": (1.6798346251414997, 2.179592821212937),
    "B05": (1.7734969472909623, 2.2890068333026603),
    "B06": (2.289154079164943, 2.6171674549378166),
    "B07": (2.382939712192371, 2.773418590375327),
    "B08": (2.3828939530384052, 2.7578332604178284),
    "B11": (2.1952484264967844, 2.789092484314204),
    "B12": (1.554812948247501, 2.4140534947492487),
}
TEACHER_BANDS = tuple(_CONSTANTS)


def teacher_input(reflectance: FloatArray) -> FloatArray:
    """Return what the network wants to see: a logarithm, scaled, squashed into 0-1.

    Args:
        reflectance: bands `TEACHER_BANDS`, shape (9, rows, cols), 0-1; negative counts as zero.

    Returns:
        Shape (1, rows, cols, 9), float32, in (0, 1).
    """
    low, high = np.array(list(_CONSTANTS.values()), dtype=np.float32).T
    log = np.log1p(50.0 * np.maximum(reflectance, 0.0)).transpose(1, 2, 0)
    scaled = (log - low) / high
    squashed = 1.0 / (1.0 + np.exp(1.0 - 5.0 * scaled))
    return np.asarray(squashed[np.newaxis], dtype=np.float32)
