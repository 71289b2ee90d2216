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
from ..core.accuracy.remap import ClassRows
from ..core.errors import InputError
from ..core.labels.table_file import preset_names, preset_rows, read_rows, rows_of_pairs
from .base import LandCoverAlgorithm, Parameters

REFERENCE, REFERENCE_LAYER, REFERENCE_FIELD = "REFERENCE", "REFERENCE_LAYER", "REFERENCE_FIELD"
DESIGN, MATCHING = "DESIGN", "MATCHING"
REMAP_FILE, REMAP_TABLE, REMAP_PRESET = "REMAP_FILE", "REMAP_TABLE", "REMAP_PRESET"

_FIELD = "reference"
_NO_PRESET = "none"


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
        QgsProcessingParameterFile(
            REMAP_FILE, tr("Class table"), optional=True, fileFilter=tr("Class tables (*.csv *.json)")
        ),
        tr(
            "A CSV file with the columns from and to: a class of the reference, and the class of the map that it is "
            "(empty to leave it out); or any table that 'Align labels with an image' takes."
        ),
        advanced=True,
    )
    _add_choice(
        algorithm,
        REMAP_PRESET,
        tr("Class table that comes with the plugin"),
        [_NO_PRESET, *preset_names()],
        tr("What the classes of a well-known reference are; the map's are matched to them as said above."),
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterMatrix(
            REMAP_TABLE,
            tr("Class table entered here"),
            headers=[tr("Reference"), tr("Map")],
            defaultValue=[],
            optional=True,
        ),
        tr("What is which, by value or name. Classes that a table does not list keep their values."),
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
) -> ClassRows | None:
    """Return the table of classes, or None.

    Raises:
        InputError: if more than one table is given, or one cannot be used.
    """
    path = algorithm.parameterAsFile(parameters, REMAP_FILE, context)
    preset = algorithm.parameterAsEnumString(parameters, REMAP_PRESET, context)
    entered = rows_of_pairs(algorithm.parameterAsMatrix(parameters, REMAP_TABLE, context))
    tables = [entered] if entered else []
    if path:
        tables.append(read_rows(path))
    if preset not in ("", _NO_PRESET):
        tables.append(preset_rows(preset))
    if len(tables) > 1:
        raise InputError(
            "More than one class table was given; give a file, or one that comes with the plugin, or one entered by "
            "hand."
        )
    return tables[0] if tables else None


def _add_choice(
    algorithm: LandCoverAlgorithm, name: str, label: str, options: list[str], text: str, advanced: bool = False
) -> None:
    choice = QgsProcessingParameterEnum(name, label, options, defaultValue=options[0], usesStaticStrings=True)
    algorithm.add(choice, text, advanced)
