# SPDX-License-Identifier: GPL-2.0-or-later
"""A class map as polygons, each with its class and area."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np

from .areas import HECTARE, equal_area
from .class_raster import class_legend, legend_for, open_class_raster
from .class_rows import count_values
from .errors import InputError
from .legend import NODATA, Legend
from .outputs import check_distinct, staged
from .progress import Progress, ProgressPart
from .raster import Grid
from .vector import Column, Features, FieldKind, GeometryKind, polygonised, simplified, write_features

LAYER = "land_cover"


@dataclass(frozen=True)
class PolygonRequest:
    """A class map and the polygons wanted of it.

    Attributes:
        raster: path of a class raster.
        output: path of the GeoPackage to write.
        tolerance: how far simplification may move an outline, in pixels; 0 follows the pixels exactly.
    """

    raster: str
    output: str
    tolerance: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.tolerance <= 100:
            raise InputError(f"A tolerance of {self.tolerance} pixels cannot be used; give 0 to 100.")


def write_class_polygons(request: PolygonRequest, progress: Progress) -> int:
    """Write a polygon for every object of a class map, pixels that share sides making an object.

    Fields: `value`, `class`, `colour` (#RRGGBB) and `area_ha`, the area before simplification. The layer carries a
    style with the classes' names and colours. Memory grows with the number of polygons.

    Returns:
        How many polygons there are.

    Raises:
        LandCoverError: if the map cannot be read or is none, the polygons cannot be written, or the user cancelled. No
            output exists then.
    """
    check_distinct(request.output, [request.raster])
    grid, legend = _described(request.raster, ProgressPart(progress, 0.0, 0.1))
    with staged(request.output) as path:
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            found = polygonised(request.raster, folder, ProgressPart(progress, 0.1, 0.7))
            values, geometries = zip(*((value, geometry) for value, geometry in found if value != NODATA))
        progress.check()
        areas = tuple(polygon_area(geometry, grid.crs) / HECTARE for geometry in geometries)
        progress.fraction(0.8)
        if request.tolerance:
            geometries = simplified(geometries, request.tolerance * min(grid.pixel_size))
        progress.check()
        columns = _columns(values, areas, legend)
        features = Features(LAYER, grid.crs, GeometryKind.POLYGON, geometries, columns)
        write_features(str(path), features, polygon_style(legend))
    progress.fraction(1.0)
    return len(geometries)


def polygon_area(geometry: bytes, crs: str) -> float:
    """Return the area of a polygon, square metres; on the ellipsoid if the CRS is geographic.

    Exact where its sides run along meridians and parallels, as those of pixels do.

    Args:
        geometry: well-known binary, little endian.
        crs: WKT.
    """
    outline, *holes = (_ring_area(equal_area(ring, crs)) for ring in _rings(geometry))
    return outline - sum(holes)


def polygon_style(legend: Legend) -> str:
    """Return a QGIS style (QML) that fills polygons by `value` with the legend's colours and names."""
    root = ElementTree.Element("qgis", version="3.22.0", styleCategories="Symbology")
    renderer = ElementTree.SubElement(root, "renderer-v2", type="categorizedSymbol", attr="value", forceraster="0")
    categories = ElementTree.SubElement(renderer, "categories")
    symbols = ElementTree.SubElement(renderer, "symbols")
    for number, item in enumerate(legend):
        ElementTree.SubElement(
            categories, "category", symbol=str(number), value=str(item.value), label=item.name, render="true"
        )
        symbol = ElementTree.SubElement(symbols, "symbol", type="fill", name=str(number), alpha="1")
        layer = ElementTree.SubElement(symbol, "layer", {"class": "SimpleFill", "enabled": "1"})
        for key, value in (("color", ",".join(map(str, item.rgba))), ("outline_style", "no"), ("style", "solid")):
            ElementTree.SubElement(layer, "prop", k=key, v=value)
    return ElementTree.tostring(root, encoding="unicode")


def _described(path: str, progress: Progress) -> tuple[Grid, Legend]:
    with open_class_raster(path) as raster:
        counts = count_values(raster, progress)
        known = class_legend(raster)
        grid = raster.grid
    occurring = [int(value) for value in np.flatnonzero(counts) if value != NODATA]
    if not occurring:
        raise InputError(f"{path} has no pixel with a class, so that there are no polygons.")
    return grid, legend_for([*occurring, *(known.values if known else ())], known)


def _columns(values: tuple[int, ...], areas: tuple[float, ...], legend: Legend) -> tuple[Column, ...]:
    items = {item.value: item for item in legend}
    return (
        Column("value", FieldKind.INTEGER, values),
        Column("class", FieldKind.TEXT, tuple(items[value].name for value in values)),
        Column("colour", FieldKind.TEXT, tuple(f"#{items[value].colour}" for value in values)),
        Column("area_ha", FieldKind.REAL, tuple(round(area, 4) for area in areas)),
    )


def _rings(geometry: bytes) -> Iterator[np.ndarray]:
    (count,) = struct.unpack_from("<I", geometry, 5)
    start = 9
    for _ in range(count):
        (points,) = struct.unpack_from("<I", geometry, start)
        yield np.frombuffer(geometry, "<f8", 2 * points, start + 4).reshape(points, 2)
        start += 4 + 16 * points


def _ring_area(xy: np.ndarray) -> float:
    """Return the area within a closed ring (the shoelace formula), however it turns."""
    x, y = (xy - xy[0]).T
    return float(abs(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1])) / 2)
