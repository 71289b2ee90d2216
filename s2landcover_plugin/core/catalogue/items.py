# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenes as a catalogue describes them (STAC 1.0 and 1.1)."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import ServiceError
from .checksums import Fingerprint, fingerprint

LonLat = tuple[float, float]

# Satellite, level, sensing time, then the processing baseline, then orbit and tile (Sentinel-2 naming convention).
_NAME = re.compile(r"(S2[A-Z]_MSIL[12][AC]_\d{8}T\d{6})_N(\d{4})_(R\d{3}_T\w{5})_\d{8}T\d{6}")


@dataclass(frozen=True)
class Asset:
    """A file of a scene.

    Attributes:
        key: what the catalogue calls it.
        href: its address.
        media_type: MIME type; empty if unsaid.
        fingerprint: what the catalogue says about its content.
        scale: factor from numbers to reflectance; None if unsaid.
        offset: is added after that; None if unsaid.
    """

    key: str
    href: str
    media_type: str
    fingerprint: Fingerprint
    scale: float | None = None
    offset: float | None = None


@dataclass(frozen=True)
class Item:
    """A scene.

    Attributes:
        id: its name.
        date: when it was taken, ISO 8601 (UTC).
        cloud: cloud cover, percent; None if unsaid.
        polygons: outline of each part of its footprint, degrees (WGS 84), the first corner repeated at the end.
        assets: its files.
    """

    id: str
    date: str
    cloud: float | None
    polygons: tuple[tuple[LonLat, ...], ...]
    assets: tuple[Asset, ...]

    @property
    def name(self) -> str:
        """The product's name without `.SAFE`."""
        return self.id.removesuffix(".SAFE")


def parse_item(feature: object) -> Item:
    """Return the scene that a GeoJSON feature describes.

    Raises:
        ServiceError: if it describes none.
    """
    if not isinstance(feature, dict) or not isinstance(feature.get("id"), str) or not feature["id"]:
        raise ServiceError("The catalogue lists a scene without a name. It may be no STAC API; check its address.")
    properties, assets = feature.get("properties"), feature.get("assets")
    if not isinstance(properties, dict) or not isinstance(assets, dict):
        raise ServiceError(f"The catalogue describes the scene {feature['id']} incompletely; it cannot be used.")
    date = properties.get("datetime") or properties.get("start_datetime")
    applied = properties.get("earthsearch:boa_offset_applied") is True
    return Item(
        id=feature["id"],
        date=date if isinstance(date, str) else "",
        cloud=_number(properties.get("eo:cloud_cover")),
        polygons=_polygons(feature),
        assets=tuple(_asset(key, asset, applied) for key, asset in sorted(assets.items()) if _is_asset(asset)),
    )


def latest_processing(items: Sequence[Item]) -> tuple[Item, ...]:
    """Return the scenes without those that are there in a newer processing baseline, in the same order."""
    newest: dict[tuple[str, str], str] = {}
    for item in items:
        name = _NAME.fullmatch(item.name)
        if name:
            key = name[1], name[3]
            newest[key] = max(newest.get(key, ""), name[2])

    def is_newest(item: Item) -> bool:
        name = _NAME.fullmatch(item.name)
        return name is None or newest[name[1], name[3]] == name[2]

    return tuple(filter(is_newest, items))


def _is_asset(asset: object) -> bool:
    return isinstance(asset, dict) and isinstance(asset.get("href"), str)


def _asset(key: str, asset: dict[str, Any], applied: bool) -> Asset:
    media_type = asset.get("type")
    band = _first_band(asset)
    scale = _number(asset.get("raster:scale", band.get("scale")))
    # Earth Search states the offset of the product also where it has been added to the numbers already.
    offset = 0.0 if applied and scale is not None else _number(asset.get("raster:offset", band.get("offset")))
    return Asset(
        key,
        asset["href"],
        media_type if isinstance(media_type, str) else "",
        fingerprint(asset.get("file:size"), asset.get("file:checksum")),
        scale,
        offset,
    )


def _first_band(asset: dict[str, Any]) -> dict[str, Any]:
    bands = asset.get("raster:bands")
    return bands[0] if isinstance(bands, list) and bands and isinstance(bands[0], dict) else {}


def _polygons(feature: dict[str, Any]) -> tuple[tuple[LonLat, ...], ...]:
    """Return the outlines of a footprint; holes, which no scene has, are left out."""
    geometry = feature.get("geometry")
    kind, coordinates = "", None
    if isinstance(geometry, dict):
        kind, coordinates = str(geometry.get("type")), geometry.get("coordinates")
    try:
        if kind == "Polygon":
            return (_ring(coordinates[0]),)  # type: ignore[index]
        if kind == "MultiPolygon":
            return tuple(_ring(polygon[0]) for polygon in coordinates)  # type: ignore[union-attr]
        west, south, east, north = feature["bbox"]
        return (_ring(((west, south), (east, south), (east, north), (west, north), (west, south))),)
    except (KeyError, IndexError, TypeError, ValueError):
        return ()


def _ring(corners: Sequence[Sequence[float]]) -> tuple[LonLat, ...]:
    ring = tuple((float(corner[0]), float(corner[1])) for corner in corners)
    if len(ring) < 4 or not all(math.isfinite(number) for corner in ring for number in corner):
        raise ValueError
    return ring


def _number(value: object) -> float | None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if is_number else None  # type: ignore[arg-type]
