# SPDX-License-Identifier: GPL-2.0-or-later
"""Training tiles that no satellite took: turned, stretched and relit pieces of real scenes, side by side.

They widen what the teacher is asked. Everything happens before it is asked, so that its answer fits what the student
will see.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from s2landcover_plugin.core.radiometry import FloatArray

from .atmosphere import DARKEST, STUDENT_BANDS, Views, both_views, through_air
from .resample import resize
from .scenes import Scene

_NIR = STUDENT_BANDS.index("B08")
_LAYOUTS = (((1, 1), 0.3), ((1, 2), 0.2), ((2, 2), 0.5))
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


def question(scenes: Sequence[Scene], weights: FloatArray, size: int, rng: np.random.Generator) -> Question:
    """Make up one tile of `size` pixels from scenes drawn by their weights."""
    strength = rng.uniform(0.5, 0.9)
    views = _mosaic(scenes, weights, size, strength, rng)
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


def patch(image: FloatArray, rows: int, cols: int, rng: np.random.Generator) -> FloatArray:
    """Cut a piece at a random place and scale (0.7 to 1.5), turn or mirror it, and mirror outwards what is too small.

    Args:
        image: shape (bands, any, any).
        rows: height wanted, pixels.
        cols: width wanted, pixels.
        rng: source of randomness.
    """
    turned = rng.random() < 0.5
    wanted = (cols, rows) if turned else (rows, cols)
    scale = math.exp(rng.uniform(math.log(0.7), math.log(1.5)))
    extent = [min(length, round(target / scale)) for length, target in zip(image.shape[1:], wanted)]
    start = [int(rng.integers(0, length - part + 1)) for length, part in zip(image.shape[1:], extent)]
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


def _mosaic(
    scenes: Sequence[Scene], weights: FloatArray, size: int, strength: float, rng: np.random.Generator
) -> Views:
    layouts = [layout for layout, _ in _LAYOUTS]
    down, across = layouts[rng.choice(len(layouts), p=[share for _, share in _LAYOUTS])]
    surface, top = (np.empty((len(STUDENT_BANDS), size, size), dtype=np.float32) for _ in range(2))
    for row in np.array_split(np.arange(size), down):
        for col in np.array_split(np.arange(size), across):
            scene = scenes[rng.choice(len(scenes), p=weights)]
            piece = both_views(patch(scene.reflectance, row.size, col.size, rng), scene.level, strength)
            where = np.s_[:, row[0] : row[-1] + 1, col[0] : col[-1] + 1]
            surface[where], top[where] = piece.surface, piece.top
    return Views(surface, top)


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
