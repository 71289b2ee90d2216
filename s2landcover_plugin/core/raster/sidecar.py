# SPDX-License-Identifier: GPL-2.0-or-later
"""Class names, attribute tables and scales beside a GeoTIFF, in GDAL's `.aux.xml` (PAM) format.

Both backends write and read them here: GDAL keeps those of a GeoTIFF in that file, and rasterio has no call for it.
"""

from __future__ import annotations

import enum
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from ..errors import OutputError

_TYPES = (int, float, str)  # in the order of GDAL's codes (GDALRATFieldType)


@dataclass(frozen=True)
class AttributeColumn:
    """A column of a raster attribute table.

    Attributes:
        name: of the field.
        usage: what it means to a program that reads the table.
        values: one a row: all whole numbers, all floating point, or all text.
    """

    name: str
    usage: AttributeUsage
    values: tuple[int, ...] | tuple[float, ...] | tuple[str, ...]


class AttributeUsage(enum.IntEnum):
    """GDAL's codes for the meaning of a column (GDALRATFieldUsage)."""

    GENERIC = 0
    PIXEL_COUNT = 1
    NAME = 2
    VALUE = 5
    RED = 6
    GREEN = 7
    BLUE = 8


def write_categories(path: str, categories: Mapping[int, str]) -> None:
    """Write class names for band 1 of a raster.

    Args:
        path: the raster; `.aux.xml` is added to it, and replaced if it is there.
        categories: names by pixel value (0-255); values between that have none get an empty name.

    Raises:
        OutputError: if the file cannot be written.
    """
    root = ElementTree.Element("PAMDataset")
    band = ElementTree.SubElement(root, "PAMRasterBand", band="1")
    names = ElementTree.SubElement(band, "CategoryNames")
    for value in range(max(categories) + 1):
        ElementTree.SubElement(names, "Category").text = categories.get(value, "")
    _write(path, root)


def write_attribute_table(path: str, columns: Sequence[AttributeColumn]) -> None:
    """Write an attribute table for band 1 of a raster, beside the class names that are there.

    Args:
        path: a raster that is closed.
        columns: of the table, equally long.

    Raises:
        OutputError: if the file cannot be written.
    """
    root = _root(path)
    root = ElementTree.Element("PAMDataset") if root is None else root
    band = root.find("./PAMRasterBand[@band='1']")
    if band is None:
        band = ElementTree.SubElement(root, "PAMRasterBand", band="1")
    for old in band.findall("GDALRasterAttributeTable"):
        band.remove(old)
    table = ElementTree.SubElement(band, "GDALRasterAttributeTable", tableType="thematic")
    for index, column in enumerate(columns):
        field = ElementTree.SubElement(table, "FieldDefn", index=str(index))
        kind = _TYPES.index(type(column.values[0]))
        for tag, text in (("Name", column.name), ("Type", str(kind)), ("Usage", str(int(column.usage)))):
            ElementTree.SubElement(field, tag).text = text
    for index, values in enumerate(zip(*(column.values for column in columns))):
        row = ElementTree.SubElement(table, "Row", index=str(index))
        for value in values:
            ElementTree.SubElement(row, "F").text = str(value)
    _write(path, root)


def write_scale(path: str, scale: float, offset: float) -> None:
    """Say what the numbers of band 1 mean: value = number x scale + offset; a sidecar that is there stays.

    Args:
        path: a raster that is closed.
        scale: factor.
        offset: is added after that.

    Raises:
        OutputError: if the file cannot be written.
    """
    if os.path.isfile(path + ".aux.xml"):
        return
    root = ElementTree.Element("PAMDataset")
    band = ElementTree.SubElement(root, "PAMRasterBand", band="1")
    ElementTree.SubElement(band, "Offset").text = repr(offset)
    ElementTree.SubElement(band, "Scale").text = repr(scale)
    _write(path, root)


def read_categories(path: str) -> dict[int, str]:
    """Return the class names of band 1 by pixel value; empty if the raster has none beside it."""
    root = _root(path)
    items = [] if root is None else root.findall("./PAMRasterBand[@band='1']/CategoryNames/Category")
    return {value: item.text for value, item in enumerate(items) if item.text}


def _root(path: str) -> ElementTree.Element | None:
    sidecar = path + ".aux.xml"
    if not os.path.isfile(sidecar):
        return None
    try:
        return ElementTree.parse(sidecar).getroot()
    except (OSError, ElementTree.ParseError):
        # Statistics and names are a comfort; a broken sidecar must not keep anyone from reading the pixels.
        return None


def _write(path: str, root: ElementTree.Element) -> None:
    try:
        ElementTree.ElementTree(root).write(path + ".aux.xml", encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{path}.aux.xml could not be written: {error.strerror}.") from error
