# SPDX-License-Identifier: GPL-2.0-or-later
"""Land-cover classes: value, name, colour, description; and the QGIS style that shows them."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from .errors import InputError, OutputError
from .raster import Colour, RasterReader

NODATA = 0
"""Class value that every class raster keeps for pixels without data."""

_HEX = re.compile(r"#?([0-9A-Fa-f]{6})")
# Distinguishable in print and for most colour-blind readers (Okabe and Ito 2008, https://jfly.uni-koeln.de/color/).
_FALLBACK = ("E69F00", "56B4E9", "009E73", "F0E442", "0072B2", "D55E00", "CC79A7", "999999")
_GOLDEN_RATIO = (5**0.5 - 1) / 2
_LIGHTNESSES, _SATURATION = (0.35, 0.65, 0.5), 0.6  # of HLS, for the classes after these


@dataclass(frozen=True)
class LandCoverClass:
    """One class of a legend.

    Attributes:
        value: pixel value, 1-255; 0 is nodata.
        name: what the class is called on the map.
        colour: six hexadecimal digits, upper case, no hash.
        description: what belongs to the class; may be empty.
    """

    value: int
    name: str
    colour: str
    description: str = ""

    def __post_init__(self) -> None:
        if isinstance(self.value, bool) or not isinstance(self.value, int) or not 1 <= self.value <= 255:
            raise InputError(f"Class value {self.value!r} is not a whole number from 1 to 255 (0 means nodata).")
        if not self.name.strip():
            raise InputError(f"Class {self.value} has no name; give every class one.")
        if not isinstance(self.description, str):
            raise InputError(f"Class '{self.name}' has the description {self.description!r}; expected text.")
        match = _HEX.fullmatch(self.colour)
        if match is None:
            raise InputError(f"Class '{self.name}' has colour '{self.colour}'; expected six hexadecimal digits.")
        object.__setattr__(self, "colour", match[1].upper())

    @property
    def rgba(self) -> Colour:
        """Red, green, blue, and full opacity."""
        red, green, blue = bytes.fromhex(self.colour)
        return red, green, blue, 255


@dataclass(frozen=True)
class Legend:
    """The classes of a map, by rising value; at least one, values and names unique."""

    classes: tuple[LandCoverClass, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "classes", tuple(sorted(self.classes, key=lambda item: item.value)))
        if not self.classes:
            raise InputError("A legend needs at least one class.")
        for kind in ("value", "name"):
            entries = [str(getattr(item, kind)) for item in self.classes]
            repeated = sorted({entry for entry in entries if entries.count(entry) > 1})
            if repeated:
                raise InputError(f"The legend uses the class {kind} {', '.join(repeated)} more than once.")

    def __iter__(self) -> Iterator[LandCoverClass]:
        return iter(self.classes)

    def __len__(self) -> int:
        return len(self.classes)

    @property
    def values(self) -> tuple[int, ...]:
        """The pixel values, rising."""
        return tuple(item.value for item in self.classes)

    @property
    def names(self) -> dict[int, str]:
        """Names by value."""
        return {item.value: item.name for item in self.classes}

    @property
    def colours(self) -> dict[int, Colour]:
        """Colour table by value."""
        return {item.value: item.rgba for item in self.classes}

    def to_json(self) -> list[dict[str, Any]]:
        """Return the classes as STAC's classification extension writes them."""
        return [{"value": c.value, "name": c.name, "color_hint": c.colour, "description": c.description} for c in self]

    @classmethod
    def from_json(cls, items: Any) -> Legend:
        """Read what `to_json` writes; `description` may be absent.

        Raises:
            InputError: if the list or an entry is not of that form.
        """
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise InputError("The classes are not a list of objects with 'value', 'name' and 'color_hint'.")
        classes = []
        for item in items:
            missing = [key for key in ("value", "name", "color_hint") if key not in item]
            if missing:
                raise InputError(f"The class {item} lacks {', '.join(missing)}.")
            classes.append(
                LandCoverClass(item["value"], str(item["name"]), str(item["color_hint"]), item.get("description", ""))
            )
        return cls(tuple(classes))


def fallback_colour(index: int) -> str:
    """Return a colour for the class at a position (0-254) of a legend that names none; no two are the same."""
    if index < len(_FALLBACK):
        return _FALLBACK[index]
    hue = index * _GOLDEN_RATIO % 1.0  # neighbours lie far apart on the colour circle
    lightness = _LIGHTNESSES[index % len(_LIGHTNESSES)]
    return "".join(f"{round(255 * part):02X}" for part in colorsys.hls_to_rgb(hue, lightness, _SATURATION))


def legend_of(raster: RasterReader) -> Legend | None:
    """Return the legend that a class raster carries in its category names and colour table, or None."""
    names: Mapping[int, str] = {v: n for v, n in raster.categories.items() if 1 <= v <= 255 and n.strip()}
    if not names:
        return None
    classes = []
    for index, (value, name) in enumerate(sorted(names.items())):
        rgba = raster.colours.get(value)
        colour = "".join(f"{part:02X}" for part in rgba[:3]) if rgba else fallback_colour(index)
        classes.append(LandCoverClass(value, name, colour))
    return Legend(tuple(classes))


def qml_style(legend: Legend) -> str:
    """Return a QGIS style (.qml) that paints band 1 with the legend's colours and names; nodata stays transparent."""
    root = ElementTree.Element("qgis", version="3.22.0", styleCategories="Symbology")
    pipe = ElementTree.SubElement(root, "pipe")
    renderer = ElementTree.SubElement(
        pipe, "rasterrenderer", type="paletted", band="1", opacity="1", alphaBand="-1", nodataColor=""
    )
    palette = ElementTree.SubElement(renderer, "colorPalette")
    for item in legend:
        ElementTree.SubElement(
            palette,
            "paletteEntry",
            value=str(item.value),
            label=item.name,
            color=f"#{item.colour.lower()}",
            alpha="255",
        )
    header = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
    return header + ElementTree.tostring(root, encoding="unicode")


def write_style(raster: Path, legend: Legend) -> None:
    """Write a QGIS style (`.qml`) beside a class raster.

    Raises:
        OutputError: if it cannot be written.
    """
    try:
        raster.with_suffix(".qml").write_text(qml_style(legend), encoding="utf-8")
    except OSError as error:
        raise OutputError(f"The style could not be written ({error.strerror}). Check the free space.") from error
