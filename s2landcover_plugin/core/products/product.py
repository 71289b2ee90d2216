# SPDX-License-Identifier: GPL-2.0-or-later
"""Sentinel-2 products as users have them: a SAFE folder, its archive, a folder of band files, or a list of rasters."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from ..bands import in_native_order
from ..errors import ProductError, RasterError
from ..radiometry import Radiometry
from ..raster import open_raster
from ..validity import MaskKind
from .archive import ArchivePath, Place, located
from .loose import RESOLUTION_FOLDER, product_of_rasters
from .model import BandSource, Product
from .safe import (
    BANDS_OF_LEVEL,
    MANIFEST,
    TILE_METADATA,
    SafeImage,
    SafeMetadata,
    find_metadata,
    read_safe,
)

__all__ = ["BandSource", "Product", "open_product"]

_ENDINGS = (".jp2", ".tif", ".tiff")


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
    return (
        _from_place(places[0]) if len(places) == 1 else product_of_rasters(places, places[0].parent.name, strict=True)
    )


def _from_place(place: Place) -> Product:
    metadata = find_metadata(place)
    if metadata is not None:
        return _from_safe(read_safe(metadata))
    if place.name in (TILE_METADATA, MANIFEST):
        raise ProductError(
            f"{place} leads to no product: MTD_MSIL1C.xml or MTD_MSIL2A.xml, which say what the numbers mean, are not "
            "where they belong. Give the complete SAFE folder, or the band files."
        )
    return _from_folder(place) if place.is_dir() else product_of_rasters([place], place.stem, strict=True)


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
    return Product(
        safe.name,
        safe.level,
        bands,
        scl,
        BANDS_OF_LEVEL[safe.level],
        safe.baseline,
        notes,
        coarser,
        _masks(safe),
        safe.cloud_cover,
    )


def _masks(safe: SafeMetadata) -> dict[MaskKind, BandSource]:
    if safe.cloud_probability is None:
        return {}
    path = str(safe.cloud_probability)
    # Nothing but figures depends on it: a product with a damaged one is as good as without.
    with contextlib.suppress(RasterError), open_raster(path) as raster:
        return {MaskKind.PROBABILITY: BandSource(path, 1, Radiometry(1.0), None, raster.grid)}
    return {}


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
    by_resolution = [place for place in folders if RESOLUTION_FOLDER.fullmatch(place.name)]
    files = [file for place in (folder, *by_resolution) for file in _image_files(place)]
    if files:
        return product_of_rasters(files, folder.name, strict=False)
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
