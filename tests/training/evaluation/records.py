# SPDX-License-Identifier: GPL-2.0-or-later
"""Counts of made-up tests."""

from __future__ import annotations

import numpy as np

from training.evaluation.record import FOREST, NETWORK, EvaluationRecord, ModelSummary, PlaceCounts

from ..tiles import LEGEND

GOOD = [[8, 0, 0], [2, 10, 0], [0, 0, 0]]
"""Rows are the map: 8 of 10 pixels of water and all of trees are right; sand is nowhere."""

POOR = [[4, 5, 0], [6, 5, 0], [0, 0, 0]]


def place_of(
    split: str, place: str, network: list[list[int]], forest: list[list[int]] | None = None, tiles: tuple[str, ...] = ()
) -> PlaceCounts:
    counts = {NETWORK: np.array(network)} | ({FOREST: np.array(forest)} if forest else {})
    return PlaceCounts(split, place, tiles or (f"{place}-tile",), counts)


def record_of(*places: PlaceCounts, network: str = "light U-Net", epochs: int | None = 3) -> EvaluationRecord:
    forest = "random forest of 5 trees" if FOREST in places[0].counts else ""
    return EvaluationRecord(
        LEGEND, places, ModelSummary(network, "1 cross_entropy", epochs, 1234, "best.ckpt", "tiles", forest)
    )


def two_places() -> EvaluationRecord:
    """Return a record of one split, with the better place first."""
    return record_of(place_of("test", "<here>", GOOD, POOR), place_of("test", "there", POOR, GOOD))
