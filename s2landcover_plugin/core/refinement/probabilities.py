# SPDX-License-Identifier: GPL-2.0-or-later
"""Class probabilities beside a class map: a raster with a band for each class."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ..errors import GridError, InputError
from ..legend import Legend
from ..raster import Array, Grid, RasterReader, Window, same_crs

STEPS = 10_000
"""Probability 1 in whole steps: exact sums, whatever the order in which they are added."""


class ProbabilityReader:
    """Probabilities in whole steps, by class.

    Attributes:
        classes: the class value of each band.
    """

    classes: tuple[int, ...]

    def __init__(self, raster: RasterReader, legend: Legend, grid: Grid) -> None:
        """Check that a raster goes with a map.

        Args:
            raster: a band for each class, named like it: per cent (whole numbers), or 0-1 (floating point).
            legend: the map's classes.
            grid: the map's.

        Raises:
            GridError: if it lies on another grid.
            InputError: if its bands are not the map's classes.
        """
        if not (raster.grid.matches(grid) and same_crs(raster.grid.crs, grid.crs)):
            raise GridError(
                f"The probabilities {raster.path} lie on another grid than the map; give those of the same run."
            )
        self.classes = _band_classes(raster, legend)
        self._raster = raster
        info = raster.bands[0]
        # Per cent by any other name: whole numbers without a scale of their own.
        self._factor = STEPS * (info.scale if info.declares_scale or info.dtype.startswith("float") else 0.01)

    def read(self, row: int, rows: int) -> NDArray[np.uint16]:
        """Return rows of it, 0 where there is no data; shape (classes, rows, cols).

        Raises:
            InputError: if a number is no probability.
        """
        numbers, valid = self._raster.read_masked(Window(0, row, self._raster.grid.width, rows))
        known = np.where(valid, numbers, numbers.dtype.type(0))
        self._check(known)
        if numbers.dtype == np.uint8:
            table = np.rint(np.arange(256) * self._factor).clip(0, STEPS).astype(np.uint16)
            return np.asarray(table[known])
        return np.rint(known * np.float32(self._factor)).clip(0, STEPS).astype(np.uint16)

    def _check(self, known: Array) -> None:
        # A little above 1 is rounding; more is something else.
        if known.min() < 0 or known.max() * self._factor > STEPS * 1.01:
            raise InputError(
                f"{self._raster.path} holds {known.min():g} to {known.max():g}; probabilities are 0-100 (whole "
                "numbers) or 0-1 (floating point)."
            )


def _band_classes(raster: RasterReader, legend: Legend) -> tuple[int, ...]:
    values: Mapping[str, int] = {name: value for value, name in legend.names.items()}
    names = [band.name for band in raster.bands]
    unknown = [name for name in names if name not in values]
    if not unknown and len(set(names)) == len(names):
        return tuple(values[name] for name in names)
    raise InputError(
        f"The bands of {raster.path} are named {', '.join(repr(name) for name in names)}, the map's classes "
        f"{', '.join(map(repr, values))}; give the class probabilities of the same run."
    )
