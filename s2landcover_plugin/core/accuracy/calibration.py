# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a map is right as often as its confidence says: reliability and expected calibration error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..classification.measures import UNKNOWN_PERCENT
from ..errors import GridError, InputError
from ..raster import RasterReader, Window, open_raster
from .figures import FloatArray
from .inputs import AssessedRaster
from .pairing import aligned, check_overlap

PercentArray = NDArray[np.uint8]

BINS = 10
"""Bins of equal width, as in Guo et al. (2017)."""

_LEVELS = 101


@dataclass(frozen=True)
class ConfidenceBin:
    """Pixels whose confidence lies in one range.

    Attributes:
        share: of all pixels, 0-1.
        confidence: their mean confidence, 0-1.
        accuracy: share of them on which map and reference agree, 0-1.
    """

    share: float
    confidence: float
    accuracy: float


@dataclass(frozen=True, eq=False)
class Calibration:
    """How confidence and correctness go together.

    Attributes:
        source: the confidence raster.
        weights: pixels (or weight of sample points) by confidence, 0 to 100 per cent, shape (101,).
        right: those of them on which map and reference agree, same shape.
    """

    source: AssessedRaster
    weights: FloatArray
    right: FloatArray

    @property
    def mean_confidence(self) -> float:
        """Mean confidence, 0-1."""
        return float(self.weights @ np.arange(_LEVELS) / self.weights.sum() / 100)

    @property
    def accuracy(self) -> float:
        """Share of the pixels with a confidence on which map and reference agree, 0-1."""
        return float(self.right.sum() / self.weights.sum())

    @property
    def bins(self) -> tuple[ConfidenceBin, ...]:
        """The bins that have pixels, by rising confidence."""
        levels = np.arange(_LEVELS)
        place = np.minimum(levels // BINS, BINS - 1)
        weight, right, confidence = (
            np.bincount(place, values, BINS) for values in (self.weights, self.right, self.weights * levels / 100)
        )
        return tuple(
            ConfidenceBin(float(w / weight.sum()), float(c / w), float(r / w))
            for w, r, c in zip(weight, right, confidence)
            if w
        )

    @property
    def expected_error(self) -> float:
        """Expected calibration error (Guo et al. 2017, https://doi.org/10.48550/arXiv.1706.04599, equation 3), 0-1."""
        return sum(part.share * abs(part.accuracy - part.confidence) for part in self.bins)


class ConfidenceReader:
    """A raster of confidence, per cent, on the map's grid."""

    def __init__(self, raster: RasterReader) -> None:
        self._raster = raster

    def read(self, window: Window) -> PercentArray:
        """Return whole per cent, 0-100, and `UNKNOWN_PERCENT` where there is no data, shape (rows, cols).

        Raises:
            RasterError: if it cannot be read.
            InputError: if a number is no percentage.
        """
        array, valid = self._raster.read_masked(window, bands=[1])
        wrong = valid & ~((array >= 0) & (array <= 100)) & (array != UNKNOWN_PERCENT)
        if wrong.any():
            raise InputError(
                f"{self._raster.path} holds the value {array[wrong][0]:g}; a confidence is 0 to 100 per cent. Give the "
                "confidence raster that 'Classify land cover' writes."
            )
        return np.where(valid[0], np.rint(array[0]), UNKNOWN_PERCENT).astype(np.uint8)


def open_confidence(path: str) -> RasterReader:
    """Open a confidence raster.

    Raises:
        RasterError: if it cannot be opened.
        GridError: if it has no CRS.
    """
    raster = open_raster(path)
    try:
        raster.check_crs()
    except GridError:
        raster.close()
        raise
    return raster


def confidence_on(class_map: RasterReader, confidence: RasterReader) -> ConfidenceReader:
    """Return a confidence raster on a map's grid, by nearest neighbour.

    Raises:
        GridError: if the two do not overlap.
    """
    check_overlap(class_map, confidence)
    return ConfidenceReader(aligned(class_map, confidence))


class CalibrationCounts:
    """Adds up confidence and correctness, window by window."""

    def __init__(self) -> None:
        self._counts = np.zeros((UNKNOWN_PERCENT + 1) * 2)

    def add(self, percent: PercentArray, right: NDArray[np.bool_], weights: FloatArray | None = None) -> None:
        """Add what was compared: confidence, whether map and reference agree, what it stands for; shape (number,)."""
        keys = (percent.astype(np.intp) << 1) | right
        self._counts += np.bincount(keys, weights, minlength=len(self._counts))

    def result(self, source: AssessedRaster) -> Calibration | None:
        """Return what was found, or None if no compared pixel has a confidence."""
        wrong, right = self._counts.reshape(-1, 2)[:_LEVELS].T
        return Calibration(source, wrong + right, right.copy()) if (wrong + right).any() else None
