# SPDX-License-Identifier: GPL-2.0-or-later
"""Random fields and simple geometry on a square of pixels: the shapes that the sample landscape is made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatField = NDArray[np.float32]
IntField = NDArray[np.int64]


def fractal(random: np.random.Generator, size: int, finest: float, coarsest: float, roughness: float) -> FloatField:
    """Return noise whose features measure between two sizes, mean 0 and standard deviation 1.

    Args:
        random: source of randomness.
        size: pixels a side.
        finest: features smaller than this many pixels fade out.
        coarsest: features larger than this fade out.
        roughness: exponent of the amplitude's fall with spatial frequency; 0 is white, 2 is like hills.
    """
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None])
    frequency[0, 0] = 1.0
    amplitude = frequency**-roughness * np.exp(-((frequency * finest) ** 2))
    amplitude *= 1 - np.exp(-((frequency * coarsest) ** 2))
    amplitude[0, 0] = 0.0
    spectrum = np.fft.rfft2(random.standard_normal((size, size))) * amplitude
    field = np.fft.irfft2(spectrum, s=(size, size))
    normalised: FloatField = (field / max(field.std(), 1e-12)).astype(np.float32)
    return normalised


def positions(size: int) -> tuple[FloatField, FloatField]:
    """Return every pixel's row and column, in shares (0-1) of the side."""
    axis = ((np.arange(size) + 0.5) / size).astype(np.float32)
    rows, cols = np.meshgrid(axis, axis, indexing="ij")
    return rows, cols


def distance_to_line(size: int, start: tuple[float, float], end: tuple[float, float]) -> FloatField:
    """Return the distance to a line segment in pixels; its ends are (row, col) in shares of the side."""
    rows, cols = positions(size)
    direction = np.array(end) - np.array(start)
    along = ((rows - start[0]) * direction[0] + (cols - start[1]) * direction[1]) / float(direction @ direction)
    along = np.clip(along, 0, 1)
    apart = np.hypot(rows - start[0] - along * direction[0], cols - start[1] - along * direction[1])
    pixels: FloatField = (apart * size).astype(np.float32)
    return pixels


def rotated(size: int, centre: tuple[float, float], degrees: float | FloatField) -> tuple[FloatField, FloatField]:
    """Return coordinates in pixels along two axes turned by an angle, from a centre given in shares of the side."""
    rows, cols = positions(size)
    angle = np.deg2rad(degrees)
    y, x = (rows - centre[0]) * size, (cols - centre[1]) * size
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    return along.astype(np.float32), across.astype(np.float32)


def nearest_seed(random: np.random.Generator, size: int, count: int) -> IntField:
    """Return which of `count` random points is nearest to each pixel: a map of districts."""
    seeds = random.random((count, 2))
    rows, cols = positions(size)
    nearest = np.zeros((size, size), dtype=np.int64)
    shortest = np.full((size, size), np.inf, dtype=np.float32)
    for index, (row, col) in enumerate(seeds):
        apart = (rows - row) ** 2 + (cols - col) ** 2
        closer = apart < shortest
        nearest[closer], shortest[closer] = index, apart[closer]
    return nearest


def identity(*keys: IntField | int) -> NDArray[np.uint64]:
    """Return one number for every combination of whole numbers, such as district, row and column of a parcel."""
    state: NDArray[np.uint64] = np.ones((), dtype=np.uint64)
    for key in keys:
        state = _scrambled(state + np.asarray(key).astype(np.int64).astype(np.uint64))
    return state


def drawn(identities: NDArray[np.uint64], what: int) -> FloatField:
    """Return a random number (0-1) for every identity, the same wherever the identity is the same.

    Args:
        identities: what `identity` returns.
        what: which of any number of independent draws.
    """
    return (_scrambled(identities + np.uint64(what)) >> np.uint64(40)).astype(np.float32) / np.float32(2**24)


def _scrambled(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Mix the bits: SplitMix64 (Steele et al. 2014, https://doi.org/10.1145/2660193.2660195)."""
    with np.errstate(over="ignore"):
        state = (state + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return state ^ (state >> np.uint64(31))
