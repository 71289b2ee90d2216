# SPDX-License-Identifier: GPL-2.0-or-later
"""Class names beside a GeoTIFF, in GDAL's `.aux.xml` (PAM) format.

Both backends write and read them here: GDAL keeps a GeoTIFF's category names in that file, and rasterio has no call
for it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from xml.etree import ElementTree

from ..errors import OutputError


def write_categories(path: str, categories: Mapping[int, str]) -> None:
    """Write class names for band 1 of a raster.

    Args:
        path: the raster; `.aux.xml` is added to it.
        categories: names by pixel value (0-255); values between that have none get an empty name.

    Raises:
        OutputError: if the file cannot be written.
    """
    root = ElementTree.Element("PAMDataset")
    band = ElementTree.SubElement(root, "PAMRasterBand", band="1")
    names = ElementTree.SubElement(band, "CategoryNames")
    for value in range(max(categories) + 1):
        ElementTree.SubElement(names, "Category").text = categories.get(value, "")
    try:
        ElementTree.ElementTree(root).write(path + ".aux.xml", encoding="utf-8")
    except OSError as error:
        raise OutputError(f"The class names could not be written beside {path}: {error.strerror}.") from error


def read_categories(path: str) -> dict[int, str]:
    """Return the class names of band 1 by pixel value; empty if the raster has none beside it."""
    sidecar = path + ".aux.xml"
    if not os.path.isfile(sidecar):
        return {}
    try:
        root = ElementTree.parse(sidecar).getroot()
    except (OSError, ElementTree.ParseError):
        # Statistics and names are a comfort; a broken sidecar must not keep anyone from reading the pixels.
        return {}
    items = root.findall("./PAMRasterBand[@band='1']/CategoryNames/Category")
    return {value: item.text for value, item in enumerate(items) if item.text}
