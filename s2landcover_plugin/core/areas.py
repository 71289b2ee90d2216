# SPDX-License-Identifier: GPL-2.0-or-later
"""How much ground each class of a map covers."""

from __future__ import annotations

import csv
import io
import math
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .class_raster import ClassArray, class_legend, legend_for, open_class_raster
from .class_rows import class_rows
from .errors import GridError
from .legend import NODATA, LandCoverClass, Legend
from .outputs import write_text
from .progress import Progress, SilentProgress
from .raster import Grid, RasterReader, crs_unit, is_geographic
from .raster.sidecar import AttributeColumn, AttributeUsage
from .raster.sidecar import write_attribute_table as write_table

HECTARE = 10_000.0
"""Square metres."""

_ELLIPSOID = re.compile(r'(?:SPHEROID|ELLIPSOID)\["[^"]*",\s*([\d.eE+-]+),\s*([\d.eE+-]+)')


@dataclass(frozen=True)
class ClassArea:
    """One class of a map.

    Attributes:
        item: the class.
        pixels: how many it has.
        hectares: how much ground they cover.
        share: of the ground that has a class, 0-1.
    """

    item: LandCoverClass
    pixels: int
    hectares: float
    share: float


@dataclass(frozen=True)
class ClassAreas:
    """How much ground each class of a map covers.

    Attributes:
        classes: every class of the legend, by value, those included that do not occur.
        nodata_pixels: pixels without a class.
    """

    classes: tuple[ClassArea, ...]
    nodata_pixels: int

    @property
    def legend(self) -> Legend:
        """The classes."""
        return Legend(tuple(area.item for area in self.classes))

    @property
    def pixels(self) -> int:
        """Pixels that have a class."""
        return sum(area.pixels for area in self.classes)

    def lines(self) -> list[str]:
        """Return a sentence for each class that occurs, the largest first."""
        largest_first = sorted(self.classes, key=lambda area: -area.hectares)
        return [f"{area.item.name}: {area.share:.1%}, {area.hectares:,.2f} ha" for area in largest_first if area.pixels]


def class_areas(path: str, legend: Legend | None = None, progress: Progress | None = None) -> ClassAreas:
    """Measure the classes of a class raster.

    Args:
        path: the raster, with class values 1-255; read once, a few rows at a time.
        legend: names the classes; by default what the raster itself says.
        progress: hears how far it is.

    Raises:
        RasterError: if the raster cannot be read.
        InputError: if it is no class raster, or has no pixel with a class.
        GridError: if it has no CRS.
    """
    with open_class_raster(path) as raster:
        pixels, hectares = _measured(raster, progress or SilentProgress())
        known = legend or class_legend(raster)
    occurring = [int(value) for value in np.flatnonzero(pixels) if value != NODATA]
    complete = legend_for([*occurring, *(known.values if known else ())] or [1], known)
    total = hectares[1:].sum() or 1.0
    classes = tuple(
        ClassArea(item, int(pixels[item.value]), float(hectares[item.value]), float(hectares[item.value] / total))
        for item in complete
    )
    return ClassAreas(classes, int(pixels[NODATA]))


