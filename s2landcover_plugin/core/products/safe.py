# SPDX-License-Identifier: GPL-2.0-or-later
"""What a Sentinel-2 SAFE product says about itself in its XML.

The format is that of the Sentinel-2 Products Specification Document (ESA, S2-PDGS-TAS-DI-PSD), from baseline 02.04 on
(one tile a product).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from xml.etree import ElementTree

from ..bands import BANDS, L1C_BANDS, L2A_BANDS, band_id
from ..errors import ProductError
from ..radiometry import Radiometry
from .archive import Place

BANDS_OF_LEVEL = {"L1C": L1C_BANDS, "L2A": L2A_BANDS}

# These lie in a product too, and lead to it; they do not say what its numbers mean.
TILE_METADATA, MANIFEST = "MTD_TL.xml", "manifest.safe"

_METADATA_NAMES = ("MTD_MSIL2A.xml", "MTD_MSIL1C.xml")
_IMAGE_ENDINGS = (".jp2", ".tif")
_QUANTIFICATION = {
    "L1C": ("QUANTIFICATION_VALUE",),
    "L2A": ("BOA_QUANTIFICATION_VALUE", "L2A_BOA_QUANTIFICATION_VALUE"),
}
_OFFSET = {"L1C": "RADIO_ADD_OFFSET", "L2A": "BOA_ADD_OFFSET"}
# Baselines up to 02.06 mark what belongs to level 2A in the tag's name.
_URI = ("PRODUCT_URI", "PRODUCT_URI_2A")
_IMAGE_FILE = ("IMAGE_FILE", "IMAGE_FILE_2A")
_IMAGE_ID = ("IMAGE_ID", "IMAGE_ID_2A")
# Position in this tuple is the XML's band_id.
_BY_NUMBER = tuple(BANDS)
# Where a granule keeps its masks, and how level 2A calls that of cloud probability.
_MASK_FOLDER, _CLOUD_PROBABILITY = "QI_DATA", ("MSK_CLDPRB_20m", "MSK_CLDPRB_60m")
_RESOLUTION = re.compile(r"_(\d+)m$")


@dataclass(frozen=True)
class SafeImage:
    """One image that a product's metadata lists.

    Attributes:
        kind: a Sentinel-2 band id, or `SCL`.
        gsd: pixel size that its name states, metres; None where it states none.
        path: where the file is.
        exists: whether it is there; incomplete products lack some.
    """

    kind: str
    gsd: int | None
    path: Place
    exists: bool

    @property
    def is_native(self) -> bool:
        """Whether it is the resolution that the instrument took (L2A repeats bands at coarser ones)."""
        native = 20 if self.kind == "SCL" else BANDS[self.kind].gsd
        return self.gsd in (None, native)


@dataclass(frozen=True)
class SafeMetadata:
    """The metadata of one SAFE product.

    Attributes:
        name: the product's own name, without `.SAFE`.
        level: `L1C` or `L2A`.
        baseline: processing baseline, such as `05.11`; empty if not stated.
        quantification: stored units of reflectance 1.
        offsets: added to the stored numbers of a band before dividing; absent means 0.
        nodata: stored number of pixels without data.
        images: band images and scene classifications, in the order listed.
        cloud_cover: share of the scene under cloud, 0-1; None where it is not stated.
        cloud_probability: the finest mask of cloud probability; None where there is none.
    """

    name: str
    level: str
    baseline: str
    quantification: float
    offsets: Mapping[str, float]
    nodata: float
    images: tuple[SafeImage, ...]
    cloud_cover: float | None = None
    cloud_probability: Place | None = None

    def radiometry(self, band: str) -> Radiometry:
        """Return how a band's stored numbers become reflectance."""
        return Radiometry.from_product(self.quantification, self.offsets.get(band, 0.0))


def find_metadata(path: Place) -> Place | None:
    """Return the product metadata that a path means; None if it means none.

    Args:
        path: the metadata itself, the SAFE folder, its manifest, or its granule's folder or metadata.
    """
    if path.is_dir():
        inside = [path / name for name in _METADATA_NAMES]
        found = next((file for file in inside if file.is_file()), None)
        tile = path / TILE_METADATA
        return find_metadata(tile) if found is None and tile.is_file() else found
    if path.name == MANIFEST:
        return find_metadata(path.absolute().parent)
    if path.name == TILE_METADATA:
        folders = path.absolute().parents
        return find_metadata(folders[2]) if len(folders) > 2 else None
    return path if path.suffix.lower() == ".xml" else None


def enclosing_metadata(image: Place) -> Place | None:
    """Return the product metadata of the SAFE folder that an image lies in, or None."""
    folders: Sequence[Place] = image.absolute().parents
    for folder in list(folders)[:5]:
        found = find_metadata(folder)
        if found is not None:
            return found
    return None


