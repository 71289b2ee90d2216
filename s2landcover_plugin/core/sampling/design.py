# SPDX-License-Identifier: GPL-2.0-or-later
"""How a validation sample is to be drawn."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..errors import InputError

_PAIR = re.compile(r"\s*(?:(\d+)\s*:)?\s*([0-9.]+)\s*(%?)\s*")


class Method(enum.Enum):
    """The kinds of sample."""

    STRATIFIED = "stratified"
    RANDOM = "random"
    SYSTEMATIC = "systematic"


class Allocation(enum.Enum):
    """How the points of a stratified sample are shared out."""

    PROPORTIONAL = "proportional"
    EQUAL = "equal"
    NEYMAN = "neyman"


@dataclass(frozen=True)
class ExpectedAccuracy:
    """What is guessed of the map before it is assessed.

    Attributes:
        usual: user's accuracy of a stratum that is not named, above 0 and below 1.
        by_stratum: user's accuracy by stratum value.
    """

    usual: float = 0.85
    by_stratum: Mapping[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for value in (self.usual, *self.by_stratum.values()):
            if not 0 < value < 1:
                raise InputError(
                    f"The expected accuracy is {value:g}; give a number above 0 and below 1, such as 0.85. A class "
                    "without any doubt about it would need no points."
                )

    def of(self, stratum: int) -> float:
        """Return the user's accuracy expected of a stratum."""
        return self.by_stratum.get(stratum, self.usual)

    @classmethod
    def parse(cls, text: str) -> ExpectedAccuracy:
        """Read `0.85`, or `0.85, 1: 0.95, 7: 70 %` with exceptions by stratum value; nothing gives the default.

        Raises:
            InputError: if the text is not of that form, or a number is not between 0 and 1.
        """
        usual, by_stratum = cls.usual, {}
        for piece in filter(str.strip, re.split(r"[,;\n]", text)):
            match = _PAIR.fullmatch(piece)
            try:
                number = float(match[2]) / (100 if match[3] else 1) if match else None
            except ValueError:
                number = None
            if match is None or number is None:
                raise InputError(
                    f"The expected accuracy '{piece.strip()}' cannot be read; write one number for all classes, such "
                    "as 0.85, and exceptions with their class value, such as 0.85, 1: 0.95, 7: 0.7."
                )
            if match[1] is None:
                usual = number
            else:
                by_stratum[int(match[1])] = number
        return cls(usual, by_stratum)


@dataclass(frozen=True)
class SampleDesign:
    """How to draw.

    Attributes:
        method: kind of sample.
        count: points wanted; what comes of it differs where `target_error` or `class_target_error` decides.
        allocation: how a stratified sample is shared out.
        least: points that every stratum gets, if it has as many pixels; 2 or more, or its spread stays unknown.
        target_error: standard error of the overall accuracy to aim at, 0-1, which then decides the number of points;
            None to take `count`.
        class_target_error: standard error of each stratum's user's accuracy to aim at, 0-1; None for no such aim.
        expected: accuracies that Neyman allocation and the target errors reckon with.
        least_distance: between any two points, in units of the map's CRS; 0 for any.
        seed: the same seed gives the same points.
    """

    method: Method = Method.STRATIFIED
    count: int = 500
    allocation: Allocation = Allocation.PROPORTIONAL
    least: int = 25
    target_error: float | None = None
    class_target_error: float | None = None
    expected: ExpectedAccuracy = field(default_factory=ExpectedAccuracy)
    least_distance: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.count < 1:
            raise InputError(f"{self.count} points cannot be drawn; ask for one or more.")
        if self.least < 2:
            raise InputError(
                f"At least {self.least} points in each stratum are too few: from fewer than two nothing can be told "
                "about its spread."
            )
        for error in (self.target_error, self.class_target_error):
            if error is not None and not 0 < error < 0.5:
                raise InputError(f"The target standard error is {error:g}; give one between 0 and 0.5, such as 0.01.")
        if not self.least_distance >= 0:
            raise InputError(f"The least distance is {self.least_distance:g}; give a number from 0 on.")
