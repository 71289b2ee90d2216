# SPDX-License-Identifier: GPL-2.0-or-later
"""Weights of classes against values worked out by hand."""

from __future__ import annotations

import pytest

from s2landcover_plugin.core.errors import DatasetError
from training.losses.options import LossOptions
from training.losses.weights import class_weights

PIXELS = [100, 400, 0, 1600]


@pytest.mark.parametrize(
    "kind, ratios",
    [
        ("ins", [1600, 400, 0, 100]),
        ("isns", [4, 2, 0, 1]),
        ("median", [4, 1, 0, 0.25]),
        # With beta 0.5 every class has the effective number 2.
        ("effective", [1, 1, 0, 1]),
    ],
)
def test_ratios_follow_the_formula_and_absent_classes_weigh_nothing(kind: str, ratios: list[float]) -> None:
    weights = class_weights(LossOptions(class_weights=kind, effective_beta=0.5), PIXELS)  # type: ignore[arg-type]
    assert weights is not None
    assert weights.tolist() == pytest.approx([3 * ratio / sum(ratios) for ratio in ratios])


def test_effective_number_is_exact_for_beta_close_to_one() -> None:
    weights = class_weights(LossOptions(class_weights="effective", effective_beta=1 - 1e-9), PIXELS)
    assert weights is not None
    assert (weights[0] / weights[3]).item() == pytest.approx(16.0, rel=1e-4)


def test_none_and_given_weights() -> None:
    assert class_weights(LossOptions(), PIXELS) is None
    given = class_weights(LossOptions(class_weights=(0.5, 1.0, 0.0, 2.0)), PIXELS)
    assert given is not None and given.tolist() == [0.5, 1.0, 0.0, 2.0]


@pytest.mark.parametrize("weights", [(1.0, 2.0), (1.0, -1.0, 1.0, 1.0), (0.0,) * 4, (float("nan"), 1.0, 1.0, 1.0)])
def test_given_weights_must_be_one_for_each_class(weights: tuple[float, ...]) -> None:
    with pytest.raises(DatasetError, match="expected 4 numbers"):
        class_weights(LossOptions(class_weights=weights), PIXELS)


def test_no_weights_from_no_labels() -> None:
    with pytest.raises(DatasetError, match="no labelled pixel"):
        class_weights(LossOptions(class_weights="ins"), [0, 0])
