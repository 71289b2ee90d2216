# SPDX-License-Identifier: GPL-2.0-or-later
"""The one seam to vector files: points and polygons with attributes, written as a GeoPackage.

It follows the raster seam: inside QGIS it is QGIS's own GDAL (`osgeo.ogr`), anywhere else pyogrio.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from ..errors import GridError
from ..progress import Progress
from ..raster import Grid, backend_name
from .burning import PolygonBurner
from .model import Column, Features, FieldKind, GeometryKind, Point, PointLayer, PolygonLayer, Ring
from .reading import FeatureTable, bounds_in, edges, rings
from .style import add_default_style

__all__ = [
    "Column",
    "FeatureTable",
    "Features",
    "FieldKind",
    "GeometryKind",
    "Point",
    "PointLayer",
    "PolygonBurner",
    "PolygonLayer",
    "Ring",
    "edges",
    "polygonised",
    "read_features",
    "rings",
    "simplified",
    "write_features",
    "write_points",
    "write_polygons",
]


class _Backend(Protocol):
    def write_features(self, path: str, features: Features) -> None: ...

    def layer_crs(self, path: str, layer: str) -> str: ...

    def read_features(
        self, path: str, layer: str, field: str, bounds: tuple[float, float, float, float] | None
    ) -> FeatureTable: ...

    def polygonised(self, raster: str, folder: str, progress: Progress) -> Iterator[tuple[int, bytes]]: ...

    def simplified(self, geometries: Sequence[bytes], tolerance: float) -> tuple[bytes, ...]: ...


def write_polygons(path: str, layer: PolygonLayer) -> None:
    """Write a GeoPackage with one layer, replacing a file of that name.

    Raises:
        OutputError: if it cannot be written.
        DependencyError: if there is no library for vector files.
    """
    _backend().write_features(path, layer.features())


def write_points(path: str, layer: PointLayer) -> None:
    """Write a GeoPackage with one layer, and its style if it has one, replacing a file of that name.

    Raises:
        OutputError: if it cannot be written.
        DependencyError: if there is no library for vector files.
    """
    write_features(path, layer.features(), layer.style)


def write_features(path: str, features: Features, style: str = "") -> None:
    """Write a GeoPackage with one layer, and its style (QML) if it has one, replacing a file of that name.

    Raises:
        OutputError: if it cannot be written.
        DependencyError: if there is no library for vector files.
    """
    _backend().write_features(path, features)
    if style:
        add_default_style(path, features.layer, style)


def read_features(path: str, layer: str, field: str, near: Grid | None = None) -> FeatureTable:
    """Read a layer's geometries and one of its fields; features without a geometry are left out.

    Args:
        path: anything that GDAL opens as a vector file.
        layer: name of the layer; empty for the first.
        field: name of the field.
        near: leave out what is far from this grid.

    Raises:
        RasterError: if it cannot be read.
        InputError: if there is no such layer or field.
        GridError: if `near` is given and the layer has no CRS.
        DependencyError: if there is no library for vector files.
    """
    backend = _backend()
    bounds = None
    if near is not None:
        crs = backend.layer_crs(path, layer)
        if not crs:
            raise GridError(
                f"{path} has no coordinate reference system; assign the right one first "
                "(Vector > Data Management Tools > Define Layer Projection)."
            )
        bounds = bounds_in(near, crs)
    return backend.read_features(path, layer, field, bounds)


def polygonised(raster: str, folder: str, progress: Progress) -> Iterator[tuple[int, bytes]]:
    """Yield the areas of equal value of a raster's first band, pixels without data left out.

    Args:
        raster: path of a raster of whole numbers.
        folder: where there is room for a file in between.
        progress: hears how far it is.

    Yields:
        The value of each area of pixels that share sides, and its outline with holes as a polygon (well-known binary).

    Raises:
        RasterError: if the raster cannot be read.
        OutputError: if the file in between cannot be written.
        Cancelled: if the user asked to stop.
    """
    yield from _backend().polygonised(raster, folder, progress)


def simplified(geometries: Sequence[bytes], tolerance: float) -> tuple[bytes, ...]:
    """Return polygons (well-known binary) with fewer corners, each on its own (GEOS, Douglas-Peucker, still valid).

    Args:
        geometries: the polygons.
        tolerance: how far a line may move, in units of the CRS.

    Raises:
        DependencyError: if there is no library for it.
    """
    return _backend().simplified(geometries, tolerance)


def _backend() -> _Backend:
    backend: _Backend
    if backend_name() == "gdal":
        from . import ogr_backend as backend
    else:
        from . import pyogrio_backend as backend
    return backend
