# SPDX-License-Identifier: GPL-2.0-or-later
"""What a Sentinel-2 SAFE product says about itself in its XML.

The format is that of the Sentinel-2 Products Specification Document (ESA, S2-PDGS-TAS-DI-PSD), from baseline 02.04 on
(one tile a product).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

from ..bands import BANDS, L1C_BANDS, L2A_BANDS, band_id
from ..errors import ProductError
from ..radiometry import Radiometry

BANDS_OF_LEVEL = {"L1C": L1C_BANDS, "L2A": L2A_BANDS}

_METADATA_NAMES = ("MTD_MSIL2A.xml", "MTD_MSIL1C.xml")
_IMAGE_ENDINGS = (".jp2", ".tif")
_QUANTIFICATION = {
    "L1C": ("QUANTIFICATION_VALUE",),
    "L2A": ("BOA_QUANTIFICATION_VALUE", "L2A_BOA_QUANTIFICATION_VALUE"),
}
_OFFSET = {"L1C": "RADIO_ADD_OFFSET", "L2A": "BOA_ADD_OFFSET"}
# Position in this tuple is the XML's band_id.
_BY_NUMBER = tuple(BANDS)
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
    path: Path
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
    """

    name: str
    level: str
    baseline: str
    quantification: float
    offsets: Mapping[str, float]
    nodata: float
    images: tuple[SafeImage, ...]

    def radiometry(self, band: str) -> Radiometry:
        """Return how a band's stored numbers become reflectance."""
        return Radiometry.from_product(self.quantification, self.offsets.get(band, 0.0))


def find_metadata(path: Path) -> Path | None:
    """Return the product metadata that a path means: itself, or inside a SAFE folder; None if it means none."""
    if path.is_dir():
        inside = [path / name for name in _METADATA_NAMES]
        return next((file for file in inside if file.is_file()), None)
    if path.name == "MTD_TL.xml" and len(path.parents) > 2:
        return find_metadata(path.parents[2])
    return path if path.suffix.lower() == ".xml" else None


def enclosing_metadata(image: Path) -> Path | None:
    """Return the product metadata of the SAFE folder that an image lies in, or None."""
    for folder in list(image.absolute().parents)[:5]:
        found = find_metadata(folder)
        if found is not None:
            return found
    return None


def read_safe(metadata: Path) -> SafeMetadata:
    """Read a product's `MTD_MSIL1C.xml` or `MTD_MSIL2A.xml`.

    Raises:
        ProductError: if the file is not the metadata of a Sentinel-2 product, or lacks what is needed.
    """
    root = _parsed(metadata)
    level = _level(root, metadata)
    quantification = next((v for tag in _QUANTIFICATION[level] for v in _texts(root, tag)), None)
    if quantification is None:
        raise ProductError(f"{metadata} has no {_QUANTIFICATION[level][0]}, without which reflectance is not known.")
    uri = next(_texts(root, "PRODUCT_URI"), metadata.parent.name)
    try:
        return SafeMetadata(
            name=uri[: -len(".SAFE")] if uri.endswith(".SAFE") else uri,
            level=level,
            baseline=next(_texts(root, "PROCESSING_BASELINE"), ""),
            quantification=float(quantification),
            offsets=dict(_offsets(root, _OFFSET[level])),
            nodata=_special_value(root, "NODATA", 0.0),
            images=tuple(_images(root, metadata.parent)),
        )
    except (ValueError, IndexError) as error:
        if isinstance(error, ProductError):
            raise
        raise ProductError(f"{metadata} is damaged: {error}. Download the product again.") from error


def _parsed(metadata: Path) -> ElementTree.Element:
    try:
        return ElementTree.parse(metadata).getroot()
    except (OSError, ElementTree.ParseError) as error:
        raise ProductError(f"{metadata} cannot be read as XML ({error}). Download the product again.") from error


def _level(root: ElementTree.Element, metadata: Path) -> str:
    stated = next(_texts(root, "PROCESSING_LEVEL"), "")
    for level in BANDS_OF_LEVEL:
        if stated.startswith(f"Level-{level[1:]}"):
            return level
    raise ProductError(
        f"{metadata} is not the metadata of a Sentinel-2 L1C or L2A product (its level reads '{stated}'); "
        "give the SAFE folder or the MTD_MSIL1C.xml or MTD_MSIL2A.xml in it."
    )


def _elements(root: ElementTree.Element, tag: str) -> Iterator[ElementTree.Element]:
    """Yield the elements of a name, whatever their namespace."""
    return (element for element in root.iter() if element.tag.rpartition("}")[2] == tag)


def _texts(root: ElementTree.Element, tag: str) -> Iterator[str]:
    return (element.text.strip() for element in _elements(root, tag) if element.text and element.text.strip())


def _offsets(root: ElementTree.Element, tag: str) -> Iterator[tuple[str, float]]:
    for element in _elements(root, tag):
        yield _BY_NUMBER[int(element.get("band_id", ""))], float(element.text or "")


def _special_value(root: ElementTree.Element, name: str, default: float) -> float:
    for element in _elements(root, "Special_Values"):
        if next(_texts(element, "SPECIAL_VALUE_TEXT"), "") == name:
            return float(next(_texts(element, "SPECIAL_VALUE_INDEX"), default))
    return default


def _images(root: ElementTree.Element, folder: Path) -> Iterator[SafeImage]:
    for entry in _texts(root, "IMAGE_FILE"):
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
