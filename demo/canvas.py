# SPDX-License-Identifier: GPL-2.0-or-later
"""A picture of the ground, painted surface by surface, and the reflectance that follows from it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from demo.fields import FloatField, fractal
from demo.surfaces import BRIGHTNESS, REFLECTANCE, VIGOUR, VIGOUR_SIGN, Surface

Mask = NDArray[np.bool_]


class Canvas:
    """Classes and surfaces of every pixel.

    Attributes:
        size: pixels a side, 10 m each.
        classes: land-cover class values, shape (size, size).
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.classes = np.zeros((size, size), dtype=np.uint8)
        self._first = np.zeros((size, size), dtype=np.uint8)
        self._second = np.zeros((size, size), dtype=np.uint8)
        self._share = np.zeros((size, size), dtype=np.float32)
        self._light = np.ones((size, size), dtype=np.float32)

    def paint(
        self,
        where: Mask,
        land_cover: int | None,
        surface: Surface,
        other: Surface | None = None,
        share: FloatField | float = 0.0,
    ) -> None:
        """Cover pixels with a surface, evenly lit.

        Args:
            where: the pixels.
            land_cover: their class; None leaves it as it is.
            surface: what covers them.
            other: what is mixed in.
            share: how much of the other, 0 to 1; a number or a field.
        """
        if land_cover is not None:
            self.classes[where] = land_cover
        self._first[where] = surface
        self._second[where] = surface if other is None else other
        self._share[where] = np.clip(np.broadcast_to(share, where.shape)[where], 0, 1)
        self._light[where] = 1.0

    def light(self, factor: FloatField) -> None:
        """Brighten or darken the ground, as the sun does on slopes and clouds do with their shadow."""
        self._light *= factor

    def reflectance(self, random: np.random.Generator) -> NDArray[np.float32]:
        """Return surface reflectance with the texture of each surface, shape (12 bands, size, size), float32.

        Brightness and vigour vary in patches of one to thirty pixels; they move the bands together, as within one
        class of a real scene.
        """
        brightness = self._texture(random)
        vigour = self._texture(random)
        share = self._share
        spread, leaf = (
            table[self._first] * (1 - share) + table[self._second] * share for table in (BRIGHTNESS, VIGOUR)
        )
        bands = np.empty((REFLECTANCE.shape[1], self.size, self.size), dtype=np.float32)
        for index, (plane, sign) in enumerate(zip(bands, VIGOUR_SIGN)):
            column = REFLECTANCE[:, index]
            plane[...] = column[self._first] * (1 - share) + column[self._second] * share
            plane *= self._light * np.exp(spread * brightness + sign * leaf * vigour)
        return bands

    def _texture(self, random: np.random.Generator) -> FloatField:
        grain = fractal(random, self.size, 1.2, 4, 0.5)
        patches = fractal(random, self.size, 2, 40, 1.2)
        return np.clip(0.75 * grain + 0.65 * patches, -3, 3).astype(np.float32)
