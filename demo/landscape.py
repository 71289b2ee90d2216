# SPDX-License-Identifier: GPL-2.0-or-later
"""The sample scene's landscape: a mountain, a river through a lake, forests, fields, villages and a quarry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo.canvas import Canvas, Mask
from demo.fields import FloatField, distance_to_line, drawn, fractal, identity, nearest_seed, positions, rotated
from demo.surfaces import BARE, BUILT, CROPS, FLOODED, GRASS, SHRUB, SNOW, TREES, WATER, Surface


@dataclass(frozen=True)
class _Village:
    """A settlement: its centre (row, col) and radius in shares of the side, and the direction of its streets."""

    centre: tuple[float, float]
    radius: float
    degrees: float


_LAKE, _LAKE_RADIUS = (0.60, 0.25), 0.115
_MOUNTAIN, _MOUNTAIN_RADIUS = (0.14, 0.80), 0.33
_QUARRY = (0.50, 0.86)
_VILLAGES = (
    _Village((0.74, 0.68), 0.085, 18.0),
    _Village((0.33, 0.22), 0.06, -32.0),
    _Village((0.90, 0.20), 0.045, 55.0),
)
_ROADS = (
    ((0.74, 0.68), (0.33, 0.22)),
    ((0.74, 0.68), (0.90, 0.20)),
    ((0.74, 0.68), (1.02, 0.86)),
    ((0.74, 0.68), (0.52, 1.02)),
    ((0.33, 0.22), (-0.02, 0.30)),
    ((0.33, 0.22), (0.36, -0.02)),
    ((0.90, 0.20), (1.02, 0.05)),
)


@dataclass(frozen=True)
class _Use:
    """What grows on a parcel.

    Attributes:
        upper: parcels whose random number (0-1) lies below this, and above the previous use's, have this use.
        land_cover: class value.
        surface: what covers it.
        other: what is mixed in: bare ground between young plants, the green of what ripens.
        shares: least and greatest share of the other.
    """

    upper: float
    land_cover: int
    surface: Surface
    other: Surface
    shares: tuple[float, float]


_USES = (
    _Use(0.24, CROPS, Surface.GREEN_CROP, Surface.SOIL, (0.2, 0.55)),
    _Use(0.44, CROPS, Surface.RIPE_CROP, Surface.GREEN_CROP, (0.0, 0.35)),
    _Use(0.58, CROPS, Surface.RIPE_CROP, Surface.STUBBLE, (0.0, 0.45)),
    _Use(0.64, CROPS, Surface.STUBBLE, Surface.RIPE_CROP, (0.2, 0.6)),
    _Use(0.80, CROPS, Surface.SOIL, Surface.GREEN_CROP, (0.12, 0.4)),
    _Use(0.82, CROPS, Surface.RAPESEED, Surface.GREEN_CROP, (0.1, 0.4)),
    _Use(1.01, GRASS, Surface.MEADOW, Surface.DRY_GRASS, (0.0, 0.35)),
)


def make_landscape(size: int, random: np.random.Generator) -> Canvas:
    """Return a landscape of about 10 km, painted from the ground up.

    Args:
        size: pixels a side.
        random: source of randomness; the same state gives the same landscape.
    """
    canvas = Canvas(size)
    relief = fractal(random, size, size / 150, size, 1.7)
    _fields(canvas, random)
    _pastures(canvas, random)
    _woods(canvas, random)
    height = _mountain(canvas, relief, random)
    _quarry(canvas, random)
    _waters(canvas, random)
    _roads(canvas)
    outline = fractal(random, size, size / 60, size / 6, 1.5)
    for number, village in enumerate(_VILLAGES):
        _village(canvas, village, number, outline)
    steepness = np.clip(1.1 - height, 0.06, 1) * (canvas.classes != WATER)
    canvas.light(1 + steepness * (_hillshade(relief * 0.4 - 2.5 * height) - 1))
    return canvas


def _fields(canvas: Canvas, random: np.random.Generator) -> None:
    """Divide the plain into districts, each with parcels of its own direction and size."""
    size = canvas.size
    district = nearest_seed(random, size, 30)
    place = identity(district)
    along, across = rotated(size, (0.5, 0.5), drawn(place, 1) * 180)
    strip = np.floor(across / (18 + 26 * drawn(place, 2))).astype(np.int64)
    length = 45 + 80 * drawn(place, 3)
    step = np.floor(along / length + 10 * drawn(identity(district, strip), 4)).astype(np.int64)
    parcel = identity(district, strip, step)
    kind = drawn(parcel, 5)
    uneven = 0.04 * fractal(random, size, 2, 40, 1.2)
    lower = 0.0
    for use in _USES:
        least, most = use.shares
        share = least + (most - least) * drawn(parcel, 6) + uneven
        canvas.paint((kind >= lower) & (kind < use.upper), use.land_cover, use.surface, use.other, share)
        lower = use.upper
    # Parcels are a little lighter or darker as a whole, and worked along their longer side.
    canvas.light(np.exp(0.2 * (drawn(parcel, 7) - 0.5) + 0.012 * np.sin(across * 2.1)).astype(np.float32))


def _pastures(canvas: Canvas, random: np.random.Generator) -> None:
    """Cover larger tracts with pasture, as on slopes and along valleys."""
    size = canvas.size
    tract = fractal(random, size, size / 60, size / 4, 1.5)
    dry = 0.3 + 0.2 * fractal(random, size, 4, size / 8, 1.2)
    canvas.paint(tract > 1.1, GRASS, Surface.MEADOW, Surface.DRY_GRASS, dry)


def _woods(canvas: Canvas, random: np.random.Generator) -> None:
    """Plant woods, with scrub beside some of them."""
    size = canvas.size
    wood = fractal(random, size, size / 120, size / 3.5, 1.45)
    scrub = fractal(random, size, size / 60, size / 5, 1.4)
    heath = 0.5 + 0.25 * fractal(random, size, 3, 30, 1.0)
    canvas.paint((wood > 0.45) & (scrub > 0.55), SHRUB, Surface.HEATH, Surface.MAQUIS, heath)
    conifers = 0.5 + 0.9 * fractal(random, size, size / 100, size / 8, 1.3)
    canvas.paint(wood > 0.95, TREES, Surface.DECIDUOUS, Surface.CONIFEROUS, conifers)


def _mountain(canvas: Canvas, relief: FloatField, random: np.random.Generator) -> FloatField:
    """Build a mountain in belts, snow on top; return the distance from its summit (0) to its foot (1) and beyond."""
    size = canvas.size
    along, across = rotated(size, _MOUNTAIN, -28)
    distance = np.hypot(along * 0.8, across * 1.25) / (_MOUNTAIN_RADIUS * size)
    height: FloatField = np.maximum(distance * (1 - 0.16 * relief) + 0.03 * relief, 0).astype(np.float32)
    belt = height + 0.035 * fractal(random, size, 4, size / 14, 1.2)
    share = 0.4 + 0.3 * fractal(random, size, 3, 40, 1.0)
    clearings = fractal(random, size, size / 100, size / 10, 1.3)
    canvas.paint(height < 1.0, TREES, Surface.CONIFEROUS, Surface.DECIDUOUS, share - 0.3)
    canvas.paint((height < 0.97) & (clearings > 1.3), GRASS, Surface.MEADOW, Surface.DRY_GRASS, share)
    canvas.paint(belt < 0.68, SHRUB, Surface.HEATH, Surface.MAQUIS, share)
    canvas.paint(belt < 0.40, BARE, Surface.ROCK, Surface.GRAVEL, share - 0.1)
    canvas.paint(belt < 0.19, SNOW, Surface.FRESH_SNOW, Surface.OLD_SNOW, share)
    return height


def _quarry(canvas: Canvas, random: np.random.Generator) -> None:
    size = canvas.size
    rows, cols = positions(size)
    outline = np.hypot((rows - _QUARRY[0]) * 1.4, cols - _QUARRY[1]) / 0.07
    rim = outline + 0.14 * fractal(random, size, 3, size / 12, 1.4)
    canvas.paint(rim < 1, BARE, Surface.GRAVEL, Surface.ROCK, 0.45 + 0.3 * fractal(random, size, 2, 30, 1.0))
    # Benches that the diggers leave.
    canvas.light(np.where(rim < 1, 1 + 0.1 * np.sign(np.sin(rim * 22)), 1).astype(np.float32))


def _waters(canvas: Canvas, random: np.random.Generator) -> None:
    """Fill the lake, let the river run through it, and grow reed where the river enters."""
    size = canvas.size
    rows, cols = positions(size)
    shape = fractal(random, size, size / 40, size / 3, 1.8)
    apart_down, apart_right = rows - _LAKE[0], (cols - _LAKE[1]) * 0.8
    apart = np.hypot(apart_down, apart_right)
    shore = apart / _LAKE_RADIUS + 0.16 * shape
    inlet = np.clip(apart_right / np.maximum(apart, 1e-6), 0, 1)
    bed = _LAKE[0] + 0.05 * np.sin(cols * 9 + 0.5) + 0.018 * np.sin(cols * 27 + 1) + 0.06 * np.clip(cols - 0.4, 0, None)
    river = np.abs(rows - bed) * size / np.sqrt(1 + (np.gradient(bed[0]) * size) ** 2)
    pools = fractal(random, size, 2, 14, 0.8)
    marsh = shore < 1 + 0.5 * inlet
    canvas.paint(marsh, FLOODED, Surface.REED, Surface.SHALLOWS, 0.36 + 0.25 * pools)
    banks = fractal(random, size, 2, 25, 1.0)
    canvas.paint((river < 6) & (banks > 0.6) & ~marsh, BARE, Surface.GRAVEL, Surface.ROCK, 0.2)
    canvas.paint(river < 3.8, WATER, Surface.RIVER)
    canvas.paint(shore < 1, WATER, Surface.LAKE, Surface.RIVER, np.clip((shore - 0.7) * 2, 0, 1))


def _roads(canvas: Canvas) -> None:
    for start, end in _ROADS:
        canvas.paint(distance_to_line(canvas.size, start, end) < 1.1, BUILT, Surface.ASPHALT)


def _village(canvas: Canvas, village: _Village, number: int, outline: FloatField) -> None:
    """Lay out streets, houses with gardens, and a quarter of large halls."""
    size = canvas.size
    rows, cols = positions(size)
    reach = np.hypot(rows - village.centre[0], cols - village.centre[1]) / village.radius + 0.13 * outline
    along, across = rotated(size, village.centre, village.degrees)
    inside = reach < 1
    house = identity(np.floor(along / 2).astype(np.int64), np.floor(across / 2).astype(np.int64), number)
    kind, age = drawn(house, 8), drawn(house, 9)
    dense = np.clip(1.05 - 0.35 * reach, 0, 1)
    canvas.paint(inside, BUILT, Surface.MEADOW, Surface.ASPHALT, 0.45)
    canvas.paint(inside & (kind > 0.9), BUILT, Surface.DECIDUOUS, Surface.ASPHALT, 0.25)
    canvas.paint(inside & (kind < 0.62 * dense), BUILT, Surface.TILES, Surface.ASPHALT, 0.5 * age)
    canvas.paint(inside & (kind < 0.26 * dense), BUILT, Surface.CONCRETE, Surface.ASPHALT, 0.6 * age)
    streets = (np.mod(along, 9) < 1.2) | (np.mod(across, 13) < 1.4)
    canvas.paint(inside & streets, BUILT, Surface.ASPHALT, Surface.CONCRETE, 0.2)
    halls = inside & (along > 0.5 * village.radius * size)
    hall = identity(np.floor(along / 9).astype(np.int64), np.floor(across / 7).astype(np.int64), number)
    canvas.paint(halls, BUILT, Surface.ASPHALT, Surface.CONCRETE, 0.3)
    roof = halls & (np.mod(along, 9) > 2.5) & (np.mod(across, 7) > 2)
    canvas.paint(roof, BUILT, Surface.METAL, Surface.CONCRETE, 0.3 + 0.7 * drawn(hall, 11))


def _hillshade(height: FloatField) -> FloatField:
    """Return how strongly slopes are lit by a sun in the south-east, 1 on level ground."""
    down, right = np.gradient(height * (height.shape[0] * 0.05))
    shade = 1 + 0.3 * (right + down) / np.sqrt(1 + right**2 + down**2)
    light: FloatField = np.clip(shade, 0.6, 1.3).astype(np.float32)
    return light


def cloud_and_shadow(size: int, random: np.random.Generator) -> tuple[FloatField, Mask]:
    """Return a small cloud's opacity (0-1), shape (size, size), and where its shadow falls."""
    rows, cols = positions(size)
    puffs = 0.35 * fractal(random, size, size / 120, size / 10, 1.6)
    opacity = np.clip((1 - np.hypot(rows - 0.12, (cols - 0.16) * 0.8) / 0.035 - puffs) * 2.2, 0, 1)
    shift = max(1, round(0.045 * size))
    shadow = np.roll(opacity, (-shift, -shift), axis=(0, 1)) > 0.3
    return opacity.astype(np.float32), shadow & (opacity < 0.1)
