# SPDX-License-Identifier: GPL-2.0-or-later
"""How often training shows a tile, so that rare classes are seen often enough."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

_LEAST_SHARE = 0.01  # share of a tile that a class must cover for the tile to be repeated for it


def repeats(class_fractions: Sequence[Mapping[int, float]], most: int) -> list[int]:
    """Return how many times each tile is shown in an epoch.

    Repeat factor sampling (Gupta, Dollar and Girshick 2019, https://doi.org/10.1109/CVPR.2019.00550), with shares of
    labelled pixels where they have shares of images: a class with the share f of all labelled pixels has the factor
    sqrt(t / f), where t is the share that all classes would have if none were rare; a tile has the largest factor of
    the classes that cover a hundredth of it or more.

    Args:
        class_fractions: of each tile, share of pixels by class value, 0-1.
        most: the largest number to return, 1 or more.
    """
    totals: Counter[int] = Counter()
    for fractions in class_fractions:
        totals.update(fractions)
    labelled = sum(totals.values())
    factors = {value: math.sqrt(labelled / len(totals) / total) for value, total in totals.items() if total > 0}
    return [
        min(most, max([1, *(round(factors[value]) for value, share in fractions.items() if share >= _LEAST_SHARE)]))
        for fractions in class_fractions
    ]
