# SPDX-License-Identifier: GPL-2.0-or-later
"""How much of a map each class takes, for the log."""

from __future__ import annotations

from qgis.core import QgsCoordinateReferenceSystem, QgsUnitTypes

from ..core.classification.request import ClassificationResult
from ..core.raster import Grid, open_raster


def area_lines(result: ClassificationResult) -> list[str]:
    """Return a line for each class that occurs, the largest first: its share of the classified pixels, and area."""
    with open_raster(result.outputs.classes) as raster:
        square_kilometres = pixel_area(raster.grid) / 1e6
    classified = sum(result.class_pixels.values())
    names = result.legend.names
    lines = []
    for value, pixels in sorted(result.class_pixels.items(), key=lambda item: -item[1]):
        if pixels:
            area = f", {pixels * square_kilometres:.2f} km²" if square_kilometres else ""
            lines.append(f"{names[value]}: {pixels / classified:.1%}{area}")
    return lines


def pixel_area(grid: Grid) -> float:
    """Return the area of a pixel in square metres; 0 where the CRS does not measure in metres."""
    units = QgsCoordinateReferenceSystem.fromWkt(grid.crs).mapUnits()
    if QgsUnitTypes.encodeUnit(units) != "meters":
        return 0.0
    width, height = grid.pixel_size
    return width * height
