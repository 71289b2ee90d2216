# SPDX-License-Identifier: GPL-2.0-or-later
"""What every vector backend is given."""

from __future__ import annotations

import enum
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import InputError


class FieldKind(enum.Enum):
    """The type of an attribute."""

    TEXT = "text"
    INTEGER = "integer"
    REAL = "real"


@dataclass(frozen=True)
class Column:
    """One attribute of all features.

    Attributes:
        name: of the field.
        kind: type of the field.
        values: one a feature; None is no value.
    """

    name: str
    kind: FieldKind
    values: tuple[str | int | float | None, ...]


@dataclass(frozen=True)
class Ring:
    """A polygon without holes: its corners, x and y, the first one not repeated."""

    corners: tuple[tuple[float, float], ...]

    def wkb(self) -> bytes:
        """Return the polygon as well-known binary (OGC 06-103r4), little endian."""
        return polygon_wkb([(*self.corners, self.corners[0])])


@dataclass(frozen=True)
class Point:
    """A place, x and y."""

    x: float
    y: float

    def wkb(self) -> bytes:
        """Return the point as well-known binary (OGC 06-103r4), little endian."""
        return struct.pack("<BI2d", 1, 1, self.x, self.y)


def polygon_wkb(rings: Sequence[Sequence[tuple[float, float]]]) -> bytes:
    """Return a polygon as well-known binary, little endian.

    Args:
        rings: its outline and then its holes, each with the first corner repeated at the end.
    """
    parts = [struct.pack("<BII", 1, 3, len(rings))]
    for ring in rings:
        numbers = [number for point in ring for number in point]
        parts.append(struct.pack(f"<I{len(numbers)}d", len(ring), *numbers))
    return b"".join(parts)


class GeometryKind(enum.Enum):
    """What the features of a layer are; values are GDAL's names."""

    POINT = "Point"
    POLYGON = "Polygon"


@dataclass(frozen=True)
class Features:
    """A layer as the backends write it.

    Attributes:
        layer: name of the layer.
        crs: WKT.
        kind: of all geometries.
        geometries: well-known binary, one a feature.
        columns: each as long as `geometries`.
    """

    layer: str
    crs: str
    kind: GeometryKind
    geometries: tuple[bytes, ...]
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class PolygonLayer:
    """Polygons with attributes.

    Attributes:
        name: of the layer.
        crs: WKT.
        rings: one a feature.
        columns: each as long as `rings`.
    """

    name: str
    crs: str
    rings: tuple[Ring, ...]
    columns: tuple[Column, ...]

    def __post_init__(self) -> None:
        _check_lengths(self.columns, len(self.rings), "polygons")

    def features(self) -> Features:
        """Return what a backend writes."""
        return Features(
            self.name, self.crs, GeometryKind.POLYGON, tuple(ring.wkb() for ring in self.rings), self.columns
        )


@dataclass(frozen=True)
class PointLayer:
    """Points with attributes.

    Attributes:
        name: of the layer.
        crs: WKT.
        points: one a feature.
        columns: each as long as `points`.
        style: QGIS style (QML) that the file carries as the layer's default; empty for none.
    """

    name: str
    crs: str
    points: tuple[Point, ...]
    columns: tuple[Column, ...]
    style: str = ""

    def __post_init__(self) -> None:
        _check_lengths(self.columns, len(self.points), "points")

    def features(self) -> Features:
        """Return what a backend writes."""
        return Features(
            self.name, self.crs, GeometryKind.POINT, tuple(point.wkb() for point in self.points), self.columns
        )


def _check_lengths(columns: tuple[Column, ...], number: int, noun: str) -> None:
    for column in columns:
        if len(column.values) != number:
            raise InputError(f"Column '{column.name}' has {len(column.values)} values for {number} {noun}.")
