# SPDX-License-Identifier: GPL-2.0-or-later
"""What is in a tile, in figures: counted when it is cut, or when it is read again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..class_raster import ClassArray
from ..legend import NODATA
from ..radiometry import BoolArray
from ..raster import Array

BINS = 256
"""Number of bins of the histograms, as wide as the dataset's storage says; the last takes the rest."""

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class TileCounts:
    """The figures of a tile.

    Attributes:
        checksum: of the image's pixels; empty if they could not be read, or are all alike, as in thick cloud: such
            images are the same wherever they come from.
        labels: pixels by value of the label raster, shape (256,); all 0 without one.
        without_image: labelled pixels where the image has no data.
        nodata: pixels that lack data in a band.
        histogram: valid pixels by band and bin, shape (bands, bins).
    """

    checksum: str = ""
    labels: Counts = field(default_factory=lambda: np.zeros(256, dtype=np.int64))
    without_image: int = 0
    nodata: int = 0
    histogram: NDArray[np.int32] = field(default_factory=lambda: np.zeros((0, BINS), dtype=np.int32))


def count_tile(stored: Array, valid: BoolArray, labels: ClassArray | None, width: int) -> TileCounts:
    """Count.

    Args:
        stored: the image, whole numbers as they are stored, shape (bands, rows, cols).
        valid: where all bands have data, shape (rows, cols).
        labels: class values, shape (rows, cols); None without labels.
        width: of a bin of the histograms, in stored units.
    """
    hidden = ~valid
    missing = int(np.count_nonzero(hidden))
    bins = np.minimum(stored // width, BINS - 1)
    histogram = [np.bincount((plane[valid] if missing else plane).ravel(), minlength=BINS) for plane in bins]
    counted = np.array(histogram, dtype=np.int32)
    checksum = "" if _is_uniform(stored, counted) else hashlib.blake2b(stored.tobytes(), digest_size=16).hexdigest()
    if labels is None:
        return TileCounts(checksum, nodata=missing, histogram=counted)
    without = int(np.count_nonzero(labels[hidden] != NODATA))
    return TileCounts(checksum, np.bincount(labels.ravel(), minlength=256), without, missing, counted)


def _is_uniform(stored: Array, histogram: NDArray[np.int32]) -> bool:
    """Return whether all pixels are alike; most images are not, as their histograms tell quickly."""
    return bool((np.count_nonzero(histogram, axis=1) <= 1).all() and (stored == stored[:, :1, :1]).all())
