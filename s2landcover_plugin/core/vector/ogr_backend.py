# SPDX-License-Identifier: GPL-2.0-or-later
"""Vector files through QGIS's own GDAL (`osgeo.ogr`); its exceptions are the host's setting and are left alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from osgeo import gdal, ogr, osr

from ..errors import OutputError
from .model import FieldKind, PolygonLayer

_TYPES = {FieldKind.TEXT: ogr.OFTString, FieldKind.INTEGER: ogr.OFTInteger64, FieldKind.REAL: ogr.OFTReal}


def write_polygons(path: str, layer: PolygonLayer, geometries: Sequence[bytes]) -> None:
    """See `core.vector.write_polygons`."""
    gdal.ErrorReset()
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        _write(path, layer, geometries)
    except RuntimeError as error:
        raise _failure(path) from error
    finally:
        gdal.PopErrorHandler()


def _write(path: str, layer: PolygonLayer, geometries: Sequence[bytes]) -> None:
    dataset = ogr.GetDriverByName("GPKG").CreateDataSource(path)
    if dataset is None:
        raise _failure(path)
    reference = osr.SpatialReference()
    reference.ImportFromWkt(layer.crs)
    target = dataset.CreateLayer(layer.name, reference, ogr.wkbPolygon)
    for column in layer.columns:
        target.CreateField(ogr.FieldDefn(column.name, _TYPES[column.kind]))
    dataset.StartTransaction()
    for index, geometry in enumerate(geometries):
        _add_feature(target, layer, index, geometry)
    if dataset.CommitTransaction() != ogr.OGRERR_NONE:
        raise _failure(path)


def _add_feature(target: Any, layer: PolygonLayer, index: int, geometry: bytes) -> None:
    feature = ogr.Feature(target.GetLayerDefn())
    feature.SetGeometryDirectly(ogr.CreateGeometryFromWkb(geometry))
    for position, column in enumerate(layer.columns):
        value = column.values[index]
        if value is None:
            feature.SetFieldNull(position)
        else:
            feature.SetField(position, value)
    target.CreateFeature(feature)


def _failure(path: str) -> OutputError:
    reason = gdal.GetLastErrorMsg().strip() or "no reason given"
    return OutputError(f"{path} could not be written ({reason}). Check the folder and the free space on that disk.")
