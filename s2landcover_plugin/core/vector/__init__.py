# SPDX-License-Identifier: GPL-2.0-or-later
"""The one seam to vector files: polygons with attributes, written as a GeoPackage.

It follows the raster seam: inside QGIS it is QGIS's own GDAL (`osgeo.ogr`), anywhere else pyogrio.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..raster import backend_name
from .model import Column, FieldKind, PolygonLayer, Ring

__all__ = ["Column", "FieldKind", "PolygonLayer", "Ring", "write_polygons"]


class _Backend(Protocol):
    def write_polygons(self, path: str, layer: PolygonLayer, geometries: Sequence[bytes]) -> None: ...


def write_polygons(path: str, layer: PolygonLayer) -> None:
    """Write a GeoPackage with one layer, replacing a file of that name.

    Raises:
        OutputError: if it cannot be written.
        DependencyError: if there is no library for vector files.
    """
    backend: _Backend
    if backend_name() == "gdal":
        from . import ogr_backend as backend
    else:
        from . import pyogrio_backend as backend
    backend.write_polygons(path, layer, [ring.wkb() for ring in layer.rings])
