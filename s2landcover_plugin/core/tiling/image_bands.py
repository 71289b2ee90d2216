# SPDX-License-Identifier: GPL-2.0-or-later
"""Which bands of an image go into a dataset."""

from __future__ import annotations

from collections.abc import Sequence

from ..bands import identify_bands, parse_band_list
from ..errors import BandError, InputError
from ..models.contract_checks import positions
from ..progress import Progress
from ..raster import RasterReader
from .storage import STORAGES, STORED

Chosen = tuple[tuple[str, ...], tuple[int, ...]]
"""Names of bands, and their numbers (from 1) in a raster."""


def parse_band_order(text: str, values: str) -> tuple[str, ...]:
    """Return the bands of images as a user typed them.

    Args:
        text: Sentinel-2 bands, with `-` for one that is none, or numbers of stored values.
        values: what the images hold, `reflectance` or `stored`.

    Raises:
        BandError: if an entry is not a Sentinel-2 band, or one is given twice.
    """
    return tuple(text.replace(",", " ").split()) if values == STORED else parse_band_list(text, skips=True)


def chosen_bands(
    raster: RasterReader, values: str, band_order: Sequence[str], wanted: Sequence[str], progress: Progress
) -> Chosen:
    """Return the bands of an image that are cut.

    Args:
        raster: the image.
        values: what its numbers are: `reflectance` of Sentinel-2 bands, or `stored` bytes of numbered bands.
        band_order: which band each of its bands is, if they are not named, or the numbers of the first bands; may be
            empty.
        wanted: the bands of the first image, in order; empty for all that this one has.
        progress: hears what is left out.

    Raises:
        BandError: if nothing says which band is which, one is named twice, or one wanted is not there.
        InputError: if stored numbers are no bytes.
    """
    if values == STORED:
        return _numbered(raster, tuple(wanted) or tuple(band_order) or positions(len(raster.bands)), progress)
    return _named(raster, band_order, wanted, progress)


def _named(raster: RasterReader, band_order: Sequence[str], wanted: Sequence[str], progress: Progress) -> Chosen:
    count = len(raster.bands)
    ids = identify_bands(raster, band_order)
    numbers = {band: number for number, band in enumerate(ids, start=1) if band is not None}
    if not numbers:
        raise BandError(
            f"Nothing says which Sentinel-2 band each of the {count} band(s) of {raster.path} is. Give the band order, "
            "or name the bands (pansharpen does)."
        )
    missing = [band for band in wanted if band not in numbers]
    if missing:
        raise BandError(
            f"{raster.path} lacks {', '.join(missing)}, which the first image has; give images with the same bands."
        )
    bands = tuple(wanted or numbers)
    if len(bands) < count:
        left = count - len(bands)
        progress.info(f"{left} of {count} bands are left out: no Sentinel-2 bands, or none that the first image has.")
    return bands, tuple(numbers[band] for band in bands)


def _numbered(raster: RasterReader, bands: tuple[str, ...], progress: Progress) -> Chosen:
    dtype, count = STORAGES[STORED].dtype, len(raster.bands)
    if len(bands) > count:
        raise BandError(
            f"{raster.path} has {count} band(s), and {len(bands)} are wanted; give images with as many bands."
        )
    strange = next((info.dtype for info in raster.bands[: len(bands)] if info.dtype != dtype), "")
    if strange:
        raise InputError(
            f"{raster.path} holds {strange} numbers; values are kept as stored for bytes ({dtype}) only. Stretch it to "
            "bytes (Raster > Conversion > Translate, type Byte), or take its values as reflectance."
        )
    if len(bands) < count:
        progress.info(f"Of {count} bands, the first {len(bands)} are taken.")
    return bands, tuple(range(1, len(bands) + 1))
