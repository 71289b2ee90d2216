# SPDX-License-Identifier: GPL-2.0-or-later
"""Pictures of predictions."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from training.data.module import TileData
from training.fitting.checkpoints import load_module
from training.fitting.pictures import PICTURE, Prediction, draw, predictions

from ..tiles import LEGEND


def test_predictions_of_validation_tiles(dataset: Path, checkpoint: Path) -> None:
    module = load_module(checkpoint).train()
    rows = predictions(module, TileData(dataset), 5)
    assert [row.title for row in rows] == ["validation-8", "validation-10"]
    assert module.training
    for row in rows:
        labelled = row.labels > 0
        assert row.image.shape == (32, 32, 3)
        assert (row.predicted == row.labels)[labelled].mean() > 0.8
        assert row.predicted.min() >= 1


def test_differences_are_red_and_unlabelled_pixels_white() -> None:
    labels, predicted = np.array([[0, 1], [2, 3]]), np.array([[1, 1], [1, 3]])
    figure = draw([Prediction("here", np.zeros((2, 2, 3), np.float32), labels, predicted)], LEGEND)
    truth, found, differences = (np.asarray(axes.images[0].get_array()) for axes in figure.axes[1:])
    assert truth[0, 1].tolist() == found[0, 0].tolist() == [0, 0, 255]
    assert truth[0, 0].tolist() == differences[0, 0].tolist() == [255, 255, 255]
    assert differences[1, 0].tolist() == [200, 30, 40]
    assert differences[0, 1].tolist() == differences[1, 1].tolist() != [200, 30, 40]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["Water", "Trees", "Sand", "differs"]


def test_a_run_leaves_them(checkpoint: Path) -> None:
    assert (checkpoint.parents[1] / PICTURE).read_bytes().startswith(b"\x89PNG")
