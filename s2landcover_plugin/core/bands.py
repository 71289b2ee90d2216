# SPDX-License-Identifier: GPL-2.0-or-later
"""Sentinel-2's bands, and how files and other people's tools name them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from .errors import BandError
from .raster import RasterReader


@dataclass(frozen=True)
class Band:
    """One band of the Multi-Spectral Instrument.

    Attributes:
        id: Sentinel-2's own name.
        gsd: ground sampling distance of its native grid, metres.
        wavelength: centre wavelength of Sentinel-2A, nanometres (Sentinel-2 User Handbook, ESA 2015).
        common_name: the STAC electro-optical extension's name.
    """

    id: str
    gsd: int
    wavelength: float
    common_name: str


BANDS = {
    band.id: band
    for band in (
        Band("B01", 60, 442.7, "coastal"),
        Band("B02", 10, 492.4, "blue"),
        Band("B03", 10, 559.8, "green"),
        Band("B04", 10, 664.6, "red"),
        Band("B05", 20, 704.1, "rededge1"),
        Band("B06", 20, 740.5, "rededge2"),
        Band("B07", 20, 782.8, "rededge3"),
        Band("B08", 10, 832.8, "nir"),
        Band("B8A", 20, 864.7, "nir08"),
        Band("B09", 60, 945.1, "nir09"),
        Band("B10", 60, 1373.5, "cirrus"),
        Band("B11", 20, 1613.7, "swir16"),
        Band("B12", 20, 2202.4, "swir22"),
    )
}
"""Every band by id, in the order of the products' metadata."""

GUIDE_BANDS = ("B02", "B03", "B04", "B08")
"""The bands that the instrument itself takes at 10 m."""

L1C_BANDS = tuple(BANDS)
L2A_BANDS = tuple(band for band in BANDS if band != "B10")

SKIPPED = "-"
"""In a list of a raster's bands: one that is no Sentinel-2 band."""

_ALIASES = {band.common_name: band.id for band in BANDS.values()}
# A band id that stands alone in a name: not part of a longer word or number, as in T33UUB or 20201005T1010.
_TOKEN = re.compile(r"(?<![A-Za-z0-9])B(0?[1-9]|1[0-2]|0?8A)(?![A-Za-z0-9])", re.IGNORECASE)


def band_id(name: str) -> str | None:
    """Return the Sentinel-2 band that a label means, or None.

    Understands `B02`, `b2`, `B8A`, `T33UUB_20201005T101031_B02_10m.jp2`, and the common names of STAC (`nir`,
    `swir16`). A label that names two different bands means neither.
    """
    found = {_canonical(match) for match in _TOKEN.findall(name)}
    if len(found) == 1:
        return found.pop()
    return _ALIASES.get(name.strip().lower()) if not found else None


def _canonical(token: str) -> str:
    token = token.upper()
    return "B8A" if token.endswith("A") else f"B{int(token):02d}"


def band_ids_of(raster: RasterReader) -> tuple[str | None, ...]:
    """Return which Sentinel-2 band each band of a raster is, from its descriptions; None where they do not say."""
    return tuple(band_id(info.name) for info in raster.bands)


def identify_bands(
    raster: RasterReader, band_order: Sequence[str] = (), wanted: Collection[str] = tuple(BANDS)
) -> tuple[str | None, ...]:
    """Return which Sentinel-2 band each band of a raster is; None where nothing says it.

    Args:
        raster: the raster; its band descriptions name the bands.
        band_order: ids of the raster's bands, in the raster's order, `-` for one that is none; overrides the
            descriptions.
        wanted: the bands that must not be there twice.

    Raises:
        BandError: if the order does not name each band of the raster, or a band wanted is there twice.
    """
    count = len(raster.bands)
    if band_order and len(band_order) != count:
        raise BandError(
            f"The band order names {len(band_order)} bands ({', '.join(band_order)}), but {raster.path} has {count}; "
            f"name each of its bands once, and those that are no Sentinel-2 band '{SKIPPED}'."
        )
    ids = tuple(None if band == SKIPPED else band for band in band_order) or band_ids_of(raster)
    twice = sorted({band for band in ids if band is not None and band in wanted and ids.count(band) > 1})
    if twice:
        raise BandError(f"{raster.path} has more than one band named {', '.join(twice)}; give the band order.")
    return ids


def parse_band_list(text: str, skips: bool = False) -> tuple[str, ...]:
    """Return the bands of a list that a user typed, such as `B02, b3 8A nir`.

    Args:
        text: ids or common names.
        skips: whether `-` may stand for a band that is none of Sentinel-2's.

    Raises:
        BandError: if an entry is not a Sentinel-2 band, or one is given twice.
    """
    names = [entry for entry in re.split(r"[,;\s]+", text.strip()) if entry]
    ids: list[str] = []
    for name in names:
        if skips and name == SKIPPED:
            ids.append(SKIPPED)
            continue
        found = band_id(name) or band_id(f"B{name}")
        if found is None:
            raise BandError(f"'{name}' is not a Sentinel-2 band; expected ids such as {', '.join(BANDS)}.")
        if found in ids:
            raise BandError(f"Band {found} is listed twice in '{text}'; list each band once.")
        ids.append(found)
    return tuple(ids)


def in_native_order(ids: Sequence[str]) -> tuple[str, ...]:
    """Return the bands in the order of the products' metadata."""
    return tuple(band for band in BANDS if band in ids)
