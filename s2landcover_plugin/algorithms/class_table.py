# SPDX-License-Identifier: GPL-2.0-or-later
"""Parameters that say what labels become: a class table, and what it does not list."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
)

from ..core.errors import InputError
from ..core.labels.class_table import ClassTable
from ..core.labels.raster_labels import RecodingOptions
from ..core.labels.recoding import MOST_TOLERANCE
from ..core.labels.table_file import preset_names, read_preset, read_table
from .base import LandCoverAlgorithm, Parameters

PRESET, TABLE, UNLISTED, TOLERANCE = "PRESET", "TABLE", "UNLISTED", "TOLERANCE"
_NO_PRESET = "none"
_DROP, _KEEP = "drop", "keep"


def add_class_table(algorithm: LandCoverAlgorithm, advanced: bool = False) -> None:
    """Declare the parameters; `advanced` puts the table itself among the advanced ones, where the rest is."""
    tr = algorithm.tr
    presets = [_NO_PRESET, *preset_names()]
    algorithm.add(
        QgsProcessingParameterEnum(
            PRESET,
            tr("Class table that comes with the plugin"),
            presets,
            defaultValue=_NO_PRESET,
            usesStaticStrings=True,
        ),
        tr("What the classes of a well-known map are, and what they become."),
        advanced,
    )
    kinds = tr("Class tables (*.csv *.json)")
    algorithm.add(
        QgsProcessingParameterFile(TABLE, tr("Class table of your own"), optional=True, fileFilter=kinds),
        tr("A CSV file with the columns from_value, from_name or from_colour, and value, name and colour."),
        advanced,
    )
    algorithm.add(
        QgsProcessingParameterEnum(
            UNLISTED,
            tr("What the class table does not list"),
            [_DROP, _KEEP],
            defaultValue=_DROP,
            usesStaticStrings=True,
        ),
        tr("drop: it becomes no data; keep: values stay as they are. Either way it is counted."),
        advanced=True,
    )
    kind = QgsProcessingParameterNumber.Type.Integer
    algorithm.add(
        QgsProcessingParameterNumber(
            TOLERANCE, tr("Tolerance of colours (0-64)"), kind, 0, minValue=0, maxValue=MOST_TOLERANCE
        ),
        tr("How far red, green and blue (0-255) may be from a colour of the table, as in masks saved as JPEG."),
        advanced=True,
    )


def read_recoding(
    algorithm: LandCoverAlgorithm, parameters: Parameters, context: QgsProcessingContext
) -> RecodingOptions:
    """Return what labels become.

    Raises:
        InputError: if there are two tables, or one cannot be read.
    """
    preset = algorithm.parameterAsEnumString(parameters, PRESET, context)
    return RecodingOptions(
        _table("" if preset == _NO_PRESET else preset, algorithm.parameterAsString(parameters, TABLE, context)),
        algorithm.parameterAsEnumString(parameters, UNLISTED, context) == _KEEP,
        algorithm.parameterAsInt(parameters, TOLERANCE, context),
    )


def _table(preset: str, path: str) -> ClassTable | None:
    if path and preset:
        raise InputError("Give one class table, either one that comes with the plugin or one of your own.")
    if path:
        return read_table(path)
    return read_preset(preset) if preset else None
