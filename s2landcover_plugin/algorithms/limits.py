# SPDX-License-Identifier: GPL-2.0-or-later
"""Parameters that limit a map to a part of an image: extent, polygons and mask."""

from __future__ import annotations

import re

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
)

from ..core.classification.limits import Bounds, Limits
from ..core.errors import InputError
from ..core.progress import Progress
from ..core.raster import open_raster
from ..core.vector.inside import Polygon
from .base import LandCoverAlgorithm, Parameters
from .features import features_in, polygons_of

EXTENT, AREA, MASK, MASK_VALUES, MASK_GROWTH = "EXTENT", "AREA", "MASK", "MASK_VALUES", "MASK_GROWTH"


def add_limits(algorithm: LandCoverAlgorithm) -> None:
    """Declare the parameters."""
    tr = algorithm.tr
    algorithm.add(
        QgsProcessingParameterExtent(EXTENT, tr("Extent (empty for the whole image)"), optional=True),
        tr("The part of the image to map, in any coordinate reference system. It shows what the whole map would show."),
    )
    algorithm.add(
        QgsProcessingParameterFeatureSource(
            AREA, tr("Area (polygons)"), [QgsProcessing.SourceType.TypeVectorPolygon], optional=True
        ),
        tr("Polygons: pixels whose centre lies in none of them get no class, and the map covers their extent only."),
    )
    algorithm.add(
        QgsProcessingParameterRasterLayer(MASK, tr("Mask"), optional=True),
        tr(
            "A raster of which some values are left out, such as the scene classification that 'Pansharpen to 10 m' "
            "writes. It may have other pixels and another coordinate reference system."
        ),
    )
    algorithm.add(
        QgsProcessingParameterString(MASK_VALUES, tr("Values of the mask to leave out"), optional=True),
        tr(
            "For instance 3 8 9 10 to leave cloud and its shadow out by a scene classification; if empty, all values "
            "but 0."
        ),
    )
    kind = QgsProcessingParameterNumber.Type.Integer
    algorithm.add(
        QgsProcessingParameterNumber(
            MASK_GROWTH, tr("Grow what is left out by (pixels)"), kind, 0, minValue=0, maxValue=100
        ),
        tr("Leaves out what is this near to a pixel that the mask leaves out, too: the rims of clouds are blurred."),
        advanced=True,
    )


def read_limits(
    algorithm: LandCoverAlgorithm,
    parameters: Parameters,
    context: QgsProcessingContext,
    image: str,
    progress: Progress,
) -> Limits:
    """Return what was asked for.

    Args:
        algorithm: has the parameters.
        parameters: their values.
        context: of the run.
        image: path of the raster to map, whose CRS extent and polygons are brought to.
        progress: can cancel.

    Raises:
        InputError: if there is no polygon in the area, or a value of the mask is no whole number.
        RasterError: if the image cannot be opened.
    """
    with open_raster(image) as raster:
        crs = QgsCoordinateReferenceSystem.fromWkt(raster.grid.crs)
    return Limits(
        _extent(algorithm, parameters, context, crs),
        _area(algorithm, parameters, context, crs, progress),
        algorithm.raster(MASK),
        parse_values(algorithm.parameterAsString(parameters, MASK_VALUES, context)),
        algorithm.parameterAsInt(parameters, MASK_GROWTH, context),
    )


def parse_values(text: str) -> tuple[int, ...]:
    """Return whole numbers that are separated by spaces, commas or semicolons.

    Raises:
        InputError: if one is none.
    """
    words = [word for word in re.split(r"[\s,;]+", text) if word]
    wrong = [word for word in words if not re.fullmatch(r"-?\d+", word)]
    if wrong:
        raise InputError(f"'{wrong[0]}' is no class value; give whole numbers such as: 3 8 9 10.")
    return tuple(int(word) for word in words)


def _extent(
    algorithm: LandCoverAlgorithm,
    parameters: Parameters,
    context: QgsProcessingContext,
    crs: QgsCoordinateReferenceSystem,
) -> Bounds | None:
    if not parameters.get(EXTENT):
        return None
    extent = algorithm.parameterAsExtent(parameters, EXTENT, context, crs)
    return extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum()


def _area(
    algorithm: LandCoverAlgorithm,
    parameters: Parameters,
    context: QgsProcessingContext,
    crs: QgsCoordinateReferenceSystem,
    progress: Progress,
) -> tuple[Polygon, ...]:
    if not parameters.get(AREA):
        return ()
    source = algorithm.parameterAsSource(parameters, AREA, context)
    if source is None:
        raise InputError(f"The area '{parameters[AREA]}' cannot be opened; give a layer of polygons.")
    features = features_in(source, crs, context, progress)
    polygons = tuple(polygon for feature in features for polygon in polygons_of(feature))
    if not polygons:
        raise InputError("The area has no polygon; give a layer that has some, or leave it out.")
    return polygons
