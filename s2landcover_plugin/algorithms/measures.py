# SPDX-License-Identifier: GPL-2.0-or-later
"""Further rasters that a classification writes from the same pass: how sure the model was, and of what."""

from __future__ import annotations

from qgis.core import QgsProcessingContext, QgsProcessingParameterEnum, QgsProcessingParameterRasterDestination

from ..core.classification.request import MapPaths
from .base import LandCoverAlgorithm, Parameters
from .styling import style_class_map, style_confidence, style_doubt

CLASSES, CONFIDENCE, ENTROPY, MARGIN, PROBABILITIES = "OUTPUT", "CONFIDENCE", "ENTROPY", "MARGIN", "PROBABILITIES"
PROBABILITY_TYPE = "PROBABILITY_TYPE"

PERCENT, FLOAT = "percent", "float"


def add_measures(algorithm: LandCoverAlgorithm) -> None:
    """Declare the output parameters."""
    tr = algorithm.tr
    algorithm.add(
        QgsProcessingParameterRasterDestination(CLASSES, tr("Land cover")),
        tr("The GeoTIFF of class values to write; a style of the same name (.qml) is put beside it."),
    )
    measures = (
        (CONFIDENCE, tr("Confidence"), tr("A GeoTIFF with the probability of the class shown, 0-100 %, 255 without.")),
        (MARGIN, tr("Margin"), tr("A GeoTIFF with how much likelier the class shown is than the next, 0-100 %.")),
        (
            ENTROPY,
            tr("Entropy"),
            tr(
                "A GeoTIFF with how even the probabilities are: 0 where one class is certain, 100 % if all are "
                "equally likely."
            ),
        ),
        (PROBABILITIES, tr("Class probabilities"), tr("A GeoTIFF with a band for the probability of each class.")),
    )
    for name, label, text in measures:
        algorithm.add(QgsProcessingParameterRasterDestination(name, label, optional=True, createByDefault=False), text)
    algorithm.add(
        QgsProcessingParameterEnum(
            PROBABILITY_TYPE,
            tr("Class probabilities as"),
            [PERCENT, FLOAT],
            defaultValue=PERCENT,
            usesStaticStrings=True,
        ),
        tr("percent takes a byte a pixel (0-100, 255 without data); float takes four (0-1, NaN without data)."),
        advanced=True,
    )


def read_paths(algorithm: LandCoverAlgorithm, parameters: Parameters, context: QgsProcessingContext) -> MapPaths:
    """Return where the rasters are to be written."""
    names = (CLASSES, CONFIDENCE, ENTROPY, MARGIN, PROBABILITIES)
    return MapPaths(*(algorithm.parameterAsOutputLayer(parameters, name, context) for name in names))


def is_float(algorithm: LandCoverAlgorithm, parameters: Parameters, context: QgsProcessingContext) -> bool:
    """Say whether probabilities are wanted as floating-point numbers."""
    return algorithm.parameterAsEnumString(parameters, PROBABILITY_TYPE, context) == FLOAT


def show(paths: MapPaths, context: QgsProcessingContext) -> Parameters:
    """Have the rasters styled if they are going to be loaded; return them by the names of their outputs."""
    style_class_map(paths.classes, context)
    for path in (paths.confidence, paths.margin):
        style_confidence(path, context)
    style_doubt(paths.entropy, context)
    found = {
        CLASSES: paths.classes,
        CONFIDENCE: paths.confidence,
        ENTROPY: paths.entropy,
        MARGIN: paths.margin,
        PROBABILITIES: paths.probabilities,
    }
    return {name: path for name, path in found.items() if path}