def read_safe(metadata: Place) -> SafeMetadata:
    """Read a product's `MTD_MSIL1C.xml` or `MTD_MSIL2A.xml`.

    Raises:
        ProductError: if the file is not the metadata of a Sentinel-2 product, or lacks what is needed.
    """
    root = _parsed(metadata)
    level = _level(root, metadata)
    quantification = next(_texts(root, *_QUANTIFICATION[level]), None)
    if quantification is None:
        raise ProductError(f"{metadata} has no {_QUANTIFICATION[level][0]}, without which reflectance is not known.")
    uri = next(_texts(root, *_URI), metadata.parent.name)
    cloud_cover = next(_texts(root, "Cloud_Coverage_Assessment"), None)
    try:
        images = tuple(_images(root, metadata.parent))
        return SafeMetadata(
            name=uri[: -len(".SAFE")] if uri.endswith(".SAFE") else uri,
            level=level,
            baseline=next(_texts(root, "PROCESSING_BASELINE"), ""),
            quantification=float(quantification),
            offsets=dict(_offsets(root, _OFFSET[level])),
            nodata=_special_value(root, "NODATA", 0.0),
            images=images,
            cloud_cover=None if cloud_cover is None else float(cloud_cover) / 100,
            cloud_probability=_cloud_probability(images),
        )
    except (ValueError, IndexError) as error:
        if isinstance(error, ProductError):
            raise
        raise ProductError(f"{metadata} is damaged: {error}. Download the product again.") from error


def _parsed(metadata: Place) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(metadata.read_bytes())
    except (OSError, ElementTree.ParseError) as error:
        raise ProductError(f"{metadata} cannot be read as XML ({error}). Download the product again.") from error


def _level(root: ElementTree.Element, metadata: Place) -> str:
    stated = next(_texts(root, "PROCESSING_LEVEL"), "")
    for level in BANDS_OF_LEVEL:
        if stated.startswith(f"Level-{level[1:]}"):
            return level
    raise ProductError(
        f"{metadata} is not the metadata of a Sentinel-2 L1C or L2A product (its level reads '{stated}'); "
        "give the SAFE folder or the MTD_MSIL1C.xml or MTD_MSIL2A.xml in it."
    )


def _elements(root: ElementTree.Element, *tags: str) -> Iterator[ElementTree.Element]:
    """Yield the elements of these names, whatever their namespace."""
    return (element for element in root.iter() if element.tag.rpartition("}")[2] in tags)


def _texts(root: ElementTree.Element, *tags: str) -> Iterator[str]:
    return (element.text.strip() for element in _elements(root, *tags) if element.text and element.text.strip())


def _offsets(root: ElementTree.Element, tag: str) -> Iterator[tuple[str, float]]:
    for element in _elements(root, tag):
        yield _BY_NUMBER[int(element.get("band_id", ""))], float(element.text or "")


def _special_value(root: ElementTree.Element, name: str, default: float) -> float:
    for element in _elements(root, "Special_Values"):
        if next(_texts(element, "SPECIAL_VALUE_TEXT"), "") == name:
            return float(next(_texts(element, "SPECIAL_VALUE_INDEX"), default))
    return default


def _images(root: ElementTree.Element, folder: Place) -> Iterator[SafeImage]:
    for entry in (*_texts(root, *_IMAGE_FILE), *_named_images(root)):
        relative = PurePosixPath(entry)
        if relative.is_absolute() or ".." in relative.parts:
            raise ProductError(f"The product's metadata lists an image outside the product: {entry}.")
        kind = "SCL" if re.search(r"_SCL(_|$)", relative.name) else band_id(relative.name)
        if kind is None:
            continue
        resolution = _RESOLUTION.search(relative.name)
        candidates = [folder / f"{relative}{ending}" for ending in _IMAGE_ENDINGS]
        path = next((file for file in candidates if file.is_file()), candidates[0])
        yield SafeImage(kind, int(resolution[1]) if resolution else None, path, path.is_file())


def _cloud_probability(images: Sequence[SafeImage]) -> Place | None:
    granules = {folder.parent for image in images for folder in image.path.parents if folder.name == "IMG_DATA"}
    names = [f"{name}{ending}" for name in _CLOUD_PROBABILITY for ending in _IMAGE_ENDINGS]
    masks = (granule / _MASK_FOLDER / name for name in names for granule in granules)
    return next((mask for mask in masks if mask.is_file()), None)


def _named_images(root: ElementTree.Element) -> Iterator[str]:
    """Yield the images of products that list them by name alone: they lie in the granule's folder."""
    for granule in _elements(root, "Granule", "Granules"):
        for name in _texts(granule, *_IMAGE_ID):
            resolution = _RESOLUTION.search(name)
            level = f"R{resolution[1]}m/" if resolution else ""
            yield f"GRANULE/{granule.get('granuleIdentifier')}/IMG_DATA/{level}{name}"
