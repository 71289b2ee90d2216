# SPDX-License-Identifier: GPL-2.0-or-later
"""Reference points and polygons: from a vector layer of any provider and CRS to what `core` compares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFeatureSource,
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingFeatureSource,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingUtils,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QVariant

from ..core.accuracy.checksum import sha256
from ..core.accuracy.inputs import AssessedFeatures
from ..core.accuracy.point_design import DrawnPoint
from ..core.accuracy.point_labels import Label
from ..core.accuracy.points import ReferencePoint, ReferencePoints
from ..core.accuracy.polygons import ReferencePolygons
from ..core.errors import InputError
from ..core.progress import Progress
from ..core.raster import open_raster
from .base import LandCoverAlgorithm, Parameters
from .features import features_in, polygons_of

_DESIGN = ("stratum", "stratum_name", "stratum_pixels", "all_pixels", "map_class", "design")
"""The fields of points from `samplepoints` that say how they were drawn."""


def layer_path(value: Any, context: QgsProcessingContext) -> str:
    """Return where a layer parameter's features come from: a file, if it is one."""
    if isinstance(value, QgsProcessingFeatureSourceDefinition):
        value = value.source.staticValue()
    layer = (
        value if isinstance(value, QgsMapLayer) else QgsProcessingUtils.mapLayerFromString(str(value), context, False)
    )
    return str(value if layer is None else layer.source()).split("|")[0]


def reference_source(
    algorithm: LandCoverAlgorithm, parameters: Parameters, name: str, field: str, context: QgsProcessingContext
) -> QgsProcessingFeatureSource:
    """Return a layer parameter's features.

    Raises:
        InputError: if it cannot be opened, is empty, or has neither points nor polygons, or no such field.
    """
    source = algorithm.parameterAsSource(parameters, name, context)
    if source is None:
        raise InputError(f"The reference '{parameters[name]}' cannot be opened; give a layer of points or polygons.")
    names = source.fields().names()
    if field not in names:
        raise InputError(
            f"The reference has no field '{field}'; it has {', '.join(names) or 'none'}. Choose the field that holds "
            "the classes."
        )
    if _kind(source) is None:
        raise InputError("The reference holds neither points nor polygons; give a layer of one of the two.")
    if source.hasFeatures() == QgsFeatureSource.FeatureAvailability.NoFeaturesAvailable:
        raise InputError(f"The reference '{source.sourceName()}' is empty; give a layer that has points or polygons.")
    return source


def read_reference(
    source: QgsProcessingFeatureSource,
    path: str,
    field: str,
    class_map: str,
    context: QgsProcessingContext,
    progress: Progress,
) -> ReferencePoints | ReferencePolygons:
    """Return a layer's features in the CRS of the map.

    Args:
        source: the layer.
        path: its file, or what else it comes from.
        field: that holds the classes.
        class_map: the map.
        context: of the run.
        progress: can cancel.
    """
    with open_raster(class_map) as raster:
        crs = QgsCoordinateReferenceSystem.fromWkt(raster.grid.crs)
    features = features_in(source, crs, context, progress)
    kind = _kind(source)
    described = AssessedFeatures(path, kind or "", field, source.featureCount(), sha256(path, progress))
    lost = max(0, source.featureCount() - len(features))
    if kind == "points":
        return ReferencePoints(described, tuple(_points(features, field)), lost)
    pairs = [(polygon, _label(feature[field])) for feature in features for polygon in polygons_of(feature)]
    return ReferencePolygons(described, tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs), lost)


def _kind(source: QgsProcessingFeatureSource) -> str | None:
    types = QgsWkbTypes.GeometryType
    kinds = {types.PointGeometry: "points", types.PolygonGeometry: "polygons"}
    return kinds.get(QgsWkbTypes.geometryType(source.wkbType()))


def _points(features: list[QgsFeature], field: str) -> Iterator[ReferencePoint]:
    for feature in features:
        drawn = _drawn(feature)
        for point in feature.geometry().asMultiPoint():
            yield ReferencePoint(point.x(), point.y(), _label(feature[field]), drawn)


def _drawn(feature: QgsFeature) -> DrawnPoint | None:
    if not set(_DESIGN) <= set(feature.fields().names()):
        return None
    values = [_label(feature[name]) for name in _DESIGN]
    if any(value is None for value in values):
        return None
    stratum, name, stratum_pixels, all_pixels, map_class, design = values
    try:
        return DrawnPoint(int(stratum), str(name), int(stratum_pixels), int(all_pixels), int(map_class), str(design))
    except ValueError:
        return None


def _label(value: Any) -> Label:
    if value is None or (isinstance(value, QVariant) and value.isNull()):
        return None
    return value if isinstance(value, (int, float)) else str(value)
