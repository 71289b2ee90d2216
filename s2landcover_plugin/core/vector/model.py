# SPDX-License-Identifier: GPL-2.0-or-later
"""What every vector backend is given."""

from __future__ import annotations

import enum
import struct
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
        points = (*self.corners, self.corners[0])
        numbers = [number for point in points for number in point]
        return struct.pack(f"<BIII{len(numbers)}d", 1, 3, 1, len(points), *numbers)


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
        for column in self.columns:
            if len(column.values) != len(self.rings):
                raise InputError(
                    f"Column '{column.name}' has {len(column.values)} values for {len(self.rings)} polygons."
                )
