# SPDX-License-Identifier: GPL-2.0-or-later
"""What was found, as a layer to look at on a map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..raster import crs_from_authority
from ..vector import Column, Features, FieldKind, GeometryKind, write_features
from ..vector.model import polygon_wkb
from .items import Item

LAYER = "scenes"


@dataclass(frozen=True)
class FoundScene:
    """A scene, and what became of it.

    Attributes:
        item: what the catalogue says.
        size: bytes of the files to download; None if the catalogue does not say.
        path: where it lies now; None if it was listed only.
    """

    item: Item
    size: int | None
    path: Path | None = None


def write_footprints(path: Path, scenes: Sequence[FoundScene]) -> None:
    """Write a GeoPackage with a polygon a scene; a scene across the antimeridian gets one on either side.

    Fields: id, date, cloud_cover (percent), size_mb, path (empty if it was listed only).

    Raises:
        OutputError: if it cannot be written.
        DependencyError: if there is no library for vector files.
    """
    rows = [(scene, ring) for scene in scenes for ring in scene.item.polygons]
    found = [scene for scene, _ in rows]
    columns = (
        Column("id", FieldKind.TEXT, tuple(scene.item.name for scene in found)),
        Column("date", FieldKind.TEXT, tuple(scene.item.date for scene in found)),
        Column("cloud_cover", FieldKind.REAL, tuple(scene.item.cloud for scene in found)),
        Column("size_mb", FieldKind.REAL, tuple(None if scene.size is None else scene.size / 1e6 for scene in found)),
        Column("path", FieldKind.TEXT, tuple("" if scene.path is None else str(scene.path) for scene in found)),
    )
    geometries = tuple(polygon_wkb([ring]) for _, ring in rows)
    crs = crs_from_authority("EPSG:4326")
    write_features(str(path), Features(LAYER, crs, GeometryKind.POLYGON, geometries, columns))
