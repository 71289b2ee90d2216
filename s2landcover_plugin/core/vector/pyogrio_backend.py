# SPDX-License-Identifier: GPL-2.0-or-later
"""Vector files through pyogrio, for training, servers and clusters. Never imported inside QGIS."""

from __future__ import annotations

import importlib
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DependencyError, OutputError, RasterError
from ..progress import Progress
from ..raster import crs_from_authority
from .model import Column, Features, FieldKind, polygon_wkb
from .reading import FeatureTable, no_field, no_layer, unreadable

_TYPES = {FieldKind.TEXT: object, FieldKind.INTEGER: np.int64, FieldKind.REAL: np.float64}


def write_features(path: str, features: Features) -> None:
    """Write a GeoPackage with one layer; see `core.vector`."""
    try:
        from pyogrio import raw
        from pyogrio.errors import CRSError, DataLayerError, DataSourceError
    except ImportError as error:
        raise DependencyError(
            "GeoPackages need pyogrio outside QGIS. Add it with: python -m pip install pyogrio"
        ) from error
    try:
        raw.write(
            path,
            geometry=np.array(features.geometries, dtype=object),
            field_data=[_values(column) for column in features.columns],
            fields=np.array([column.name for column in features.columns], dtype=object),
            field_mask=[_missing(column) for column in features.columns],
            layer=features.layer,
            driver="GPKG",
            geometry_type=features.kind.value,
            crs=features.crs,
        )
    except (CRSError, DataLayerError, DataSourceError, OSError) as error:
        raise OutputError(
            f"{path} could not be written ({error}). Check the folder and the free space on that disk."
        ) from error


def _values(column: Column) -> NDArray[Any]:
    blank = "" if column.kind is FieldKind.TEXT else 0
    return np.array([blank if value is None else value for value in column.values], dtype=_TYPES[column.kind])


def _missing(column: Column) -> NDArray[np.bool_]:
    return np.array([value is None for value in column.values])


def polygonised(raster: str, folder: str, progress: Progress) -> Iterator[tuple[int, bytes]]:
    """See `core.vector.polygonised`; rasterio keeps the polygons in memory."""
    import rasterio
    from rasterio.errors import RasterioError
    from rasterio.features import shapes

    progress.check()
    try:
        with rasterio.open(raster) as dataset:
            array, mask = dataset.read(1), dataset.read_masks(1) > 0
            for shape, value in shapes(array, mask, transform=dataset.transform):
                yield int(value), polygon_wkb(shape["coordinates"])
    except RasterioError as error:
        raise RasterError(f"{raster} could not be turned into polygons ({error}).") from error
    progress.fraction(1.0)


def simplified(geometries: Sequence[bytes], tolerance: float) -> tuple[bytes, ...]:
    """See `core.vector.simplified`."""
    try:
        shapely = importlib.import_module("shapely")
    except ImportError as error:
        raise DependencyError(
            "Simplifying polygons needs shapely outside QGIS. Add it with: python -m pip install shapely"
        ) from error
    polygons = shapely.from_wkb(np.array(geometries, dtype=object))
    return tuple(shapely.to_wkb(shapely.simplify(polygons, tolerance), byte_order=1))


def layer_crs(path: str, layer: str) -> str:
    """Return the CRS of a layer as WKT; empty if it has none."""
    return _wkt(_described(path, layer)["crs"])


def read_features(path: str, layer: str, field: str, bounds: tuple[float, float, float, float] | None) -> FeatureTable:
    """See `core.vector.read_features`."""
    fields = list(_described(path, layer)["fields"])
    if field not in fields:
        raise no_field(path, field, fields)
    from pyogrio import raw

    meta, fids, geometries, (values,) = raw.read(
        path, layer=layer or None, columns=[field], bbox=bounds, force_2d=True, return_fids=True
    )
    order = [index for index in np.argsort(fids, kind="stable") if geometries[index] is not None]
    return FeatureTable(
        _wkt(meta["crs"]),
        tuple(bytes(geometries[index]) for index in order),
        tuple(_plain(values[index]) for index in order),
    )


def _described(path: str, layer: str) -> dict[str, Any]:
    try:
        import pyogrio
        from pyogrio.errors import DataLayerError, DataSourceError
    except ImportError as error:
        raise DependencyError(
            "Vector files need pyogrio outside QGIS. Add it with: python -m pip install pyogrio"
        ) from error
    try:
        description: dict[str, Any] = pyogrio.read_info(path, layer=layer or None)
    except DataLayerError as error:
        raise no_layer(path, layer, [name for name, _ in pyogrio.list_layers(path)]) from error
    except (DataSourceError, OSError) as error:
        raise unreadable(path, str(error)) from error
    return description


def _wkt(crs: str | None) -> str:
    """Return what pyogrio says about a CRS, a code or WKT, as WKT."""
    return crs_from_authority(crs) if crs else ""


def _plain(value: Any) -> str | int | float | None:
    plain = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(plain, float) and math.isnan(plain) else plain
