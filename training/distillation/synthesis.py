# SPDX-License-Identifier: GPL-2.0-or-later
"""Training tiles that no satellite took: turned, stretched and relit pieces of real scenes, side by side.

Some pieces are cut where a rare class is, some stand in water or lie under snow. They widen what the teacher is asked.
Everything happens before it is asked, so that its answer fits what the student will see.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from s2landcover_plugin.core.radiometry import FloatArray

from .atmosphere import DARKEST, STUDENT_BANDS, Views, both_views, through_air
from .covers import flooded, snowed
from .rarity import RareSpots, Spot
from .resample import resize
from .scenes import Scene

_NIR = STUDENT_BANDS.index("B08")
_LAYOUTS = (((1, 1), 0.3), ((1, 2), 0.2), ((2, 2), 0.5))
_COVERS = ((flooded, 0.25), (snowed, 0.07))
"""What is laid over pieces, and over which share of them."""
_SOUGHT = 0.4
"""Share of the pieces that are cut where a rare class is."""
_COARSE = [STUDENT_BANDS.index(band) for band in ("B05", "B06", "B07", "B8A", "B11", "B12")]


@dataclass(frozen=True)
class Question:
    """One tile: what the teacher is asked, and what the student is shown; shape (10, size, size), reflectance.

    Attributes:
        teacher: the L1C-like view, mildly relit, without noise.
        student: the same surface, more strongly relit, through any or no atmosphere, with noise.
        surface: the same surface without atmosphere or relighting, for the physical rules.
    """

    teacher: FloatArray
    student: FloatArray
    surface: FloatArray


@dataclass(frozen=True)
class Pool:
    """What tiles are made of.

    Attributes:
        scenes: to draw pieces from.
        weights: how often each scene is drawn; sums to 1.
        rare: where rare classes are; None makes plain tiles, without seeking and without covers.
    """

    scenes: Sequence[Scene]
    weights: FloatArray
    rare: RareSpots | None = None


def sampling_weights(scenes: Sequence[Scene]) -> FloatArray:
    """Return how often each scene should be drawn; sums to 1.

    Every collection gets the same share, and within it a scene counts by its variety (standard deviation of near
    infrared), so that featureless sea, which most ship chips show, is not most of what is learnt.
    """
    weights = np.array([0.2 + min(1.0, float(scene.reflectance[_NIR].std()) / 0.05) for scene in scenes])
    sources = np.array([f"{scene.source}/{scene.place == 'boadella'}" for scene in scenes])
    for source in np.unique(sources):
        weights[sources == source] /= weights[sources == source].sum()
    return np.asarray(weights / weights.sum())


def question(pool: Pool, size: int, rng: np.random.Generator) -> Question:
    """Make up one tile of `size` pixels."""
    strength = rng.uniform(0.5, 0.9)
    views = _mosaic(pool, size, strength, rng)
    gain = _relighting(rng)
    seen_through = rng.choice([0.0, rng.uniform(0.0, 1.0)], p=[0.4, 0.6])
    student = through_air(views.surface * gain, float(seen_through))
    # The teacher is unsure of itself far from the light that it was trained in, so it sees less of the relighting.
    top = views.top + views.surface * (gain**0.3 - 1.0)
    if rng.random() < 0.3:
        student = _coarsened(student)
    noise = rng.normal(0.0, rng.uniform(0.0, 0.002), student.shape)
    student = np.maximum(student + noise, DARKEST).astype(np.float32)
    return Question(top.astype(np.float32), student, views.surface)


def patch(image: FloatArray, rows: int, cols: int, rng: np.random.Generator, around: Spot | None = None) -> FloatArray:
    """Cut a piece at a random place and scale (0.7 to 1.5), turn or mirror it, and mirror outwards what is too small.

    Args:
        image: shape (bands, any, any).
        rows: height wanted, pixels.
        cols: width wanted, pixels.
        rng: source of randomness.
        around: a pixel to be near the middle of the piece, as far as the image reaches.
    """
    turned = rng.random() < 0.5
    wanted = (cols, rows) if turned else (rows, cols)
    scale = math.exp(rng.uniform(math.log(0.7), math.log(1.5)))
    extent = [min(length, round(target / scale)) for length, target in zip(image.shape[1:], wanted)]
    pixel = (None, None) if around is None else (around.row, around.col)
    start = [_start(length, part, at, rng) for length, part, at in zip(image.shape[1:], extent, pixel)]
    piece = image[:, start[0] : start[0] + extent[0], start[1] : start[1] + extent[1]]
    piece = resize(piece, *(min(target, round(part * scale)) for target, part in zip(wanted, extent)))
    piece = padded(piece, *wanted)
    if turned:
        piece = piece.transpose(0, 2, 1)
    return piece[:, :: rng.choice([-1, 1]), :: rng.choice([-1, 1])]


def padded(image: FloatArray, rows: int, cols: int) -> FloatArray:
    """Return an image, shape (bands, any, any), mirrored outwards at right and bottom to (bands, rows, cols)."""
    missing = (rows - image.shape[1], cols - image.shape[2])
    return np.pad(image, ((0, 0), (0, missing[0]), (0, missing[1])), mode="symmetric")


def _start(length: int, part: int, pixel: int | None, rng: np.random.Generator) -> int:
    """Return where a part of an axis starts at random, with a pixel in its middle half if one is given."""
    first, last = 0, length - part
    if pixel is not None:
        first, last = (min(max(pixel - round(part * reach), 0), length - part) for reach in (0.75, 0.25))
    return int(rng.integers(first, last + 1))


def _mosaic(pool: Pool, size: int, strength: float, rng: np.random.Generator) -> Views:
    layouts = [layout for layout, _ in _LAYOUTS]
    down, across = layouts[rng.choice(len(layouts), p=[share for _, share in _LAYOUTS])]
    surface, top = (np.empty((len(STUDENT_BANDS), size, size), dtype=np.float32) for _ in range(2))
    for row in np.array_split(np.arange(size), down):
        for col in np.array_split(np.arange(size), across):
            piece = _piece(pool, (row.size, col.size), strength, rng)
            where = np.s_[:, row[0] : row[-1] + 1, col[0] : col[-1] + 1]
            surface[where], top[where] = piece.surface, piece.top
    return Views(surface, top)


def _piece(pool: Pool, shape: tuple[int, int], strength: float, rng: np.random.Generator) -> Views:
    """Cut one piece, where a rare class is or anywhere, and lay a cover over it or none."""
    spot = pool.rare.draw(rng) if pool.rare and rng.random() < _SOUGHT else None
    number = rng.choice(len(pool.scenes), p=pool.weights) if spot is None else spot.scene
    scene = pool.scenes[number]
    piece = both_views(patch(scene.reflectance, *shape, rng, spot), scene.level, strength)
    if pool.rare is None:
        return piece
    chance = rng.random()
    for cover, share in _COVERS:
        if chance < share:
            return cover(piece, rng)
        chance -= share
    return piece


def _relighting(rng: np.random.Generator) -> FloatArray:
    """Return one factor a band: common illumination of 0.75 to 1.33, and 10 % of each band's own."""
    common = math.exp(rng.uniform(-0.29, 0.29))
    return np.asarray(common * rng.uniform(0.9, 1.1, (len(STUDENT_BANDS), 1, 1)), dtype=np.float32)


def _coarsened(image: FloatArray) -> FloatArray:
    """Return an image whose 20 m bands were averaged to 20 m and stretched back: a stack that was not sharpened."""
    rows, cols = image.shape[1] // 2 * 2, image.shape[2] // 2 * 2
    blocks = image[_COARSE, :rows, :cols].reshape(len(_COARSE), rows // 2, 2, cols // 2, 2)
    result = image.copy()
    result[_COARSE, :rows, :cols] = resize(blocks.mean(axis=(2, 4)), rows, cols)
    return result
