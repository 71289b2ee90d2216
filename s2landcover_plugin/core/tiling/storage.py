# SPDX-License-Identifier: GPL-2.0-or-later
"""What the numbers in the images of a dataset are, and how they are stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..radiometry import STORED_DTYPE, STORED_NODATA, STORED_SCALE

REFLECTANCE, STORED = "reflectance", "stored"


@dataclass(frozen=True)
class Storage:
    """How images are stored.

    Attributes:
        dtype: numpy name of the pixel type.
        nodata: value of pixels without data; None where every number is a valid one, so that black stays black.
        scale: what one stored unit is to training, which sees 0-1.
        bin: width of a bin of histograms, in stored units.
    """

    dtype: str
    nodata: int | None
    scale: float
    bin: int


STORAGES: Mapping[str, Storage] = {
    REFLECTANCE: Storage(STORED_DTYPE, STORED_NODATA, STORED_SCALE, 50),
    STORED: Storage("uint8", None, 1 / 255, 1),
}
"""By what the numbers are: reflectance x 10000, or bytes as photographs have them."""
