# SPDX-License-Identifier: GPL-2.0-or-later
"""Which class an image pixel gets from the labels that cover it."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..class_raster import ClassArray
from ..errors import InputError
from ..legend import NODATA, Legend
from .overlap import LabelBlock, MixedPixels, set_apart

_STEPS = 1000  # to a weight of 1: weights are compared as whole numbers
_LIMITS = (0.001, 1000.0)


class Method(enum.Enum):
    """How a pixel gets its class."""

    NEAREST = "nearest"
    MODE = "mode"
    WEIGHTED = "weighted"


@dataclass(frozen=True)
class Ballot:
    """How a pixel gets its class.

    Attributes:
        method: the label at the pixel's centre (nearest), the class that covers most of it (mode), or the one whose
            area times weight is largest (weighted).
        weights: by class value, 0.001 to 1000, in steps of a thousandth; 1 for a class that is not named.
        least: how much of a pixel needs labels for it to get one, per cent; not for nearest.
    """

    method: Method = Method.MODE
    weights: Mapping[int, float] = field(default_factory=dict)
    least: int = 50

    def __post_init__(self) -> None:
        if not 0 <= self.least <= 100:
            raise InputError(f"The least labelled share is {self.least} %; expected 0 to 100.")
        if self.method is Method.WEIGHTED and not self.weights:
            raise InputError("The method 'weighted' needs weights of classes, such as 'Road: 3'; or choose 'mode'.")

    def winners(self, block: LabelBlock) -> ClassArray:
        """Return the class of every pixel, 0 without one, shape as the block's.

        Of classes that are level, the one with the larger weight wins, and then the one with the lower value.
        """
        if self.method is Method.NEAREST:
            return block.at_centres()
        if len(block.values) == 1:
            return np.full(block.shape, block.values[0], np.uint8)
        apart = set_apart(block)
        if apart is None:
            return self._counted(block)
        winners, mixed, pixels = apart
        winners[mixed] = self._counted(pixels)
        return winners

    def _counted(self, block: LabelBlock | MixedPixels) -> ClassArray:
        winners = np.zeros(block.shape, np.uint8)
        most, labelled = (np.zeros(block.shape, np.int64) for _ in range(2))
        for value, area in block.areas(sorted(block.values, key=lambda value: (-self._weight(value), value))):
            score = area * self._weight(value)
            winners[score > most] = value
            np.maximum(most, score, out=most)
            labelled += area
        winners[labelled * 100 < self.least * block.total] = NODATA
        return winners

    def _weight(self, value: int) -> int:
        if self.method is not Method.WEIGHTED:
            return 1
        return round(self.weights.get(value, 1.0) * _STEPS)


def parse_weights(text: str) -> dict[str, float]:
    """Return weights by class value or name from text such as `Road: 3, 7: 0.5`.

    Raises:
        InputError: if it is not of that form, or a weight is out of range.
    """
    weights: dict[str, float] = {}
    for entry in filter(None, (part.strip() for part in re.split(r"[,;\n]", text))):
        name, _, number = entry.rpartition(":" if ":" in entry else "=")
        try:
            weight = float(number)
        except ValueError:
            weight = -1.0
        if not name.strip() or not _LIMITS[0] <= weight <= _LIMITS[1]:
            raise InputError(
                f"The weight '{entry}' is not understood; write a class and a number from 0.001 to 1000, such as "
                "'Road: 3', and commas in between."
            )
        weights[name.strip()] = weight
    return weights


def resolve_weights(weights: Mapping[str, float], legends: Sequence[Legend | None]) -> dict[int, float]:
    """Return weights by class value.

    Args:
        weights: by class value, or by name in upper or lower case.
        legends: where names are looked up, first come first served.

    Raises:
        InputError: if there is no class of that name.
    """
    values = {item.name.casefold(): item.value for legend in reversed(legends) for item in legend or ()}
    found = {}
    for name, weight in weights.items():
        value = int(name) if name.isdecimal() else values.get(name.casefold())
        if value is None:
            known = ", ".join(sorted({item.name for legend in legends for item in legend or ()})) or "no names"
            raise InputError(f"There is no class '{name}' to weight; the classes have {known}. Values will do, too.")
        found[value] = weight
    return found
