# SPDX-License-Identifier: GPL-2.0-or-later
"""Band rasters without a product around them: which band each is, and what its numbers mean."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..bands import BANDS, band_id, in_native_order
from ..errors import BandError, ProductError
from ..radiometry import Radiometry, assumed_radiometry
from ..raster import BandInfo, RasterReader, Window, open_raster
from ..validity import MaskKind, kind_named
from .archive import Place
from .model import BandSource, Product
from .safe import BANDS_OF_LEVEL, enclosing_metadata, read_safe

RESOLUTION_FOLDER = re.compile(r"R(\d+)m", re.IGNORECASE)
"""How ESA and AWS sort the images of a level 2A product into folders."""

_RESOLUTION_NAME = re.compile(r"_(\d+)m\.\w+$", re.IGNORECASE)
_MASK_SIZES = {MaskKind.SCL.name: 20.0, MaskKind.QA60.name: 60.0, MaskKind.PROBABILITY.name: 20.0}
# A sample of this many pixels a side tells reflectance from digital numbers.
_SAMPLE = 512


@dataclass(frozen=True)
class _Found:
    """One band of a loose raster: which band or `MaskKind` it is, where, and whether its meaning had to be assumed."""

    kind: str
    source: BandSource
    assumption: str


def product_of_rasters(files: Sequence[Place], name: str, strict: bool) -> Product:
    """Put a product together from rasters.

    Args:
        files: the rasters, at least one; of one band each, or several with band descriptions.
        name: what to call the product.
        strict: whether rasters that do not say what they are are refused; otherwise they are ignored.

    Raises:
        BandError: if a raster is refused, or one band is given twice.
        ProductError: if there is no band at all.
        RasterError: if a raster cannot be opened.
    """
    found: list[_Found] = []
    ignored = []
    for file in files:
        with open_raster(str(file)) as raster:
            here = list(_bands_of(raster, file))
        if not here and strict:
            raise BandError(
                f"{file} does not say which Sentinel-2 band it is; name the file after its band (such as B04.tif) or "
                "give the raster's bands such descriptions."
            )
        if not here:
            ignored.append(file.name)
        found.extend(here)
    if not found:
        raise ProductError(f"None of the rasters in {files[0].parent} is named after a Sentinel-2 band.")
    notes = [f"Ignored, as no band is named: {', '.join(ignored)}."] if ignored else []
    chosen = _preferred(found)
    notes += sorted({item.assumption for item in chosen.values() if item.assumption})
    masks = {kind: chosen.pop(kind.name).source for kind in MaskKind if kind.name in chosen}
    scl = masks.pop(MaskKind.SCL, None)
    bands = {band: chosen[band].source for band in in_native_order(tuple(chosen))}
    return Product(name, _level_of(bands), bands, scl, tuple(bands), notes=tuple(notes), masks=masks)


def _bands_of(raster: RasterReader, file: Place) -> Iterator[_Found]:
    """Yield what a loose raster holds; its descriptions say so, or (for a single band) its file name."""
    for index, info in enumerate(raster.bands, start=1):
        kind = _kind(info.name)
        if kind is None and len(raster.bands) == 1:
            kind = _kind(file.stem)
        if kind in _MASK_SIZES:
            nodata = 0.0 if kind == MaskKind.SCL.name else info.nodata
            yield _Found(kind, BandSource(str(file), index, Radiometry(1.0), nodata, raster.grid), "")
        elif kind is not None:
            radiometry, nodata, assumption = _meaning(raster, index, kind, file)
            yield _Found(kind, BandSource(str(file), index, radiometry, nodata, raster.grid), assumption)


def _kind(name: str) -> str | None:
    """Return the band, or the name of the `MaskKind`, that a description or file name means; None if neither."""
    words = name.replace("-", "_").split("_")
    if "SCL" in (word.upper() for word in words):
        return MaskKind.SCL.name
    mask = kind_named(name)
    # Earth-search appends the common name to the scene's: S2B_33UUB_20230601_0_L2A_swir16.
    return band_id(name) or band_id(words[-1]) or (mask.name if mask else None)


def _meaning(raster: RasterReader, index: int, band: str, file: Place) -> tuple[Radiometry, float | None, str]:
    """Return radiometry and nodata value of a loose band, and what had to be assumed."""
    info = raster.bands[index - 1]
    metadata = None if info.declares_scale else enclosing_metadata(file)
    if metadata is not None:
        safe = read_safe(metadata)
        return safe.radiometry(band), safe.nodata, ""
    radiometry, assumption = assumed_radiometry(info, _largest(raster, index, info))
    nodata = info.nodata
    if nodata is None and np.dtype(info.dtype).kind in "iu":
        nodata = 0.0
        assumption = f"{assumption} 0 is taken as nodata; the raster declares none.".strip()
    return radiometry, nodata, assumption


def _largest(raster: RasterReader, index: int, info: BandInfo) -> float:
    """Return a high percentile of a sample from the raster's middle; only real numbers leave doubts to settle."""
    if np.dtype(info.dtype).kind != "f":
        return math.nan
    width, height = (min(_SAMPLE, size) for size in (raster.grid.width, raster.grid.height))
    window = Window((raster.grid.width - width) // 2, (raster.grid.height - height) // 2, width, height)
    numbers, valid = raster.read_masked(window, [index])
    return float(np.percentile(numbers[valid], 99)) if valid.any() else 0.0


def _preferred(found: Iterable[_Found]) -> dict[str, _Found]:
    """Return one source a band: of several, the one at the band's native resolution, or else nearest to it."""
    chosen: dict[str, _Found] = {}
    for item in sorted(found, key=_distance_to_native):
        first = chosen.setdefault(item.kind, item)
        if first is not item and _distance_to_native(first) == _distance_to_native(item):
            raise BandError(
                f"Band {item.kind} is given twice: {first.source.path} and {item.source.path}. Leave one of them out."
            )
    return chosen


def _distance_to_native(item: _Found) -> tuple[float, float]:
    """Return how far a source is from its band's native resolution, as its name states it and as its pixels are."""
    native, place = _native_size(item.kind), Path(item.source.path)
    pixels = abs(math.log(item.source.grid.pixel_size[0] / native))
    stated = _RESOLUTION_NAME.search(place.name) or RESOLUTION_FOLDER.fullmatch(place.parent.name)
    return abs(math.log(int(stated[1]) / native)) if stated and int(stated[1]) else round(pixels, 2), round(pixels, 2)


def _native_size(kind: str) -> float:
    return _MASK_SIZES[kind] if kind in _MASK_SIZES else float(BANDS[kind].gsd)


def _level_of(bands: Mapping[str, BandSource]) -> str | None:
    """Return the product level that the names of all files or folders state, or that B10, only in L1C, gives away."""
    places = [Path(source.path).absolute() for source in bands.values()]
    for level in BANDS_OF_LEVEL:
        if all(level in "/".join(place.parts[-3:]).upper() for place in places):
            return level
    return "L1C" if "B10" in bands else None
