# SPDX-License-Identifier: GPL-2.0-or-later
"""Random crops of pairs, for PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from s2landcover_plugin.core.radiometry import FloatArray

from .pairs import Pair
from .scenes import FACTOR


class Crop(NamedTuple):
    """One band of a piece of a pair, or a mixture of bands.

    Attributes:
        guides: shape (4, rows x 2, cols x 2), reflectance.
        regression: shape (1, rows x 2, cols x 2), reflectance.
        coarse: shape (1, rows, cols), reflectance.
        band: share of every band in it, shape (bands,), Euclidean length 1.
        blur: `sigma` and `softening` of the fit, shape (2,).
        truth: shape (1, rows x 2, cols x 2), reflectance.
        spread: the band's standard deviation over its pair, reflectance; no shape.
    """

    guides: Tensor
    regression: Tensor
    coarse: Tensor
    band: Tensor
    blur: Tensor
    truth: Tensor
    spread: Tensor


class CropDataset(Dataset[Crop]):
    """So many random crops; each is determined by its number and the seed.

    Regression is linear in the band, so a mixture of bands is a band that was never taken, already restored: free
    variety, of which the network is told the shares.

    Args:
        pairs: where they come from; a pair is drawn more often the larger it is, but not in proportion.
        count: how many there are.
        size: side of a crop, coarse pixels; smaller pairs are mirrored at their edge.
        mixed: share of the crops that are mixtures.
        seed: of the random numbers.
    """

    def __init__(self, pairs: Sequence[Pair], count: int, size: int, mixed: float, seed: int) -> None:
        self._pairs, self._count, self._size, self._mixed, self._seed = pairs, count, size, mixed, seed
        weights = np.sqrt([pair.coarse[0].size for pair in pairs])
        self._chances = weights / weights.sum()
        self._spreads = [np.maximum(pair.truth.std(axis=(1, 2)), 1e-4) for pair in pairs]

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: int) -> Crop:
        """Return a crop, turned and mirrored at random."""
        rng = np.random.default_rng((self._seed, number))
        index = int(rng.choice(len(self._pairs), p=self._chances))
        pair, spreads = self._pairs[index], self._spreads[index]
        shares = self._shares(rng, len(spreads))
        weights = shares / spreads  # of bands of equal spread
        size = min(self._size, *pair.coarse.shape[1:])
        row, col = (int(rng.integers(length - size + 1)) for length in pair.coarse.shape[1:])

        def mixture(image: FloatArray, scale: int) -> FloatArray:
            return np.tensordot(weights, _cut(image, row, col, size, scale), 1)[None]

        images = (
            _cut(pair.guides, row, col, size, FACTOR),
            mixture(pair.regression, FACTOR) * spreads.mean(),
            mixture(pair.coarse, 1) * spreads.mean(),
            mixture(pair.truth, FACTOR) * spreads.mean(),
        )
        turns, mirrored = int(rng.integers(4)), bool(rng.random() < 0.5)
        guides, regression, coarse, truth = (
            torch.from_numpy(_placed(image, turns, mirrored, self._size * image.shape[1] // size)) for image in images
        )
        band, blur = (torch.from_numpy(np.asarray(values, dtype=np.float32)) for values in (shares, pair.blur))
        return Crop(guides, regression, coarse, band, blur, truth, torch.tensor(float(spreads.mean())))

    def _shares(self, rng: np.random.Generator, bands: int) -> NDArray[np.float64]:
        if rng.random() < self._mixed:
            shares = rng.normal(size=bands)
            return np.asarray(shares / np.linalg.norm(shares))
        return np.asarray(np.eye(bands)[int(rng.integers(bands))])


def _cut(image: FloatArray, row: int, col: int, size: int, scale: int) -> FloatArray:
    return image[:, row * scale : (row + size) * scale, col * scale : (col + size) * scale]


def _placed(image: FloatArray, turns: int, mirrored: bool, side: int) -> FloatArray:
    """Turn and mirror an image, and continue it to a side."""
    image = np.rot90(image, turns, (1, 2))
    image = image[:, :, ::-1] if mirrored else image
    missing = side - image.shape[1]
    return np.ascontiguousarray(np.pad(image, ((0, 0), (0, missing), (0, missing)), "symmetric"), dtype=np.float32)
