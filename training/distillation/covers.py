# SPDX-License-Identifier: GPL-2.0-or-later
"""Surfaces that the real scenes hardly show, laid over those that they do show: standing water and snow.

Each is mixed into a real piece linearly, pixel by pixel, as one pixel sees two surfaces (Keshava and Mustard 2002,
"Spectral unmixing", https://doi.org/10.1109/79.974727). What the result is called is for the teacher to say.
"""

from __future__ import annotations

import numpy as np

from s2landcover_plugin.core.radiometry import FloatArray

from .atmosphere import DARKEST, Views
from .resample import resize

# Surface reflectance by `STUDENT_BANDS`.
_SHALLOWS = np.array([0.092, 0.098, 0.083, 0.087, 0.094, 0.097, 0.104, 0.098, 0.074, 0.063], dtype=np.float32)
"""Shallow, turbid water with the odd stalk in it. The sample scene (`demo`) uses the same numbers, so it is no
independent test of a model that learnt from flooded pieces."""
_SNOW = np.array([0.79, 0.79, 0.77, 0.77, 0.76, 0.75, 0.74, 0.71, 0.10, 0.08], dtype=np.float32)
"""Fresh snow; old snow is darker, which the random brightness covers."""

_CELLS = ((3, 1.0), (8, 0.6), (24, 0.35))
"""Features of a smooth field: how many side by side, and how strong."""


def smooth_field(rows: int, cols: int, rng: np.random.Generator) -> FloatArray:
    """Return noise, shape (rows, cols), standard deviation 1, with features of 1/24 to 1/3 of the width."""
    field = np.zeros((rows, cols), dtype=np.float32)
    for cells, amplitude in _CELLS:
        coarse = rng.normal(size=(1, cells, cells)).astype(np.float32)
        field += np.float32(amplitude) * resize(coarse, rows, cols)[0]
    return np.asarray(field / max(float(field.std()), 1e-6))


def flooded(views: Views, rng: np.random.Generator) -> Views:
    """Let a piece stand in shallow water: a smoothly varying share of every pixel of some parts, nothing of others."""
    _, rows, cols = views.surface.shape
    # Between a third and nine tenths of the piece, with a soft shore.
    extent = _soft(3.0 * (smooth_field(rows, cols, rng) + rng.uniform(-0.4, 1.3)))
    share = np.clip(rng.uniform(0.3, 0.7) + 0.12 * smooth_field(rows, cols, rng), 0.0, 0.9)
    return _covered(views, _SHALLOWS * rng.uniform(0.6, 1.1), extent * share)


def snowed(views: Views, rng: np.random.Generator) -> Views:
    """Let snow lie on parts of a piece, thin or closed, fresh or old and grey."""
    _, rows, cols = views.surface.shape
    share = _soft(3.0 * (smooth_field(rows, cols, rng) + rng.uniform(-1.0, 1.0)))
    relief = np.clip(1.0 + rng.uniform(0.02, 0.12) * smooth_field(rows, cols, rng), 0.5, 1.25)
    return _covered(views, _SNOW * rng.uniform(0.5, 1.05), share, relief)


def _covered(views: Views, spectrum: FloatArray, share: FloatArray, light: FloatArray | float = 1.0) -> Views:
    """Mix a spectrum, shape (10,), into a share (0-1) of each pixel, shape (rows, cols); the air stays as it is."""
    cover = spectrum[:, np.newaxis, np.newaxis] * light
    surface = np.maximum(views.surface * (1.0 - share) + cover * share, DARKEST).astype(np.float32)
    return Views(surface, (views.top + (surface - views.surface)).astype(np.float32))


def _soft(field: FloatArray) -> FloatArray:
    """Return the logistic function: 0 to 1."""
    return np.asarray(1.0 / (1.0 + np.exp(-field)))
