# SPDX-License-Identifier: GPL-2.0-or-later
"""From stored numbers to reflectance and back.

Reflectance is a ratio, mostly between 0 and 1; clouds, snow and glint exceed 1, and atmospheric correction leaves small
negative values over dark water.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .errors import InputError
from .raster import Array, BandInfo

FloatArray = NDArray[np.float32]
BoolArray = NDArray[np.bool_]

STORED_DTYPE = "uint16"
STORED_NODATA = 0
STORED_SCALE = 0.0001
"""Reflectance of one stored unit in every raster that this package writes."""


@dataclass(frozen=True)
class Radiometry:
    """A linear relation between stored numbers and reflectance: `reflectance = stored * scale + offset`.

    Attributes:
        scale: reflectance of one stored unit; not zero.
        offset: reflectance of stored number zero.
    """

    scale: float
    offset: float = 0.0

    def __post_init__(self) -> None:
        if not (np.isfinite(self.scale) and np.isfinite(self.offset)) or self.scale <= 0:
            raise InputError(f"A scale of {self.scale} with offset {self.offset} does not give reflectance.")

    @classmethod
    def from_product(cls, quantification: float, add_offset: float = 0.0) -> Radiometry:
        """Return the relation of a Sentinel-2 product.

        `reflectance = (DN + add_offset) / quantification`: Sentinel-2 Products Specification Document
        (S2-PDGS-TAS-DI-PSD) from version 14.8 on, baseline 04.00. The values are the product's QUANTIFICATION_VALUE
        and RADIO_ADD_OFFSET (L1C) or BOA_ADD_OFFSET (L2A).
        """
        return cls(1.0 / quantification, add_offset / quantification)

    def to_reflectance(self, stored: Array, out: FloatArray | None = None) -> FloatArray:
        """Return reflectance as float32, any shape; in `out` if given."""
        result: FloatArray = np.multiply(stored, np.float32(self.scale), out=out, dtype=np.float32, casting="same_kind")
        if self.offset:
            result += np.float32(self.offset)
        return result


def assumed_radiometry(info: BandInfo, largest: float) -> tuple[Radiometry, str]:
    """Decide what a raster's numbers mean when no product metadata comes with it.

    Args:
        info: the band; a scale or offset that it declares is taken at its word.
        largest: a large valid value of the raster (a high percentile of a sample), stored numbers.

    Returns:
        The relation, and a sentence that says what was assumed; empty where the file declares it.
    """
    if info.declares_scale:
        return Radiometry(info.scale, info.offset), ""
    if np.dtype(info.dtype).kind == "f" and largest <= 3.0:
        return Radiometry(1.0), "The numbers are taken as reflectance from 0 to 1; the raster declares no scale."
    return Radiometry(STORED_SCALE), "The numbers are taken as reflectance x 10000; the raster declares no scale."


def to_stored(reflectance: FloatArray, valid: BoolArray) -> NDArray[np.uint16]:
    """Return reflectance as it is written: uint16, x 10000, nodata 0.

    Valid zero and negative reflectance becomes 1, so that it stays distinct from nodata; what exceeds the type becomes
    65535.

    Args:
        reflectance: any shape; NaN only where not valid.
        valid: boolean, same shape (or one that broadcasts to it).
    """
    scaled = np.rint(np.where(valid, reflectance, 0.0) / STORED_SCALE)
    return np.where(valid, np.clip(scaled, 1, 65535), STORED_NODATA).astype(np.uint16)
