# SPDX-License-Identifier: GPL-2.0-or-later
"""Features of a vector layer, of any provider and CRS, as `core` takes them."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFeatureRequest,
    QgsProcessingContext,
    QgsProcessingFeatureSource,
)

from ..core.progress import Progress
from ..core.vector.inside import Polygon


def features_in(
    source: QgsProcessingFeatureSource,
    crs: QgsCoordinateReferenceSystem,
    context: QgsProcessingContext,
    progress: Progress,
) -> list[QgsFeature]:
    """Return the features that have a geometry, as multi-part ones in a CRS, in the order of the layer."""
    wanted = QgsFeatureRequest().setDestinationCrs(crs, context.transformContext())
    found = []
    for feature in source.getFeatures(wanted):
        progress.check()
        geometry = feature.geometry()
        if not geometry.isNull() and not geometry.isEmpty() and geometry.convertToMultiType():
            feature.setGeometry(geometry)
            found.append(feature)
    return found


def polygons_of(feature: QgsFeature) -> list[Polygon]:
    """Return the polygons that a feature with a multi-part geometry consists of."""
    return [_corners(polygon) for polygon in feature.geometry().asMultiPolygon()]


def _corners(polygon: list[list[Any]]) -> Polygon:
    return tuple(tuple((point.x(), point.y()) for point in ring) for ring in polygon)
