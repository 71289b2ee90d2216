# SPDX-License-Identifier: GPL-2.0-or-later
"""How much ground each class of a map covers: in the log, and as a table."""

from __future__ import annotations

from qgis.core import QgsProcessingParameterFileDestination

from ..core.areas import ClassAreas, write_area_table
from ..core.progress import Progress
from .base import LandCoverAlgorithm, Parameters

AREA_TABLE = "AREA_TABLE"


def add_area_table(algorithm: LandCoverAlgorithm) -> None:
    """Declare the parameter for the table."""
    algorithm.add(
        QgsProcessingParameterFileDestination(
            AREA_TABLE,
            algorithm.tr("Area of each class"),
            algorithm.tr("CSV files (*.csv)"),
            optional=True,
            createByDefault=False,
        ),
        algorithm.tr("A table with value, name, pixels, hectares and share of each class. The log says it, too."),
    )


def report_areas(areas: ClassAreas, table: str, progress: Progress) -> Parameters:
    """Say how much ground each class covers; write the table if a path is given, and return it as an output."""
    for line in areas.lines():
        progress.info(line)
    if not table:
        return {}
    write_area_table(areas, table)
    return {AREA_TABLE: table}
