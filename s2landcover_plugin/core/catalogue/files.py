# SPDX-License-Identifier: GPL-2.0-or-later
"""Which files of a scene to download, and what to call them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..bands import band_id
from ..errors import ServiceError
from .checksums import Fingerprint
from .items import Asset, Item

_ENDINGS = {"image/tiff": ".tif", "image/jp2": ".jp2"}
_WEB = ("https://", "http://")
_NO_NAME = re.compile(r"[^A-Za-z0-9._-]")


@dataclass(frozen=True)
class RemoteFile:
    """A file to download.

    Attributes:
        url: where it is.
        target: where it belongs.
        fingerprint: what the catalogue says about its content.
        scale: factor from its numbers to reflectance; None if the catalogue does not say.
        offset: is added after that.
    """

    url: str
    target: Path
    fingerprint: Fingerprint
    scale: float | None = None
    offset: float | None = None


def files_of(item: Item, folder: Path) -> tuple[RemoteFile, ...]:
    """Return the files to download for a scene: the whole product as an archive, or else its bands.

    Args:
        item: the scene.
        folder: gets `<name>.zip`, or a folder `<name>` with a raster a band, such as `B04.tif`.

    Raises:
        ServiceError: if the catalogue offers neither over the web.
    """
    name = _NO_NAME.sub("_", item.name).lstrip(".") or "scene"
    usable = [asset for asset in item.assets if asset.href.startswith(_WEB)]
    archive = next((asset for asset in usable if _is_archive(asset)), None)
    if archive is not None:
        return (RemoteFile(archive.href, folder / f"{name}.zip", archive.fingerprint),)
    bands = _bands(usable)
    if not bands:
        raise ServiceError(
            f"The catalogue offers {item.name} neither as an archive nor band by band over https; "
            "choose another catalogue."
        )
    return tuple(
        RemoteFile(
            asset.href,
            folder / name / f"{band}{_ENDINGS[_kind(asset)]}",
            asset.fingerprint,
            None if band == "SCL" else asset.scale,
            asset.offset,
        )
        for band, asset in sorted(bands.items())
    )


def _is_archive(asset: Asset) -> bool:
    return asset.key.lower() == "product" or _kind(asset) == "application/zip"


def _bands(assets: Iterable[Asset]) -> dict[str, Asset]:
    """Return a raster for each band and the scene classification; GeoTIFF before JPEG 2000, finest first."""
    found: dict[str, Asset] = {}
    for asset in sorted(assets, key=lambda asset: (_kind(asset) != "image/tiff", _stated_metres(asset), asset.key)):
        # Names as in Earth Search (red, red-jp2), Planetary Computer (B04) and the Copernicus Data Space (B04_10m).
        label = re.sub(r"(-jp2|_\d+m)$", "", asset.key)
        band = "SCL" if label.upper() == "SCL" else band_id(label)
        if band and _kind(asset) in _ENDINGS:
            found.setdefault(band, asset)
    return found


def _kind(asset: Asset) -> str:
    return asset.media_type.partition(";")[0].strip().lower()


def _stated_metres(asset: Asset) -> int:
    stated = re.search(r"_(\d+)m$", asset.key)
    return int(stated[1]) if stated else 0
