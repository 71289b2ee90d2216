# SPDX-License-Identifier: GPL-2.0-or-later
"""What an assessment was made of, so that a report can say exactly which files it speaks of."""

from __future__ import annotations

from dataclasses import dataclass

from ..progress import Progress
from ..raster import Grid, RasterReader
from .checksum import sha256


@dataclass(frozen=True)
class AssessedRaster:
    """A raster that was read.

    Attributes:
        path: as it was given.
        grid: size, place and CRS.
        dtype: numpy name of its pixel type.
        sha256: checksum in hexadecimal digits, or None where it was not computed.
    """

    path: str
    grid: Grid
    dtype: str
    sha256: str | None = None


@dataclass(frozen=True)
class AssessedFeatures:
    """A layer of reference points or polygons.

    Attributes:
        path: file or other source, as it was given.
        geometry: "points" or "polygons".
        field: the one that holds the class.
        features: how many there are.
        sha256: checksum of the file in hexadecimal digits, or None where it was not computed or is no file.
    """

    path: str
    geometry: str
    field: str
    features: int
    sha256: str | None = None


def describe_raster(raster: RasterReader, checksum: bool, progress: Progress) -> AssessedRaster:
    """Return what a report says about a raster.

    Raises:
        Cancelled: if the user asks to stop.
    """
    digest = sha256(raster.path, progress) if checksum else None
    return AssessedRaster(raster.path, raster.grid, raster.bands[0].dtype, digest)
