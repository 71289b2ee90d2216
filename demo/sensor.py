# SPDX-License-Identifier: GPL-2.0-or-later
"""What Sentinel-2's instrument makes of a landscape: blur, three resolutions, noise, and digital numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demo.surfaces import SNOW, WATER
from s2landcover_plugin.core.bands import BANDS, L2A_BANDS
from s2landcover_plugin.core.sharpening.multiresolution import convolve, degrade, linear_upsample

QUANTIFICATION = 10000
ADD_OFFSET = -1000
NODATA = 0

# Aerosol optical thickness and water vapour (cm), both x 1000: the same all over the scene.
_ATMOSPHERE = {"AOT": 100, "WVP": 1500}

# Gaussian blur of the instrument and the atmosphere, as a standard deviation in pixels of each resolution.
_BLUR = 0.45
_NOISE = 0.0006

SCL_NODATA, SCL_SHADOW, SCL_VEGETATION, SCL_NOT_VEGETATED, SCL_WATER, SCL_CLOUD, SCL_SNOW = 0, 3, 4, 5, 6, 9, 11

_OF_RESOLUTION = {
    10: ("B02", "B03", "B04", "B08"),
    20: ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B8A", "B11", "B12"),
    60: ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B8A", "B09", "B11", "B12"),
}
"""Which bands an L2A product of baseline 05.11 has at which resolution."""


@dataclass(frozen=True, eq=False)
class Observation:
    """The images of a product.

    Attributes:
        bands: digital numbers by band id (or `AOT`, `WVP`) and resolution, uint16, shape (rows, cols).
        scl: scene classification by resolution (20 and 60 m), uint8.
        natural_colour: red, green and blue by resolution, uint8, shape (3, rows, cols).
    """

    bands: Mapping[tuple[str, int], NDArray[np.uint16]]
    scl: Mapping[int, NDArray[np.uint8]]
    natural_colour: Mapping[int, NDArray[np.uint8]]


def observe(
    reflectance: NDArray[np.float32],
    scl: NDArray[np.uint8],
    valid: NDArray[np.bool_],
    random: np.random.Generator,
) -> Observation:
    """Return the images that the instrument and the ground segment make.

    Args:
        reflectance: of the ground at 10 m, shape (12, size, size).
        scl: scene classification at 10 m, shape (size, size).
        valid: what the swath covers, shape (size, size).
        random: source of the noise.
    """
    native = {band: _taken(plane, BANDS[band].gsd, random) for band, plane in zip(L2A_BANDS, reflectance)}
    seen = {gsd: _whole_pixels(valid, gsd // 10) for gsd in _OF_RESOLUTION}
    numbers = {
        (band, gsd): _digital(_resampled(native[band], BANDS[band].gsd, gsd), seen[gsd])
        for gsd, bands in _OF_RESOLUTION.items()
        for band in bands
    }
    for kind, number in _ATMOSPHERE.items():
        numbers.update({(kind, gsd): np.where(seen[gsd], number, NODATA).astype(np.uint16) for gsd in seen})
    classes = {
        gsd: np.where(seen[gsd], scl[:: gsd // 10, :: gsd // 10], SCL_NODATA).astype(np.uint8) for gsd in (20, 60)
    }
    colour = {gsd: _natural_colour([numbers[band, gsd] for band in ("B04", "B03", "B02")]) for gsd in _OF_RESOLUTION}
    return Observation(numbers, classes, colour)


def scene_classification(
    classes: NDArray[np.uint8], reflectance: NDArray[np.float32], cloud: NDArray[np.bool_], shadow: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """Return the scene classification (SCL) of a landscape at 10 m, shape (size, size)."""
    red, infrared = reflectance[L2A_BANDS.index("B04")], reflectance[L2A_BANDS.index("B08")]
    green = (infrared - red) > 0.4 * (infrared + red)
    scl = np.where(green, SCL_VEGETATION, SCL_NOT_VEGETATED)
    for value, where in ((SCL_WATER, classes == WATER), (SCL_SNOW, classes == SNOW)):
        scl[where] = value
    scl[shadow], scl[cloud] = SCL_SHADOW, SCL_CLOUD
    return scl.astype(np.uint8)


def _taken(plane: NDArray[np.float32], gsd: int, random: np.random.Generator) -> NDArray[np.float32]:
    """Return one band as the instrument takes it, at its own resolution."""
    if gsd == 10:
        taps = np.exp(-0.5 * (np.arange(-2, 3) / _BLUR) ** 2)
        image = convolve(plane, (taps / taps.sum()).astype(np.float32))
    else:
        image = degrade(plane, gsd // 10, _BLUR)
    return (image + random.normal(0, _NOISE, image.shape)).astype(np.float32)


def _resampled(image: NDArray[np.float32], own: int, wanted: int) -> NDArray[np.float32]:
    if wanted < own:
        return linear_upsample(image, own // wanted)
    factor = wanted // own
    rows, cols = image.shape[0] // factor, image.shape[1] // factor
    coarser: NDArray[np.float32] = image.reshape(rows, factor, cols, factor).mean(axis=(1, 3), dtype=np.float32)
    return coarser


def _whole_pixels(valid: NDArray[np.bool_], factor: int) -> NDArray[np.bool_]:
    rows, cols = valid.shape[0] // factor, valid.shape[1] // factor
    return np.asarray(valid.reshape(rows, factor, cols, factor).all(axis=(1, 3)))


def _digital(reflectance: NDArray[np.float32], valid: NDArray[np.bool_]) -> NDArray[np.uint16]:
    numbers = np.rint(reflectance * QUANTIFICATION - ADD_OFFSET)
    return np.where(valid, np.clip(numbers, 1, 65534), NODATA).astype(np.uint16)


def _natural_colour(numbers: list[NDArray[np.uint16]]) -> NDArray[np.uint8]:
    """Return red, green and blue, 255 at a reflectance of 0.3, as ESA's true-colour images."""
    stacked = np.stack(numbers).astype(np.float32)
    bright = (stacked + ADD_OFFSET) * (255 / (0.3 * QUANTIFICATION))
    return np.where(stacked == NODATA, 0, np.clip(bright, 1, 255)).astype(np.uint8)
