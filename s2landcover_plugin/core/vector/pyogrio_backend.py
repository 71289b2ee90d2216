# SPDX-License-Identifier: GPL-2.0-or-later
"""Vector files through pyogrio, for training, servers and clusters. Never imported inside QGIS."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DependencyError, OutputError
from .model import Column, Features, FieldKind

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
