# SPDX-License-Identifier: GPL-2.0-or-later
"""Figures are functions of the counts."""

from __future__ import annotations

import numpy as np
import pytest

from training.evaluation.figures import (
    FoldMean,
    Spread,
    fold_mean,
    gain_interval,
    intervals,
    spread,
    to_json,
    to_text,
)
from training.evaluation.record import NETWORK

from .records import GOOD, POOR, place_of, record_of, two_places


def test_macro_means_are_over_the_classes_in_the_labels() -> None:
    figures = to_json(record_of(place_of("test", "here", GOOD)))["test"]
    assert (figures["classes_in_reference"], figures["classes_in_legend"]) == (2, 3)
    # Water: 8 of 10 in the union; trees: 10 of 12. Sand, which is nowhere, does not count as a zero.
    assert figures["all"]["mean_iou"] == pytest.approx((8 / 10 + 10 / 12) / 2)
    assert figures["all"]["overall_accuracy"] == 18 / 20
    assert figures["classes"]["Sand"]["iou"] is None


def test_class_that_only_the_map_shows_does_not_enter_the_means() -> None:
    invented = [[8, 0, 0], [0, 10, 0], [2, 0, 0]]
    figures = to_json(record_of(place_of("test", "here", invented)))["test"]
    assert figures["classes"]["Sand"]["iou"] == 0
    assert figures["all"]["mean_iou"] == pytest.approx((8 / 10 + 1) / 2)


def test_figures_by_place_with_the_forest_beside_them() -> None:
    figures = to_json(two_places())["test"]
    assert figures["places"]["<here>"]["overall_accuracy"] == 0.9
    assert figures["baseline"]["places"]["<here>"]["overall_accuracy"] == 0.45
    assert figures["baseline"]["method"] == "random forest of 5 trees"
    # The two have swapped places, and so agree in everything over both.
    assert figures["baseline"]["all"] == figures["all"]
    assert figures["over_places"]["overall_accuracy"]["median"] == pytest.approx((0.9 + 0.45) / 2)
    assert "over_places" in figures["baseline"]


def test_text_has_every_place_and_the_forest() -> None:
    text = to_text(two_places())
    assert all(part in text for part in ("test, all", "<here>", "there", "random forest", "Macro IoU"))
    assert "random forest" not in to_text(record_of(place_of("test", "here", GOOD)))


def test_quartiles_leave_out_what_is_undefined() -> None:
    assert spread(np.array([0.0, np.nan, 0.5, 1.0])) == Spread(3, 0.25, 0.5, 0.75)
    assert spread(np.array([np.nan])) is None


def test_mean_and_deviation_over_folds() -> None:
    assert fold_mean([0.2, 0.4, None]) == FoldMean(pytest.approx(0.3), pytest.approx(np.sqrt(0.02)))
    assert fold_mean([0.2]) == FoldMean(0.2, None)
    assert fold_mean([None]) is None


def test_intervals_need_ten_places() -> None:
    few = record_of(*(place_of("test", f"p{index}", GOOD, POOR) for index in range(9)))
    assert intervals(few, "test", NETWORK) == {}
    assert gain_interval(few, "test", "mean_iou") is None
    many = record_of(*(place_of("test", f"p{index}", GOOD, POOR) for index in range(12)))
    assert intervals(many, "test", NETWORK)["overall_accuracy"] == (0.9, 0.9)
    low, high = gain_interval(many, "test", "overall_accuracy")
    assert low == high == pytest.approx(0.45)


def test_gain_is_drawn_for_both_at_once() -> None:
    """Places differ much, the gain at each does not."""
    hard, harder = [[5, 5, 0], [5, 5, 0], [0, 0, 0]], [[4, 6, 0], [6, 4, 0], [0, 0, 0]]
    easy, easier = [[9, 1, 0], [1, 9, 0], [0, 0, 0]], [[10, 0, 0], [0, 10, 0], [0, 0, 0]]
    places = [place_of("test", f"{n}", *((easier, easy) if n % 2 else (hard, harder))) for n in range(20)]
    low, high = gain_interval(record_of(*places), "test", "overall_accuracy")
    assert (low, high) == (pytest.approx(0.1), pytest.approx(0.1))
    ours = intervals(record_of(*places), "test", NETWORK)["overall_accuracy"]
    assert ours[1] - ours[0] > 0.1
