# SPDX-License-Identifier: GPL-2.0-or-later
"""Vector files through QGIS's own GDAL (`osgeo.ogr`); its exceptions are the host's setting and are left alone."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from typing import Any

from osgeo import gdal, ogr, osr

from ..errors import OutputError, RasterError
from ..progress import Progress
from ..raster.gdal_backend import gdal_callback
from .model import Features, FieldKind, GeometryKind
from .reading import FeatureTable, no_field, no_layer, unreadable

_TYPES = {FieldKind.TEXT: ogr.OFTString, FieldKind.INTEGER: ogr.OFTInteger64, FieldKind.REAL: ogr.OFTReal}
_GEOMETRIES = {GeometryKind.POINT: ogr.wkbPoint, GeometryKind.POLYGON: ogr.wkbPolygon}


def write_features(path: str, features: Features) -> None:
    """Write a GeoPackage with one layer; see `core.vector`."""
    gdal.ErrorReset()
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        _write(path, features)
    except RuntimeError as error:
        raise _failure(path) from error
    finally:
        gdal.PopErrorHandler()


def _write(path: str, features: Features) -> None:
    dataset = ogr.GetDriverByName("GPKG").CreateDataSource(path)
    if dataset is None:
        raise _failure(path)
    reference = osr.SpatialReference()
    reference.ImportFromWkt(features.crs)
    target = dataset.CreateLayer(features.layer, reference, _GEOMETRIES[features.kind])
    for column in features.columns:
        target.CreateField(ogr.FieldDefn(column.name, _TYPES[column.kind]))
    dataset.StartTransaction()
    for index in range(len(features.geometries)):
        _add_feature(target, features, index)
    if dataset.CommitTransaction() != ogr.OGRERR_NONE:
        raise _failure(path)


def _add_feature(target: Any, features: Features, index: int) -> None:
    feature = ogr.Feature(target.GetLayerDefn())
    feature.SetGeometryDirectly(ogr.CreateGeometryFromWkb(features.geometries[index]))
    for position, column in enumerate(features.columns):
        value = column.values[index]
        if value is None:
            feature.SetFieldNull(position)
        else:
            feature.SetField(position, value)
    target.CreateFeature(feature)


def _failure(path: str) -> OutputError:
    reason = gdal.GetLastErrorMsg().strip() or "no reason given"
    return OutputError(f"{path} could not be written ({reason}). Check the folder and the free space on that disk.")


def polygonised(raster: str, folder: str, progress: Progress) -> Iterator[tuple[int, bytes]]:
    """See `core.vector.polygonised`."""
    gdal.ErrorReset()
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        dataset = _polygons_in_a_file(raster, os.path.join(folder, "polygons.gpkg"), progress)
    finally:
        gdal.PopErrorHandler()
    for feature in dataset.GetLayer(0):
        yield feature.GetField(0), bytes(feature.GetGeometryRef().ExportToWkb(ogr.wkbNDR))


def _polygons_in_a_file(raster: str, path: str, progress: Progress) -> Any:
    """Polygonise to a file, as a scene has more polygons than memory should hold twice."""
    try:
        source = gdal.OpenEx(raster, gdal.OF_RASTER)
        target = ogr.GetDriverByName("GPKG").CreateDataSource(path)
        layer = target.CreateLayer("polygons", None, ogr.wkbPolygon)
        layer.CreateField(ogr.FieldDefn("value", ogr.OFTInteger))
        band = source.GetRasterBand(1)
        target.StartTransaction()
        failed = gdal.Polygonize(band, band.GetMaskBand(), layer, 0, [], callback=gdal_callback(progress))
        target.CommitTransaction()
    except (RuntimeError, AttributeError) as error:
        progress.check()
        raise _failure(path) from error
    if failed:
        progress.check()
        raise RasterError(f"{raster} could not be turned into polygons ({gdal.GetLastErrorMsg().strip()}).")
    return target


def simplified(geometries: Sequence[bytes], tolerance: float) -> tuple[bytes, ...]:
    """See `core.vector.simplified`."""
    return tuple(
        bytes(ogr.CreateGeometryFromWkb(geometry).SimplifyPreserveTopology(tolerance).ExportToWkb(ogr.wkbNDR))
        for geometry in geometries
    )


def layer_crs(path: str, layer: str) -> str:
    """Return the CRS of a layer as WKT; empty if it has none."""
    with _quiet(), _opened_layer(path, layer) as source:
        return _wkt(source)


def read_features(path: str, layer: str, field: str, bounds: tuple[float, float, float, float] | None) -> FeatureTable:
    """See `core.vector.read_features`."""
    with _quiet(), _opened_layer(path, layer) as source:
        fields = [item.GetName() for item in source.schema]
        if field not in fields:
            raise no_field(path, field, fields)
        if bounds is not None:
            source.SetSpatialFilterRect(*bounds)
        found = sorted(_read(source, fields.index(field)), key=lambda item: item[0])
        return FeatureTable(_wkt(source), tuple(item[1] for item in found), tuple(item[2] for item in found))


@contextlib.contextmanager
def _opened_layer(path: str, layer: str) -> Iterator[Any]:
    """Open a layer; it lives as long as its dataset, which Python would let go of."""
    try:
        dataset = gdal.OpenEx(path, gdal.OF_VECTOR)
    except RuntimeError:
        dataset = None
    if dataset is None:
        raise unreadable(path, gdal.GetLastErrorMsg().strip() or "no such file")
    source = dataset.GetLayerByName(layer) if layer else dataset.GetLayer(0)
    if source is None:
        raise no_layer(path, layer, [dataset.GetLayer(i).GetName() for i in range(dataset.GetLayerCount())])
    yield source
    del dataset


def _wkt(source: Any) -> str:
    reference = source.GetSpatialRef()
    return str(reference.ExportToWkt()) if reference else ""


def _read(source: Any, position: int) -> Iterator[tuple[int, bytes, str | int | float | None]]:
    for feature in source:
        geometry = feature.GetGeometryRef()
        if geometry is None or geometry.IsEmpty():
            continue
        flat = geometry.GetLinearGeometry()
        flat.FlattenTo2D()
        value = None if not feature.IsFieldSetAndNotNull(position) else feature.GetField(position)
        yield feature.GetFID(), bytes(flat.ExportToWkb(ogr.wkbNDR)), value


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    gdal.ErrorReset()
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        yield
    finally:
        gdal.PopErrorHandler()
