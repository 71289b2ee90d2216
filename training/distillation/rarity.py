# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the training scenes show the classes that they hardly show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from s2landcover_plugin.core.radiometry import BoolArray, FloatArray

from ..dynamic_world import BARE, FLOODED, SHRUB

RARE = (FLOODED, SHRUB, BARE)
"""Channels that are sought; snow has too few real pixels to seek."""

_Pixels = NDArray[np.intp]
_LEAST, _CLOSE = 0.2, 0.8


@dataclass(frozen=True)
class Spot:
    """A pixel of a scene.

    Attributes:
        scene: position of the scene in the pool.
        row: of the pixel.
        col: of the pixel.
    """

    scene: int
    row: int
    col: int


class RareSpots:
    """Pixels that the teacher takes for a rare class.

    Args:
        answers: the teacher's probabilities of each scene, shape (9, rows, cols), in the order of the pool.
    """

    def __init__(self, answers: Sequence[FloatArray]) -> None:
        self._found = [_spots_of(channel, answers) for channel in RARE]
        self._found = [spots for spots in self._found if len(spots)]

    def __len__(self) -> int:
        """Return the number of rare classes found at all."""
        return len(self._found)

    def draw(self, rng: np.random.Generator) -> Spot:
        """Return a random spot: every class alike, and within it scenes by the root of their pixels.

        The root keeps one rich scene from being all that is shown of a class.

        Raises:
            ValueError: if no scene shows a rare class.
        """
        if not self._found:
            raise ValueError("No scene shows a rare class; look at len() before drawing.")
        by_scene = self._found[rng.integers(len(self._found))]
        weights = np.sqrt([len(pixels) for _, pixels in by_scene])
        scene, pixels = by_scene[rng.choice(len(by_scene), p=weights / weights.sum())]
        row, col = pixels[rng.integers(len(pixels))]
        return Spot(scene, int(row), int(col))


def _spots_of(channel: int, answers: Sequence[FloatArray]) -> list[tuple[int, _Pixels]]:
    """Return the scenes that show a class, with the (row, col) of its pixels, shape (pixels, 2)."""
    found = ((number, np.argwhere(_shows(answer, channel))) for number, answer in enumerate(answers))
    return [(number, pixels) for number, pixels in found if len(pixels)]


def _shows(answer: FloatArray, channel: int) -> BoolArray:
    # A close second counts too: the teacher seldom puts flooded vegetation first.
    return np.asarray((answer[channel] > _LEAST) & (answer[channel] > _CLOSE * answer.max(axis=0)))
