# SPDX-License-Identifier: GPL-2.0-or-later
"""How the sample scene's surfaces reflect.

Each surface is a dozen numbers: its typical surface reflectance in Sentinel-2's bands. They follow medians over pixels
that a classifier is sure of in openly licensed scenes (BigEarthNet patches, CDLA-Permissive-1.0; chips of north-eastern
Spain, MIT; a crop of farmland, CC BY 4.0), rounded and smoothed. Where those have no example (metal roofs, fresh snow,
rapeseed in flower, clouds) they follow the shapes of the USGS spectral library (https://doi.org/10.3133/ds1035).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from s2landcover_plugin.core.bands import L2A_BANDS
from s2landcover_plugin.core.legend import LandCoverClass, Legend

LEGEND = Legend(
    (
        LandCoverClass(1, "Water", "419BDF"),
        LandCoverClass(2, "Trees", "397D49"),
        LandCoverClass(3, "Grass", "88B053"),
        LandCoverClass(4, "Flooded vegetation", "7A87C6"),
        LandCoverClass(5, "Crops", "E49635"),
        LandCoverClass(6, "Shrub and scrub", "DFC35A"),
        LandCoverClass(7, "Built", "C4281B"),
        LandCoverClass(8, "Bare", "A59B8F"),
        LandCoverClass(9, "Snow and ice", "B39FE1"),
    )
)
"""The sample scene's classes: those of the bundled model."""

WATER, TREES, GRASS, FLOODED, CROPS, SHRUB, BUILT, BARE, SNOW = LEGEND.values


class Surface(enum.IntEnum):
    """Index of a surface in `REFLECTANCE`."""

    LAKE = 0
    RIVER = 1
    DECIDUOUS = 2
    CONIFEROUS = 3
    MEADOW = 4
    DRY_GRASS = 5
    REED = 6
    SHALLOWS = 7
    GREEN_CROP = 8
    RIPE_CROP = 9
    RAPESEED = 10
    SOIL = 11
    STUBBLE = 12
    HEATH = 13
    MAQUIS = 14
    TILES = 15
    CONCRETE = 16
    METAL = 17
    ASPHALT = 18
    ROCK = 19
    GRAVEL = 20
    FRESH_SNOW = 21
    OLD_SNOW = 22
    CLOUD = 23


@dataclass(frozen=True)
class _Typical:
    """Typical reflectance in percent, in the order of `L2A_BANDS`; how much brightness and vigour vary, as shares."""

    percent: tuple[float, ...]
    brightness: float
    vigour: float = 0.0


