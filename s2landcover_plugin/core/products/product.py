# SPDX-License-Identifier: GPL-2.0-or-later
"""Sentinel-2 products as users have them: a SAFE folder, a folder of band files, or a list of rasters."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..bands import BANDS, band_id, in_native_order
from ..errors import BandError, ProductError
from ..radiometry import Radiometry, assumed_radiometry
from ..raster import BandInfo, Grid, RasterReader, Window, open_raster
from .archive import ArchivePath, Place, located
from .safe import (
    BANDS_OF_LEVEL,
    MANIFEST,
    TILE_METADATA,
    SafeImage,
    SafeMetadata,
    enclosing_metadata,
    find_metadata,
    read_safe,
)

_ENDINGS = (".jp2", ".tif", ".tiff")
# How ESA and AWS sort the images of a level 2A product into folders.
_RESOLUTION_FOLDER = re.compile(r"R(\d+)m", re.IGNORECASE)
_RESOLUTION_NAME = re.compile(r"_(\d+)m\.\w+$", re.IGNORECASE)
# A sample of this many pixels a side tells reflectance from digital numbers.
_SAMPLE = 512


@dataclass(frozen=True)
class BandSource:
    """Where a band is, and what its numbers mean.

    Attributes:
        path: the raster.
        index: band number in it, from 1.
        radiometry: how stored numbers become reflectance.
        nodata: stored number of pixels without data, or None.
        grid: the raster's own grid.
    """

    path: str
    index: int
    radiometry: Radiometry
    nodata: float | None
    grid: Grid


@dataclass(frozen=True)
class Product:
    """A Sentinel-2 product.

    Attributes:
        name: what to call it.
        level: `L1C`, `L2A`, or None where nothing says so.
        bands: what is there, by band id in native order.
        scl: scene classification, where there is one.
        coarser: which of the bands are there only at a coarser resolution than the instrument took.
        expected: what a complete product has; for loose files, what is there.
        baseline: processing baseline; empty where not known.
        notes: what the user should know: assumptions made, files ignored.
    """

    name: str
    level: str | None
    bands: Mapping[str, BandSource]
    scl: BandSource | None = None
    expected: tuple[str, ...] = ()
    baseline: str = ""
    notes: tuple[str, ...] = field(default=())
    coarser: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """The bands that a complete product has and this one lacks, or has only at a coarser resolution."""
        return tuple(band for band in self.expected if band not in self.bands or band in self.coarser)

    def select(self, wanted: Sequence[str] = ()) -> tuple[str, ...]:
        """Return the bands wanted, in native order; all bands of a complete product by default.

        Bands that are there only at a coarser resolution count if they are asked for.

        Raises:
            BandError: if a band asked for is not there.
            ProductError: if all are wanted and the product is incomplete, or none is there.
        """
        there = ", ".join(self.bands)
        if not self.bands:
            raise ProductError(f"The product {self.name} has no band. Download it completely.")
        absent = [band for band in wanted if band not in self.bands]
        if absent:
            raise BandError(f"The product {self.name} has no {', '.join(absent)}; it has {there}.")
        if not wanted and self.missing:
            coarser = f" ({', '.join(self.coarser)} at a coarser resolution only)" if self.coarser else ""
            raise ProductError(
                f"The product {self.name} lacks {', '.join(self.missing)}{coarser}. Download it completely, or list "
                f"only the bands that are there: {there}."
            )
        return in_native_order(wanted or tuple(self.bands))


def open_product(paths: Sequence[str]) -> Product:
    """Find out what a product consists of; no pixels are kept.

    Args:
        paths: one SAFE folder, its `.zip`, an XML file or the manifest in it, one folder (or `.zip`) of band files, or
            rasters (one band each, or several with band descriptions).

    Raises:
        ProductError: if there is nothing of that kind, or it contradicts itself.
        BandError: if a raster does not say which band it is.
        RasterError: if a raster cannot be opened.
    """
    places = [located(str(path)) for path in paths if str(path).strip()]
    if not places:
        raise ProductError("No product was given; choose a SAFE folder, its .zip, or the band files.")
    for place in places:
        if not place.exists():
            raise ProductError(f"There is no file or folder {place}.")
        if len(places) > 1 and place.is_dir():
            raise ProductError(f"{place} is a whole product among {len(places)} inputs; give one product at a time.")
    return _from_place(places[0]) if len(places) == 1 else _loose(places, places[0].parent.name, strict=True)


def _from_place(place: Place) -> Product:
    metadata = find_metadata(place)
    if metadata is not None:
        return _from_safe(read_safe(metadata))
    if place.name in (TILE_METADATA, MANIFEST):
        raise ProductError(
            f"{place} leads to no product: MTD_MSIL1C.xml or MTD_MSIL2A.xml, which say what the numbers mean, are not "
            "where they belong. Give the complete SAFE folder, or the band files."
        )
    return _from_folder(place) if place.is_dir() else _loose([place], place.stem, strict=True)


def _from_safe(safe: SafeMetadata) -> Product:
    images = _best_images(safe)
    sources = {}
    for kind, image in images.items():
        radiometry = Radiometry(1.0) if kind == "SCL" else safe.radiometry(kind)
        with open_raster(str(image.path)) as raster:
            sources[kind] = BandSource(str(image.path), 1, radiometry, safe.nodata, raster.grid)
    scl = sources.pop("SCL", None)
    bands = {band: sources[band] for band in in_native_order(tuple(sources))}
    coarser = tuple(band for band in bands if not images[band].is_native)
    notes = (f"{', '.join(coarser)}: there only at a coarser resolution.",) if coarser else ()
    return Product(safe.name, safe.level, bands, scl, BANDS_OF_LEVEL[safe.level], safe.baseline, notes, coarser)


def _best_images(safe: SafeMetadata) -> dict[str, SafeImage]:
    """Return an image for each band that is there: the native one, or else the finest."""
    best: dict[str, SafeImage] = {}
    for image in sorted(safe.images, key=lambda image: (not image.is_native, image.gsd or 0)):
        if not image.exists:
            continue
        first = best.setdefault(image.kind, image)
        if first is not image and first.gsd == image.gsd:
            raise ProductError(f"The product {safe.name} has {image.kind} twice; give a product of one tile.")
    return best


def _from_folder(folder: Place) -> Product:
    places: list[Place] = sorted(folder.iterdir(), key=str)
    folders = [place for place in places if place.is_dir()]
    inner = [found for found in map(find_metadata, folders) if found is not None]
    if len(inner) > 1:
        raise ProductError(f"{folder} holds {len(inner)} SAFE products; give one of them.")
    if inner:
        return _from_safe(read_safe(inner[0]))
    by_resolution = [place for place in folders if _RESOLUTION_FOLDER.fullmatch(place.name)]
    files = [file for place in (folder, *by_resolution) for file in _image_files(place)]
    if files:
        return _loose(files, folder.name, strict=False)
    if isinstance(folder, ArchivePath) and len(folders) == 1:
        return _from_folder(folders[0])
    raise ProductError(
        f"{folder} is not a Sentinel-2 product: it holds neither MTD_MSIL1C.xml or MTD_MSIL2A.xml nor band files "
        f"({', '.join(_ENDINGS)})."
    )


def _image_files(folder: Place) -> list[Place]:
    """Return the images in a folder; not the hidden ones, which are what other systems note about them."""
    files = (file for file in folder.iterdir() if file.suffix.lower() in _ENDINGS and not file.name.startswith("."))
    return sorted(files, key=str)


@dataclass(frozen=True)
class _Found:
    """One band of a loose raster: which band it is (or SCL), where, and whether its meaning had to be assumed."""

    kind: str
    source: BandSource
    assumption: str


def _loose(files: Sequence[Place], name: str, strict: bool) -> Product:
    """Put a product together from rasters; `strict` refuses those that do not say what they are."""
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
    scl = chosen.pop("SCL").source if "SCL" in chosen else None
    bands = {band: chosen[band].source for band in in_native_order(tuple(chosen))}
    return Product(name, _level_of(bands), bands, scl, tuple(bands), notes=tuple(notes))


def _bands_of(raster: RasterReader, file: Place) -> Iterator[_Found]:
    """Yield what a loose raster holds; its descriptions say so, or (for a single band) its file name."""
    for index, info in enumerate(raster.bands, start=1):
        kind = _kind(info.name)
        if kind is None and len(raster.bands) == 1:
            kind = _kind(file.stem)
        if kind == "SCL":
            yield _Found(kind, BandSource(str(file), index, Radiometry(1.0), 0.0, raster.grid), "")
        elif kind is not None:
            radiometry, nodata, assumption = _meaning(raster, index, kind, file)
            yield _Found(kind, BandSource(str(file), index, radiometry, nodata, raster.grid), assumption)


def _kind(name: str) -> str | None:
    """Return the band that a description or file name means, `SCL`, or None."""
    words = name.replace("-", "_").split("_")
    if "SCL" in (word.upper() for word in words):
        return "SCL"
    # Earth-search appends the common name to the scene's: S2B_33UUB_20230601_0_L2A_swir16.
    return band_id(name) or band_id(words[-1])


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
    stated = _RESOLUTION_NAME.search(place.name) or _RESOLUTION_FOLDER.fullmatch(place.parent.name)
    return abs(math.log(int(stated[1]) / native)) if stated and int(stated[1]) else round(pixels, 2), round(pixels, 2)


def _native_size(kind: str) -> float:
    return 20.0 if kind == "SCL" else float(BANDS[kind].gsd)


def _level_of(bands: Mapping[str, BandSource]) -> str | None:
    """Return the product level that the names of all files or folders state, or that B10, only in L1C, gives away."""
    places = [Path(source.path).absolute() for source in bands.values()]
    for level in BANDS_OF_LEVEL:
        if all(level in "/".join(place.parts[-3:]).upper() for place in places):
            return level
    return "L1C" if "B10" in bands else None
