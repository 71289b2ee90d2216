# SPDX-License-Identifier: GPL-2.0-or-later
"""How a class map is to be refined."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from ..areas import HECTARE, pixel_areas
from ..errors import InputError
from ..raster import Grid
from .context import Neighbourhood
from .objects import Numbers

NO_CONTEXT, MAJORITY, PROBABILITY = "none", "majority", "probability"
CONTEXTS = (NO_CONTEXT, MAJORITY, PROBABILITY)

HECTARES, PIXELS = "hectares", "pixels"
UNITS = (HECTARES, PIXELS)

_SQUARE_CENTIMETRE = 1e-4  # square metres; sizes of objects are whole numbers of it, so that their sums are exact


@dataclass(frozen=True)
class MappingUnit:
    """The smallest object that a map keeps.

    Attributes:
        size: what an object must have at least; 0 or more.
        unit: one of `UNITS`.
        eight: whether pixels that share only a corner belong together.
    """

    size: float
    unit: str = HECTARES
    eight: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.size < math.inf or self.unit not in UNITS:
            raise InputError(
                f"A minimum mapping unit of {self.size} {self.unit} cannot be used; give a number from 0, in "
                f"{' or '.join(UNITS)}."
            )

    def minimum(self) -> int:
        """Return the size from which on an object stays, in the units of `row_sizes`."""
        return math.ceil(self.size if self.unit == PIXELS else self.size * HECTARE / _SQUARE_CENTIMETRE)

    def row_sizes(self, grid: Grid) -> Numbers:
        """Return what a pixel of each row counts, shape (rows,).

        Raises:
            GridError: if the unit is hectares and the areas of the pixels are not known.
        """
        if self.unit == PIXELS:
            return np.ones(grid.height, np.int64)
        return np.rint(pixel_areas(grid) / _SQUARE_CENTIMETRE).astype(np.int64)


@dataclass(frozen=True)
class RefinementOptions:
    """What is to be done to a class map.

    Attributes:
        context: one of `CONTEXTS`: nothing, the majority of the pixels around, or their probabilities.
        neighbourhood: the pixels around one.
        mapping_unit: the smallest object to keep.
    """

    context: str = NO_CONTEXT
    neighbourhood: Neighbourhood = field(default_factory=lambda: Neighbourhood(3))
    mapping_unit: MappingUnit = field(default_factory=lambda: MappingUnit(0))

    def __post_init__(self) -> None:
        if self.context not in CONTEXTS:
            raise InputError(f"There is no spatial context '{self.context}'; choose one of {', '.join(CONTEXTS)}.")

    @property
    def does_nothing(self) -> bool:
        """Whether a map stays as it is."""
        return self.context == NO_CONTEXT and self.mapping_unit.size == 0

    def describe(self) -> str:
        """Return the options as a map's metadata state them."""
        parts = []
        if self.context != NO_CONTEXT:
            shape = "round" if self.neighbourhood.is_round else "square"
            parts.append(f"context {self.context}, {shape} neighbourhood of {self.neighbourhood.size} pixels")
        if self.mapping_unit.size:
            connected = 8 if self.mapping_unit.eight else 4
            unit = self.mapping_unit
            parts.append(f"minimum mapping unit {unit.size:g} {unit.unit}, {connected}-connected")
        return "; ".join(parts) or "none"