# fmt: off
_TYPICAL = {
    #                                B01   B02   B03   B04   B05   B06   B07   B08   B8A   B09   B11   B12
    Surface.LAKE:       _Typical(( 3.9,  4.1,  4.9,  2.6,  2.1,  1.6,  1.6,  1.4,  1.5,  1.7,  1.6,  1.3), 0.05),
    Surface.RIVER:      _Typical(( 4.4,  5.1,  6.6,  4.4,  3.9,  2.9,  2.9,  2.5,  2.4,  2.7,  2.0,  1.6), 0.06),
    Surface.DECIDUOUS:  _Typical(( 2.1,  2.3,  3.9,  2.2,  6.6, 23.5, 30.5, 32.0, 33.0, 33.0, 14.0,  6.1), 0.16, .05),
    Surface.CONIFEROUS: _Typical(( 1.7,  2.0,  3.2,  2.1,  5.2, 14.6, 17.9, 19.2, 20.1, 20.3,  8.6,  4.0), 0.18, .05),
    Surface.MEADOW:     _Typical(( 3.6,  3.7,  7.9,  4.2, 13.2, 36.5, 44.5, 45.5, 47.5, 46.5, 21.8, 10.6), 0.05, .05),
    Surface.DRY_GRASS:  _Typical(( 4.6,  5.4,  8.8,  7.8, 13.8, 25.5, 29.0, 31.0, 32.0, 31.5, 25.5, 15.5), 0.06, .06),
    Surface.REED:       _Typical(( 8.9,  9.6, 10.8, 10.0, 12.9, 20.4, 22.9, 25.0, 24.2, 25.0, 16.2, 11.0), 0.06),
    Surface.SHALLOWS:   _Typical(( 8.1,  9.2,  9.8,  8.3,  8.7,  9.4,  9.7, 10.4,  9.8, 10.0,  7.4,  6.3), 0.06),
    Surface.GREEN_CROP: _Typical(( 1.9,  2.2,  4.9,  2.4,  6.6, 27.5, 39.0, 40.5, 42.5, 42.0, 12.4,  5.1), 0.03, .03),
    Surface.RIPE_CROP:  _Typical(( 6.3,  8.1, 12.0, 15.0, 19.6, 26.0, 29.0, 31.0, 33.0, 33.0, 33.5, 22.0), 0.03, .02),
    Surface.RAPESEED:   _Typical(( 4.3,  4.9, 12.6,  9.2, 18.2, 37.0, 43.0, 45.0, 47.0, 46.0, 22.0, 11.2), 0.03, .03),
    Surface.SOIL:       _Typical(( 5.2,  7.2,  9.8, 13.4, 15.6, 18.4, 20.2, 21.0, 22.6, 23.0, 29.5, 24.8), 0.04),
    Surface.STUBBLE:    _Typical(( 7.0,  9.6, 13.3, 17.6, 21.5, 25.0, 27.0, 28.8, 30.6, 31.0, 38.5, 29.3), 0.04),
    Surface.HEATH:      _Typical(( 3.1,  3.8,  5.4,  5.4,  9.0, 16.8, 19.4, 20.3, 21.5, 21.7, 20.5, 13.0), 0.10, .08),
    Surface.MAQUIS:     _Typical(( 2.7,  3.4,  4.9,  5.0,  8.0, 14.2, 16.4, 17.7, 18.4, 18.6, 18.8, 12.1), 0.12, .08),
    Surface.TILES:      _Typical(( 6.9,  8.6, 11.4, 17.0, 19.6, 22.6, 24.4, 26.0, 27.6, 28.0, 30.0, 25.0), 0.20),
    Surface.CONCRETE:   _Typical((12.0, 15.0, 17.2, 19.0, 20.0, 21.0, 22.0, 23.2, 24.0, 24.5, 26.5, 24.5), 0.25),
    Surface.METAL:      _Typical((26.0, 33.0, 35.0, 36.0, 36.0, 36.5, 37.0, 38.0, 38.0, 38.0, 36.0, 33.0), 0.25),
    Surface.ASPHALT:    _Typical(( 7.2,  8.2,  9.3, 10.2, 10.9, 11.8, 12.5, 13.2, 13.9, 14.2, 16.0, 14.8), 0.12),
    Surface.ROCK:       _Typical((11.5, 15.5, 19.0, 22.5, 24.5, 26.0, 27.0, 28.2, 29.0, 27.0, 34.5, 31.0), 0.14),
    Surface.GRAVEL:     _Typical((14.0, 19.5, 25.0, 30.0, 32.6, 33.8, 35.0, 36.3, 36.5, 32.0, 44.5, 37.5), 0.10),
    Surface.FRESH_SNOW: _Typical((74.0, 79.0, 79.0, 77.0, 77.0, 76.0, 75.0, 74.0, 71.0, 66.0, 10.0,  8.0), 0.06),
    Surface.OLD_SNOW:   _Typical((50.0, 53.0, 53.0, 52.0, 53.0, 52.0, 51.0, 50.0, 48.0, 45.0, 12.0,  9.5), 0.10),
    Surface.CLOUD:      _Typical((56.0, 55.0, 54.0, 54.0, 55.0, 56.0, 57.0, 58.0, 58.0, 46.0, 44.0, 37.0), 0.08),
}
# fmt: on

_PERCENT = np.array([_TYPICAL[surface].percent for surface in Surface])

REFLECTANCE: NDArray[np.float32] = (_PERCENT / 100).astype(np.float32)
"""Typical reflectance, shape (surfaces, bands of `L2A_BANDS`)."""

BRIGHTNESS: NDArray[np.float32] = np.array([_TYPICAL[surface].brightness for surface in Surface], dtype=np.float32)
"""Standard deviation of the brightness of each surface, as a share of it; common to all bands."""

VIGOUR: NDArray[np.float32] = np.array([_TYPICAL[surface].vigour for surface in Surface], dtype=np.float32)
"""Standard deviation of plant vigour, which raises the near infrared and lowers visible and shortwave infrared."""

VIGOUR_SIGN: NDArray[np.float32] = np.array(
    [1.0 if band in ("B06", "B07", "B08", "B8A", "B09") else -1.0 for band in L2A_BANDS], dtype=np.float32
)
"""Which way vigour moves each band."""
