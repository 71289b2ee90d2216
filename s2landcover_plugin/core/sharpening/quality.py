# SPDX-License-Identifier: GPL-2.0-or-later
"""Figures of how well a scene's own bands are sharpened, one scale down and at full scale; see `assessment`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..radiometry import FloatArray


@dataclass(frozen=True)
class BandFigures:
    """How well one band was restored; None where nothing could be compared.

    Attributes:
        band: its id.
        rmse: root mean square error one scale down, reflectance x 10000.
        q: universal quality index one scale down, 1 at best.
        consistency: at full scale, root mean square difference between the sharpened band, degraded, and the original,
            reflectance x 10000.
    """

    band: str
    rmse: float | None
    q: float | None
    consistency: float | None


@dataclass(frozen=True)
class MethodFigures:
    """How well one method did at one resolution.

    Attributes:
        method: one of `sharpening.METHODS`.
        bands: band by band.
        ergas: relative error of all bands, per cent, 0 at best; None where undefined.
        sam: mean spectral angle, degrees, 0 at best; None where undefined, as for a single band.
    """

    method: str
    bands: tuple[BandFigures, ...]
    ergas: float | None
    sam: float | None


@dataclass(frozen=True)
class ResolutionQuality:
    """What was measured for the bands of one resolution.

    Attributes:
        gsd: their pixel size, units of the CRS.
        degraded: pixel size from which they were restored.
        guided: pixel size of the degraded guides.
        blur: the scene's own, estimated at full scale: of the bands relative to the guides, standard deviation of a
            Gaussian in pixels of the bands.
        pixels: how many were compared.
        methods: the method chosen first.
    """

    gsd: float
    degraded: float
    guided: float
    blur: float
    pixels: int
    methods: tuple[MethodFigures, ...]


@dataclass(frozen=True, eq=False)
class Example:
    """One place to look at, one scale down.

    Attributes:
        bands: those shown as red, green and blue, or a single one.
        degraded: what the bands were restored from, shape (bands, rows, cols), reflectance.
        restored: by method, same shape.
        original: the truth, same shape.
    """

    bands: tuple[str, ...]
    degraded: FloatArray
    restored: Mapping[str, FloatArray]
    original: FloatArray


@dataclass(frozen=True)
class Headline:
    """A method's figures for all bands; None where nothing was measured.

    Attributes:
        rmse: mean over bands, reflectance x 10000.
        ergas: mean over resolutions, weighted by their number of bands, per cent.
        sam: likewise, degrees.
        q: mean over bands.
        consistency: that of the worst band, reflectance x 10000.
    """

    rmse: float | None = None
    ergas: float | None = None
    sam: float | None = None
    q: float | None = None
    consistency: float | None = None


@dataclass(frozen=True)
class Quality:
    """How well a scene is sharpened.

    Attributes:
        method: the one chosen.
        windows: how many windows of the scene were looked at.
        resolutions: by rising pixel size; empty where there was nothing to measure.
        notes: what could not be measured, and why.
        example: one of the windows; None where nothing was measured.
    """

    method: str
    windows: int
    resolutions: tuple[ResolutionQuality, ...]
    notes: tuple[str, ...] = ()
    example: Example | None = None

    @property
    def methods(self) -> tuple[str, ...]:
        """Every method measured, the one chosen first."""
        return tuple(figures.method for figures in self.resolutions[0].methods) if self.resolutions else ()

    def headline(self, method: str) -> Headline:
        """Sum up what was measured of a method."""
        parts = [part for each in self.resolutions for part in each.methods if part.method == method]
        bands = [band for part in parts for band in part.bands]
        weights = [len(part.bands) for part in parts]
        return Headline(
            rmse=_mean([band.rmse for band in bands]),
            ergas=_mean([part.ergas for part in parts], weights),
            sam=_mean([part.sam for part in parts], weights),
            q=_mean([band.q for band in bands]),
            consistency=max((band.consistency for band in bands if band.consistency is not None), default=None),
        )


def _mean(values: Sequence[float | None], weights: Sequence[int] | None = None) -> float | None:
    """Return the weighted mean of the values that are there."""
    pairs = [(value, weight) for value, weight in zip(values, weights or [1] * len(values)) if value is not None]
    return sum(value * weight for value, weight in pairs) / sum(weight for _, weight in pairs) if pairs else None
