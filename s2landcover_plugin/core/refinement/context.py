# SPDX-License-Identifier: GPL-2.0-or-later
"""Spatial context: what the pixels around one say about its class."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..class_raster import ClassArray
from ..errors import InputError
from ..legend import NODATA

LARGEST = 51
"""The widest neighbourhood, pixels: so that no sum of votes overflows."""

Votes = NDArray[Any]


@dataclass(frozen=True)
class Neighbourhood:
    """The pixels around one, itself included.

    Attributes:
        size: width and height, pixels; odd.
        is_round: a disk of that diameter, rather than a square.
    """

    size: int
    is_round: bool = False

    def __post_init__(self) -> None:
        if self.size % 2 == 0 or not 3 <= self.size <= LARGEST:
            raise InputError(
                f"A neighbourhood of {self.size} pixels has no centre or no use; choose an odd number from 3 to "
                f"{LARGEST}."
            )

    @property
    def radius(self) -> int:
        """How far it reaches, pixels."""
        return self.size // 2

    def half_widths(self) -> Iterator[tuple[int, int]]:
        """Yield each of its rows, from -radius to radius, and how far it reaches to either side there."""
        for row in range(-self.radius, self.radius + 1):
            reach = math.isqrt((self.size * self.size) // 4 - row * row) if self.is_round else self.radius
            yield row, reach

    def sums(self, numbers: NDArray[Any]) -> Votes:
        """Return the sum over the neighbourhood of each pixel.

        Args:
            numbers: boolean or uint16, shape (rows + 2 * radius, cols); beyond the left and right edges is nothing.

        Returns:
            Shape (rows, cols). Running sums may overflow; their differences are right all the same.
        """
        rows, cols = numbers.shape[0] - 2 * self.radius, numbers.shape[1]
        kind = np.uint16 if numbers.dtype == np.bool_ else np.uint32
        padded = np.pad(numbers, ((0, 0), (self.radius + 1, self.radius)))
        running = np.cumsum(padded, axis=1, dtype=kind)
        total = np.zeros((rows, cols), kind)
        for row, reach in self.half_widths():
            band = running[self.radius + row : self.radius + row + rows]
            total += band[:, self.radius + reach + 1 : self.radius + reach + 1 + cols]
            total -= band[:, self.radius - reach : self.radius - reach + cols]
        return total


class Ballot:
    """The class with the most votes at each pixel, class by class."""

    def __init__(self, centre: ClassArray) -> None:
        """Start without votes.

        Args:
            centre: class values before, shape (rows, cols); they stay where no other class has more votes than all the
                rest, and where there is no data.
        """
        self._centre = centre
        self._most = np.zeros(centre.shape, np.uint32)
        self._winner = centre.copy()
        self._tied = np.zeros(centre.shape, np.bool_)

    def count(self, value: int, votes: Votes) -> None:
        """Count the votes of one class, shape (rows, cols)."""
        more = votes > self._most
        self._tied = (self._tied & ~more) | ((votes == self._most) & (votes > 0))
        self._winner[more] = value
        np.maximum(self._most, votes, out=self._most)

    def result(self) -> ClassArray:
        """Return the class values after, shape (rows, cols)."""
        return np.where(self._tied | (self._centre == NODATA), self._centre, self._winner)


def majority(values: ClassArray, neighbourhood: Neighbourhood) -> ClassArray:
    """Give each pixel the most frequent class of its neighbourhood; where several are, its own class stays.

    Args:
        values: class values, shape (rows + 2 * radius, cols); 0 (no data) does not count, and stays.
        neighbourhood: what is around a pixel.

    Returns:
        Shape (rows, cols).
    """
    radius = neighbourhood.radius
    ballot = Ballot(values[radius : values.shape[0] - radius])
    for value in np.flatnonzero(np.bincount(values.ravel(), minlength=256)):
        if value != NODATA:
            ballot.count(int(value), neighbourhood.sums(values == value))
    return ballot.result()


def probability_weighted(
    values: ClassArray, probabilities: NDArray[np.uint16], classes: tuple[int, ...], neighbourhood: Neighbourhood
) -> ClassArray:
    """Give each pixel the class that is most probable on average over its neighbourhood; on a tie its own stays.

    Args:
        values: class values, shape (rows + 2 * radius, cols); 0 (no data) stays.
        probabilities: of each class in whole steps, 0 where there is no data; shape (classes, rows + 2 * radius, cols).
        classes: the value of each of those classes.
        neighbourhood: what is around a pixel.

    Returns:
        Shape (rows, cols).
    """
    radius = neighbourhood.radius
    ballot = Ballot(values[radius : values.shape[0] - radius])
    for value, probability in zip(classes, probabilities):
        ballot.count(value, neighbourhood.sums(probability))
    return ballot.result()