def write_area_table(areas: ClassAreas, path: str) -> None:
    """Write a CSV file, UTF-8, a row for each class: value, name, pixels, area in hectares, share of the classified.

    Raises:
        OutputError: if it cannot be written.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["value", "name", "pixels", "area_ha", "share"])
    for area in areas.classes:
        writer.writerow([area.item.value, area.item.name, area.pixels, f"{area.hectares:.4f}", f"{area.share:.6f}"])
    write_text(path, text.getvalue())


def write_attribute_table(areas: ClassAreas, path: str) -> None:
    """Put the classes, their colours, pixels and hectares into the attribute table of a raster that is closed.

    Raises:
        OutputError: if it cannot be written.
    """
    items = [area.item for area in areas.classes]
    colours = list(zip(*(item.rgba for item in items)))
    columns = (
        AttributeColumn("Value", AttributeUsage.VALUE, tuple(item.value for item in items)),
        AttributeColumn("Class", AttributeUsage.NAME, tuple(item.name for item in items)),
        AttributeColumn("Red", AttributeUsage.RED, colours[0]),
        AttributeColumn("Green", AttributeUsage.GREEN, colours[1]),
        AttributeColumn("Blue", AttributeUsage.BLUE, colours[2]),
        AttributeColumn("Count", AttributeUsage.PIXEL_COUNT, tuple(area.pixels for area in areas.classes)),
        AttributeColumn("Area_ha", AttributeUsage.GENERIC, tuple(round(area.hectares, 4) for area in areas.classes)),
    )
    write_table(path, columns)


def pixel_areas(grid: Grid) -> NDArray[np.float64]:
    """Return the area of a pixel of each row, square metres, shape (rows,).

    With a projected CRS it is the area on the projection. With a geographic one it is that on the ellipsoid, between
    the parallels that bound the row (Snyder 1987, doi:10.3133/pp1395, equation 3-12). Rows of a rotated grid do not
    follow the parallels; those through the middle of its columns stand for them.
    """
    unit = crs_unit(grid.crs)
    _, a, b, _, d, e = grid.transform
    if not is_geographic(grid.crs):
        return np.full(grid.height, abs(a * e - b * d) * unit * unit)
    _, top = grid.xy(grid.width / 2, 0)
    latitudes = np.clip((top + e * np.arange(grid.height + 1)) * unit, -math.pi / 2, math.pi / 2)
    semi_major, inverse_flattening = ellipsoid(grid.crs)
    zones = semi_major**2 / 2 * np.abs(np.diff(_authalic(latitudes, inverse_flattening)))
    return np.asarray(zones * abs(a - b * d / e) * unit)


def equal_area(xy: NDArray[np.float64], crs: str) -> NDArray[np.float64]:
    """Return coordinates in a plane that keeps areas, metres: for a geographic CRS, Lambert's cylindrical projection.

    Args:
        xy: coordinates in the CRS, shape (points, 2).
        crs: WKT.
    """
    metres = xy * crs_unit(crs)
    if is_geographic(crs):
        semi_major, inverse_flattening = ellipsoid(crs)
        metres[:, 1] = _authalic(metres[:, 1], inverse_flattening) / 2
        metres *= semi_major
    return metres


def ellipsoid(crs: str) -> tuple[float, float]:
    """Return the semi-major axis (metres) and the inverse flattening (0 for a sphere) of a CRS (WKT).

    Raises:
        GridError: if the CRS has none.
    """
    match = _ELLIPSOID.search(crs)
    if match is None:
        raise GridError("The raster's coordinate reference system has no ellipsoid, so that its areas are not known.")
    return float(match[1]), float(match[2])


def _authalic(latitudes: NDArray[np.float64], inverse_flattening: float) -> NDArray[np.float64]:
    """Return Snyder's q: the area from the equator, of one radian of longitude, in units of half the axis squared."""
    sine = np.sin(latitudes)
    if inverse_flattening == 0:
        return np.asarray(2 * sine)
    flattening = 1 / inverse_flattening
    squared = flattening * (2 - flattening)
    eccentricity = math.sqrt(squared)
    logarithm = np.log((1 - eccentricity * sine) / (1 + eccentricity * sine)) / (2 * eccentricity)
    return np.asarray((1 - squared) * (sine / (1 - squared * sine**2) - logarithm))


def _measured(raster: RasterReader, progress: Progress) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return pixels and hectares by class value, shape (256,) each."""
    areas = pixel_areas(raster.grid)
    pixels, hectares = np.zeros(256, np.int64), np.zeros(256)
    for row, values in class_rows(raster, progress):
        spans = areas[row : row + values.shape[0]]
        if np.ptp(areas) == 0:
            counts = np.bincount(values.ravel(), minlength=256)
            hectares += counts * (spans[0] / HECTARE)
        else:
            by_row = _row_counts(values)
            counts = by_row.sum(axis=0)
            hectares += spans @ by_row / HECTARE
        pixels += counts
    return pixels, hectares


def _row_counts(values: ClassArray) -> NDArray[np.int64]:
    """Return pixels by row and class value, shape (rows, 256)."""
    rows = values.shape[0]
    keys = values + (np.arange(rows, dtype=np.int32) << 8)[:, np.newaxis]
    return np.bincount(keys.ravel(), minlength=rows * 256).reshape(rows, 256)
