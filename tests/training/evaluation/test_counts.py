# SPDX-License-Identifier: GPL-2.0-or-later
"""Figures by split and place, from counts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from training.data.samples import Sample
from training.evaluation.counts import Evaluation

from ..tiles import LEGEND


def batch_of(labels: list[list[int]], splits: list[str], places: list[str]) -> Sample:
    tensor = torch.tensor(labels).unsqueeze(1)
    return Sample(torch.zeros(len(labels), 4, 1, 4), tensor, torch.zeros(len(labels), 0, 1, 4), splits, places)  # type: ignore[arg-type]


@pytest.fixture
def evaluation() -> Evaluation:
    result = Evaluation(LEGEND)
    batch = batch_of([[1, 1, 2, 0], [3, 3, 3, 3]], ["test", "validation"], ["here", "there"])
    result.add(torch.tensor([[[1, 2, 2, 3]], [[3, 3, 3, 1]]]), batch)
    return result


def test_unlabelled_pixels_do_not_count_and_splits_stay_apart(evaluation: Evaluation) -> None:
    assert evaluation.matrix("test").counts.tolist() == [[1, 0, 0], [1, 1, 0], [0, 0, 0]]
    assert evaluation.matrix("validation").counts.tolist() == [[0, 0, 1], [0, 0, 0], [0, 0, 3]]
    assert evaluation.matrix().pixels == 7


def test_figures_by_place_and_class(evaluation: Evaluation, tmp_path: Path) -> None:
    evaluation.write(tmp_path / "figures.json")
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures["test"]["places"]["here"]["overall_accuracy"] == pytest.approx(2 / 3)
    assert figures["validation"]["places"]["there"]["overall_accuracy"] == 0.75
    assert figures["test"]["classes"]["Water"]["recall"] == 0.5
    assert figures["test"]["classes"]["Sand"]["recall"] is None


def test_adding_adds(evaluation: Evaluation) -> None:
    evaluation.add(torch.tensor([[[1, 1, 1, 1]]]), batch_of([[1, 1, 1, 1]], ["test"], ["here"]))
    assert evaluation.matrix("test").counts[0, 0] == 5
    evaluation.reset()
    assert evaluation.headline().overall_accuracy is None
