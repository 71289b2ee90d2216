# SPDX-License-Identifier: GPL-2.0-or-later
"""What a map is assessed against: a raster, points or polygons, and how their classes are matched."""

from __future__ import annotations

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterFile,
    QgsProcessingParameterMatrix,
    QgsProcessingParameterRasterLayer,
)

from ..core.accuracy.class_matching import Matching
from ..core.accuracy.point_design import PointDesign
from ..core.accuracy.remap import RemapTable, read_remap, remap_of
from ..core.errors import InputError
from .base import LandCoverAlgorithm, Parameters

REFERENCE, REFERENCE_LAYER, REFERENCE_FIELD = "REFERENCE", "REFERENCE_LAYER", "REFERENCE_FIELD"
DESIGN, MATCHING, REMAP_FILE, REMAP_TABLE = "DESIGN", "MATCHING", "REMAP_FILE", "REMAP_TABLE"

_FIELD = "reference"


def add_reference(algorithm: LandCoverAlgorithm) -> None:
    """Declare the parameters for the reference."""
    tr = algorithm.tr
    algorithm.add(
        QgsProcessingParameterRasterLayer(REFERENCE, tr("Reference raster"), optional=True),
        tr("What is taken as the truth: one band of class values, 0 without data; any grid and system that overlaps."),
    )
    kinds = [QgsProcessing.SourceType.TypeVectorPoint, QgsProcessing.SourceType.TypeVectorPolygon]
    algorithm.add(
        QgsProcessingParameterFeatureSource(REFERENCE_LAYER, tr("Reference points or polygons"), kinds, optional=True),
        tr(
            "In place of the raster: a layer with a class in a field, in any coordinate reference system. Points from "
            "'Draw validation points' bring along how they were drawn."
        ),
    )
    algorithm.add(
        QgsProcessingParameterField(
            REFERENCE_FIELD, tr("Field with the class"), _FIELD, parentLayerParameterName=REFERENCE_LAYER, optional=True
        ),
        tr("Class values, or names as the map has them; features without one are left out and counted."),
    )
    _add_choice(
        algorithm,
        DESIGN,
        tr("How the points were drawn"),
        [design.value for design in PointDesign],
        tr(
            "auto: as the points say. stratified: at random within each class of this map. random: at random over the "
            "whole map. poststratified: the same, with estimates by class. none: not at random, so that they are only "
            "counted."
        ),
    )


def add_matching(algorithm: LandCoverAlgorithm) -> None:
    """Declare the parameters for which class of a second raster is which of the map."""
    tr = algorithm.tr
    _add_choice(
        algorithm,
        MATCHING,
        tr("Match classes by"),
        [matching.value for matching in Matching],
        tr("auto: by value; by name where both rasters name the same classes but number them differently."),
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterFile(REMAP_FILE, tr("Class table (CSV)"), extension="csv", optional=True),
        tr("Columns from, to: a class of the reference, and the class of the map that it is (empty to leave it out)."),
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterMatrix(
            REMAP_TABLE, tr("Class table"), headers=[tr("Reference"), tr("Map")], defaultValue=[], optional=True
        ),
        tr("The same, entered here: values or names. Classes that it does not list keep their values."),
        advanced=True,
    )


def check_one_reference(parameters: Parameters) -> None:
    """Make sure that there is one reference.

    Raises:
        InputError: if there is none, or two.
    """
    given = [name for name in (REFERENCE, REFERENCE_LAYER) if parameters.get(name)]
    if len(given) != 1:
        found = "both a raster and a layer" if given else "none"
        raise InputError(f"A map is assessed against one reference; got {found}. Give REFERENCE or REFERENCE_LAYER.")


def read_table(
    algorithm: LandCoverAlgorithm, parameters: Parameters, context: QgsProcessingContext
) -> RemapTable | None:
    """Return the table of classes, or None.

    Raises:
        InputError: if two tables are given, or one cannot be used.
    """
    path = algorithm.parameterAsFile(parameters, REMAP_FILE, context)
    cells = remap_of(algorithm.parameterAsMatrix(parameters, REMAP_TABLE, context))
    if path and cells:
        raise InputError("Two class tables were given, a file and one entered by hand; leave one out.")
    return read_remap(path) if path else cells


def _add_choice(
    algorithm: LandCoverAlgorithm, name: str, label: str, options: list[str], text: str, advanced: bool = False
) -> None:
    choice = QgsProcessingParameterEnum(name, label, options, defaultValue=options[0], usesStaticStrings=True)
    algorithm.add(choice, text, advanced)
