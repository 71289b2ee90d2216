# SPDX-License-Identifier: GPL-2.0-or-later
"""A random forest that sees one pixel at a time: what a network has to beat (Breiman 2001, 10.1023/A:1010933404324)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from torch import Tensor

from s2landcover_plugin.core.errors import DatasetError
from s2landcover_plugin.core.progress import Progress
from s2landcover_plugin.core.tiling.dataset import DatasetInfo

from ..data.samples import Sample
from ..data.tiles import TileDataset

_THREADS = 4  # more gain little on this much data, and other programs may be running
_TOGETHER = 1 << 18  # pixels that are classified at a time


@dataclass(frozen=True, eq=False)
class TrainingPixels:
    """Labelled pixels.

    Attributes:
        bands: reflectance, float32, shape (pixels, bands).
        labels: position in the legend plus 1, int64, shape (pixels,).
    """

    bands: NDArray[np.float32]
    labels: NDArray[np.int64]


def draw_pixels(folder: Path, info: DatasetInfo, number: int, seed: int, progress: Progress) -> TrainingPixels:
    """Return labelled pixels of the training tiles, drawn at random, from each tile as many.

    Args:
        folder: the dataset folder.
        info: what its `dataset.json` says.
        number: how many to draw at most; tiles with few labelled pixels give fewer.
        seed: the same seed draws the same pixels.
        progress: is told how far it is.

    Raises:
        DatasetError: if no training tile has a labelled pixel.
        Cancelled: if the user asks to stop.
    """
    random = np.random.default_rng(seed)
    tiles = info.split("train")
    # With fewer pixels wanted than there are tiles, some tiles give none.
    shares = np.full(len(tiles), number // max(len(tiles), 1))
    shares[random.permutation(len(tiles))[: number - int(shares.sum())]] += 1
    dataset = TileDataset(folder, info, tiles)
    parts = []
    for index in np.flatnonzero(shares).tolist():
        progress.check()
        parts.append(_drawn(dataset[index], int(shares[index]), random))
        progress.fraction((index + 1) / len(tiles))
    if not any(len(part.labels) for part in parts):
        raise DatasetError(f"No training tile of {folder} has a labelled pixel; there is nothing to compare with.")
    return TrainingPixels(np.concatenate([p.bands for p in parts]), np.concatenate([p.labels for p in parts]))


def fit_forest(pixels: TrainingPixels, trees: int, seed: int) -> RandomForestClassifier:
    """Return a forest with scikit-learn's defaults."""
    forest = RandomForestClassifier(trees, random_state=seed, n_jobs=_THREADS)
    forest.fit(pixels.bands, pixels.labels)
    return forest


def forest_map(forest: Any, image: Tensor, labels: Tensor) -> Tensor:
    """Return what the forest makes of the pixels that have a label.

    Args:
        forest: of `fit_forest`.
        image: reflectance, shape (batch, bands, rows, cols).
        labels: shape (batch, rows, cols); 0 is no label.

    Returns:
        Position in the legend plus 1, int64, shape (batch, rows, cols); 0 without a label.
    """
    chosen = (labels > 0).cpu().numpy()
    pixels = image.float().cpu().numpy().transpose(0, 2, 3, 1)[chosen]
    found = np.zeros(chosen.shape, dtype=np.int64)
    parts = [forest.predict(pixels[start : start + _TOGETHER]) for start in range(0, len(pixels), _TOGETHER)]
    if parts:
        found[chosen] = np.concatenate(parts)
    return torch.from_numpy(found)


def _drawn(sample: Sample, number: int, random: np.random.Generator) -> TrainingPixels:
    labels = sample.labels.numpy().ravel()
    labelled = np.flatnonzero(labels)
    chosen = random.permutation(labelled)[:number]
    bands = sample.image.numpy().reshape(len(sample.image), -1)
    return TrainingPixels(bands[:, chosen].T, labels[chosen])
