# SPDX-License-Identifier: GPL-2.0-or-later
"""Rare pixels are found where the teacher sees them, and drawn class by class."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from training.distillation.rarity import RareSpots
from training.dynamic_world import BARE, FLOODED, SHRUB, WATER


def answer_of(shape: tuple[int, int] = (10, 12)) -> np.ndarray:
    """Water everywhere."""
    answer = np.full((9, *shape), 0.02, dtype=np.float32)
    answer[WATER] = 0.84
    return answer


def test_spots_lie_on_their_classes() -> None:
    shrub, bare = answer_of(), answer_of()
    shrub[:, 2, 3] = np.where(np.arange(9) == SHRUB, 0.6, 0.05)
    bare[:, 7:9, 4:8] = np.where(np.arange(9) == BARE, 0.6, 0.05)[:, None, None]
    spots = RareSpots([answer_of(), shrub, bare])
    assert len(spots) == 2
    rng = np.random.default_rng(0)
    drawn = Counter((spot.scene, spot.row, spot.col) for spot in (spots.draw(rng) for _ in range(800)))
    assert set(drawn) == {(1, 2, 3), *((2, row, col) for row in (7, 8) for col in range(4, 8))}
    assert 330 < drawn[1, 2, 3] < 470, "one pixel of shrub is drawn as often as eight of bare ground"


@pytest.mark.parametrize(("first", "second", "found"), [(0.4, 0.36, 1), (0.6, 0.3, 0), (0.19, 0.18, 0)])
def test_a_close_second_counts_and_a_guess_does_not(first: float, second: float, found: int) -> None:
    answer = np.full((9, 1, 1), 0.03, dtype=np.float32)
    answer[WATER], answer[FLOODED] = first, second
    assert len(RareSpots([answer])) == found


def test_drawing_from_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="No scene"):
        RareSpots([answer_of()]).draw(np.random.default_rng(0))
