# SPDX-License-Identifier: GPL-2.0-or-later
"""What was found, as a layer to look at on a map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, tostring

from ..raster import crs_from_authority
from ..vector import Column, Features, FieldKind, GeometryKind, write_features
from ..vector.model import polygon_wkb
from .items import Item

LAYER = "scenes"

_LABEL = "left(date, 10) || ', ' || round(cloud_cover) || ' %'"
# See-through, as scenes overlap and lie over a map.
_FILL = {"color": "46,92,138,30", "style": "solid", "outline_color": "46,92,138,255", "outline_width": "0.4"}


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
    """Write a GeoPackage, styled, with a polygon a scene; a scene across the antimeridian gets one on either side.

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
    write_features(str(path), Features(LAYER, crs, GeometryKind.POLYGON, geometries, columns), footprint_style())


def footprint_style() -> str:
    """Return a QGIS style (QML) that shows footprints as outlines, labelled with date and cloud cover."""
    root = Element("qgis", version="3.22.0", styleCategories="Symbology|Labeling", labelsEnabled="1")
    renderer = SubElement(root, "renderer-v2", type="singleSymbol")
    symbol = SubElement(SubElement(renderer, "symbols"), "symbol", type="fill", name="0", alpha="1")
    layer = SubElement(symbol, "layer", attrib={"class": "SimpleFill"}, enabled="1", locked="0")
    options = SubElement(layer, "Option", type="Map")
    for key, value in _FILL.items():
        SubElement(options, "Option", type="QString", name=key, value=value)
        SubElement(layer, "prop", k=key, v=value)
    settings = SubElement(SubElement(root, "labeling", type="simple"), "settings")
    SubElement(settings, "text-style", fieldName=_LABEL, isExpression="1", textColor="35,35,35,255", fontSize="8")
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + tostring(root, encoding="unicode")
