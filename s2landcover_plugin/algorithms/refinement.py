# SPDX-License-Identifier: GPL-2.0-or-later
"""The parameters of refinement, which `refine` and `classify` share."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterNumber,
)

from ..core.areas import ClassAreas
from ..core.refinement.context import LARGEST, Neighbourhood
from ..core.refinement.options import CONTEXTS, HECTARES, NO_CONTEXT, UNITS, MappingUnit, RefinementOptions
from .base import LandCoverAlgorithm, Parameters

MIN_MAPPING_UNIT, MAPPING_UNIT_IN, DIAGONALS = "MIN_MAPPING_UNIT", "MAPPING_UNIT_IN", "DIAGONALS"
CONTEXT, NEIGHBOURHOOD, ROUND = "CONTEXT", "NEIGHBOURHOOD", "ROUND"


def add_mapping_unit(algorithm: LandCoverAlgorithm, size: float, advanced: bool = False) -> None:
    """Declare the parameters of the minimum mapping unit, `size` hectares by default; `advanced` folds all away."""
    kind = QgsProcessingParameterNumber.Type.Double
    algorithm.add(
        QgsProcessingParameterNumber(
            MIN_MAPPING_UNIT, algorithm.tr("Minimum mapping unit (0 for none)"), kind, size, minValue=0
        ),
        algorithm.tr("The smallest object to keep, in hectares unless chosen otherwise; 0 keeps all."),
        advanced=advanced,
    )
    algorithm.add(
        QgsProcessingParameterEnum(
            MAPPING_UNIT_IN,
            algorithm.tr("Unit of the minimum mapping unit"),
            list(UNITS),
            defaultValue=HECTARES,
            usesStaticStrings=True,
        ),
        algorithm.tr("Whether the minimum mapping unit is an area or a number of pixels."),
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterBoolean(
            DIAGONALS, algorithm.tr("Pixels that share only a corner belong together"), defaultValue=False
        ),
        algorithm.tr("Off: only pixels that share a side make an object. On: pixels that share a corner do, too."),
        advanced=True,
    )


def add_context(algorithm: LandCoverAlgorithm, advanced: bool = False) -> None:
    """Declare the parameters of spatial context; `advanced` folds all away."""
    algorithm.add(
        QgsProcessingParameterEnum(
            CONTEXT,
            algorithm.tr("Spatial context"),
            list(CONTEXTS),
            defaultValue=NO_CONTEXT,
            usesStaticStrings=True,
        ),
        algorithm.tr(
            "What decides before small objects are looked for: nothing, the pixels around, or how sure they are."
        ),
        advanced=advanced,
    )
    kind = QgsProcessingParameterNumber.Type.Integer
    algorithm.add(
        QgsProcessingParameterNumber(
            NEIGHBOURHOOD, algorithm.tr("Neighbourhood (pixels)"), kind, 5, minValue=3, maxValue=LARGEST
        ),
        algorithm.tr("Width of what counts as around a pixel: an odd number of pixels."),
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterBoolean(ROUND, algorithm.tr("Round neighbourhood"), defaultValue=True),
        algorithm.tr("A disk keeps shapes better than a square, which favours its corners."),
        advanced=True,
    )


def read_refinement(
    algorithm: LandCoverAlgorithm, parameters: Parameters, context: QgsProcessingContext
) -> RefinementOptions:
    """Return what the parameters say."""
    return RefinementOptions(
        algorithm.parameterAsEnumString(parameters, CONTEXT, context),
        Neighbourhood(
            algorithm.parameterAsInt(parameters, NEIGHBOURHOOD, context),
            algorithm.parameterAsBool(parameters, ROUND, context),
        ),
        MappingUnit(
            algorithm.parameterAsDouble(parameters, MIN_MAPPING_UNIT, context),
            algorithm.parameterAsEnumString(parameters, MAPPING_UNIT_IN, context),
            algorithm.parameterAsBool(parameters, DIAGONALS, context),
        ),
    )


def summary(algorithm: LandCoverAlgorithm, changed: int, areas: ClassAreas) -> str:
    """Say how many pixels refinement changed."""
    return algorithm.tr("{} pixels changed their class ({:.1%}).").format(f"{changed:,}", changed / areas.pixels)
