# SPDX-License-Identifier: GPL-2.0-or-later
"""The one seam to raster files.

Inside QGIS it is QGIS's own GDAL (`osgeo.gdal`); anywhere else rasterio. Both give the same numbers: a second GDAL and
PROJ inside QGIS, as a rasterio wheel would bring, clashes with the host's. The environment variable
`S2LANDCOVER_RASTER` (`gdal` or `rasterio`) chooses where both are installed.
"""

from __future__ import annotations

import functools
import importlib.util
import os
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import DependencyError, InputError
from ..progress import Progress, SilentProgress
from .access import RasterReader, RasterWriter
from .model import (
    Array,
    BandInfo,
    Colour,
    Grid,
    RasterSpec,
    Resampling,
    Window,
)

__all__ = [
    "Array",
    "BandInfo",
    "Colour",
    "Grid",
    "RasterReader",
    "RasterSpec",
    "RasterWriter",
    "Resampling",
    "Window",
    "backend_name",
    "convert_raster",
    "create_raster",
    "crs_from_authority",
    "crs_name",
    "crs_unit",
    "is_geographic",
    "open_raster",
    "same_crs",
    "transformed",
]


class _Backend(Protocol):
    def open_raster(self, path: str) -> RasterReader: ...

    def create_raster(self, path: str, spec: RasterSpec) -> RasterWriter: ...

    def convert_raster(
        self, source: str, target: str, driver: str, options: dict[str, str], progress: Progress
    ) -> None: ...

    def same_crs(self, first: str, second: str) -> bool: ...

    def is_geographic(self, crs: str) -> bool: ...

    def crs_unit(self, crs: str) -> float: ...

    def crs_name(self, crs: str) -> str: ...

    def crs_from_authority(self, code: str) -> str: ...

    def transformed(self, xy: NDArray[np.float64], source: str, target: str) -> NDArray[np.float64]: ...


def backend_name() -> str:
    """Return `gdal` or `rasterio`, whichever reads and writes rasters here.

    Raises:
        DependencyError: if neither is installed.
        InputError: if `S2LANDCOVER_RASTER` names something else.
    """
    wanted = os.environ.get("S2LANDCOVER_RASTER", "")
    if wanted not in ("", "gdal", "rasterio"):
        raise InputError(f"S2LANDCOVER_RASTER is '{wanted}'; set it to 'gdal' or 'rasterio', or leave it unset.")
    packages = {"gdal": "osgeo", "rasterio": "rasterio"}
    for name in [wanted] if wanted else list(packages):
        if importlib.util.find_spec(packages[name]) is not None:
            return name
    raise DependencyError("No raster library was found. Outside QGIS, add one with: python -m pip install rasterio")


@functools.lru_cache(maxsize=2)
def _load(name: str) -> _Backend:
    backend: _Backend
    if name == "gdal":
        from . import gdal_backend as backend
    else:
        from . import rasterio_backend as backend
    return backend


def open_raster(path: str) -> RasterReader:
    """Open a raster for reading.

    Args:
        path: anything that GDAL opens: a file, a `/vsizip/` path, a subdataset name.

    Raises:
        RasterError: if there is no such raster or it cannot be opened.
    """
    return _load(backend_name()).open_raster(path)


def create_raster(path: str, spec: RasterSpec) -> RasterWriter:
    """Create a GeoTIFF, replacing a file of that name.

    Raises:
        OutputError: if it cannot be created.
    """
    return _load(backend_name()).create_raster(path, spec)


def convert_raster(
    source: str, target: str, driver: str, options: dict[str, str], progress: Progress | None = None
) -> None:
    """Copy a raster to another format (GDAL's CreateCopy), for formats that cannot be written piece by piece.

    Args:
        source: path of the raster to read.
        target: path to write.
        driver: GDAL's short name of the format, such as `JP2OpenJPEG`.
        options: the driver's creation options.
        progress: hears how far it is; with rasterio, which cannot say, it is asked only before the start.

    Raises:
        RasterError: if the source cannot be read.
        OutputError: if the target cannot be written or the driver is missing.
        Cancelled: if the user asked to stop.
    """
    _load(backend_name()).convert_raster(source, target, driver, options, progress or SilentProgress())


def same_crs(first: str, second: str) -> bool:
    """Say whether two WKT strings mean the same coordinate reference system; two empty ones do."""
    if first == second:
        return True
    if not first or not second:
        return False
    return _load(backend_name()).same_crs(first, second)


def is_geographic(crs: str) -> bool:
    """Say whether a CRS (WKT) measures in degrees."""
    return bool(crs) and _load(backend_name()).is_geographic(crs)


def crs_unit(crs: str) -> float:
    """Return the unit of a CRS (WKT): in radians if it is geographic, in metres otherwise."""
    return _load(backend_name()).crs_unit(crs)


def crs_name(crs: str) -> str:
    """Return a short name for a CRS (WKT): its authority code where it has one, such as `EPSG:32633`."""
    return _load(backend_name()).crs_name(crs) if crs else "none"


def crs_from_authority(code: str) -> str:
    """Return the WKT of a code such as `EPSG:32633`.

    Raises:
        InputError: if there is no such CRS.
    """
    return _load(backend_name()).crs_from_authority(code)


def transformed(xy: NDArray[np.float64], source: str, target: str) -> NDArray[np.float64]:
    """Return places in another CRS; infinite where one has no equal there.

    Args:
        xy: x (or longitude) and y (or latitude), shape (places, 2).
        source: the CRS that they are in, WKT.
        target: the CRS wanted, WKT.
    """
    return xy if same_crs(source, target) else _load(backend_name()).transformed(xy, source, target)
