# SPDX-License-Identifier: GPL-2.0-or-later
"""Small products in native resolution whose 20 m bands depend on the guides, but not linearly."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from s2landcover_plugin.core.bands import GUIDE_BANDS
from s2landcover_plugin.core.sharpening.multiresolution import degrade
from tests.safe_products import write_band
from tests.scenes import related_bands
from training.sharpening.scenes import BANDS


def write_product(folder: Path, side: int, seed: int = 0, nodata: bool = False) -> dict[str, np.ndarray]:
    """Write a folder of band files; `side` is that of the 20 m bands."""
    guides, band = related_bands(2 * side, 2 * side, seed)
    guides = np.concatenate([guides, guides[:1] * guides[1:2] * 3])
    images = dict(zip(GUIDE_BANDS, guides))
    for number, name in enumerate(BANDS):
        images[name] = degrade(band * (1 - 0.1 * number) + 0.1 * number * guides[3], 2, 0.43)
    for name, image in images.items():
        stored = image.copy()
        if nodata:
            stored[len(stored) // 2] = 0
        write_band(folder / f"{name}.tif", stored, 10 if name in GUIDE_BANDS else 20)
    return images
