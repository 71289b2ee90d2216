# SPDX-License-Identifier: GPL-2.0-or-later
"""The line that a benchmark closes with for each of its bars."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bar:
    """A figure and what it has to reach.

    Attributes:
        name: what was measured; no spaces.
        figure: what came out.
        bar: the least it should be, or the most.
        at_least: whether larger is better.
    """

    name: str
    figure: float
    bar: float
    at_least: bool = False

    def __str__(self) -> str:
        reached = self.figure >= self.bar if self.at_least else self.figure <= self.bar
        return f"{self.name} {self.figure:.4g} {self.bar:g} {'ok' if reached else 'short'}"
