# SPDX-License-Identifier: GPL-2.0-or-later
"""The one seam to vector files: points and polygons with attributes, written as a GeoPackage.

It follows the raster seam: inside QGIS it is QGIS's own GDAL (`osgeo.ogr`), anywhere else pyogrio.
"""

from __future__ import annotations

from typing import Protocol

from ..raster import backend_name
from .model import Column, Features, FieldKind, Point, PointLayer, PolygonLayer, Ring
from .style import add_default_style

__all__ = ["Column", "FieldKind", "Point", "PointLayer", "PolygonLayer", "Ring", "write_points", "write_polygons"]


class _Backend(Protocol):
    def write_features(self, path: str, features: Features) -> None: ...


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
    _backend().write_features(path, layer.features())
    if layer.style:
        add_default_style(path, layer.name, layer.style)


def _backend() -> _Backend:
    backend: _Backend
    if backend_name() == "gdal":
        from . import ogr_backend as backend
    else:
        from . import pyogrio_backend as backend
    return backend
