# SPDX-License-Identifier: GPL-2.0-or-later
"""The random forest beside the network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from s2landcover_plugin.core.errors import DatasetError
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.tiling.dataset import DatasetInfo
from training.evaluation.forest import draw_pixels, fit_forest, forest_map

from ..tiles import LEGEND, SPECTRA


def test_pixels_are_drawn_from_every_training_tile_alike(dataset: Path) -> None:
    info = DatasetInfo.read(dataset)
    pixels = draw_pixels(dataset, info, 83, 0, SilentProgress())
    assert pixels.bands.shape == (83, 4)
    assert pixels.labels.min() >= 1
    spectra = np.array([SPECTRA[LEGEND.values[label - 1]] for label in pixels.labels]) * 1e-4
    assert pixels.bands == pytest.approx(spectra, abs=1e-6)
    again, other = (draw_pixels(dataset, info, 83, seed, SilentProgress()) for seed in (0, 1))
    assert (again.bands == pixels.bands).all()
    assert (other.labels != pixels.labels).any()


def test_fewer_pixels_than_tiles(dataset: Path) -> None:
    assert len(draw_pixels(dataset, DatasetInfo.read(dataset), 3, 0, SilentProgress()).labels) == 3


def test_dataset_without_training_tiles_is_refused(dataset: Path) -> None:
    info = DatasetInfo.read(dataset)
    info = replace(info, tiles=info.split("test"))
    with pytest.raises(DatasetError, match="No training tile"):
        draw_pixels(dataset, info, 100, 0, SilentProgress())


def test_forest_tells_spectra_apart_and_passes_over_unlabelled_pixels(dataset: Path) -> None:
    pixels = draw_pixels(dataset, DatasetInfo.read(dataset), 200, 0, SilentProgress())
    forest = fit_forest(pixels, 3, 0)
    labels = torch.tensor([[[1, 2, 3, 0]]])
    image = torch.tensor([SPECTRA[value] for value in (1, 4, 7, 1)]).T.reshape(1, 4, 1, 4) * 1e-4
    assert forest_map(forest, image, labels).tolist() == [[[1, 2, 3, 0]]]
    assert forest_map(forest, image, labels * 0).tolist() == [[[0, 0, 0, 0]]]
