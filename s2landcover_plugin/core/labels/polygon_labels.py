# SPDX-License-Identifier: GPL-2.0-or-later
"""Labels in polygons with a class field."""

from __future__ import annotations

import collections
from collections.abc import Mapping, Sequence

import numpy as np

from ..errors import GridError, InputError
from ..legend import NODATA, LandCoverClass, Legend, fallback_colour
from ..raster import Grid, Window
from ..vector import PolygonBurner, edges, read_features, rings
from .class_table import ClassTable, plain_label
from .overlap import LabelBlock, nested_axis
from .raster_labels import RecodingOptions

SAMPLES = 8
"""Parts that each side of an image pixel is divided into to count what polygons cover."""


class PolygonLabels:
    """A `LabelSource` over polygons: a place belongs to the last one, in the layer's order, that it lies in.

    Args:
        burner: the polygons, with their classes.
        image: the image's grid.
        factor: parts that each side of an image pixel is divided into; whichever polygon a part's middle lies in, it
            belongs to as a whole.
        legend: the classes as the polygons name them, or None.
        unlisted: how many polygons have a class that the class table does not list, by value or name.
    """

    pixel_bytes = block_bytes = 0

    def __init__(
        self, burner: PolygonBurner, image: Grid, factor: int, legend: Legend | None, unlisted: Mapping[str, int]
    ) -> None:
        self.legend = legend
        self.factor = factor
        self.unlisted = unlisted
        self._burner = burner
        self._down, self._across = nested_axis(image.height, factor), nested_axis(image.width, factor)

    def read(self, window: Window) -> LabelBlock | None:
        """See `LabelSource`."""
        codes = self._burner.burn(window, self.factor)
        occurring = np.zeros(256, np.bool_)
        occurring[codes] = True
        values = tuple(np.flatnonzero(occurring).tolist())
        if values == (NODATA,):
            return None
        down = self._down.overlap(window.row, window.row + window.height)
        return LabelBlock(codes, values, down, self._across.overlap(window.col, window.col + window.width))

    def forget(self) -> None:
        """See `LabelSource`; polygons stay in memory."""


def open_polygons(
    path: str, layer: str, field: str, image: Grid, options: RecodingOptions, at_centres: bool
) -> PolygonLabels:
    """Read the polygons near an image.

    Args:
        path: a vector file.
        layer: its layer; empty for the first.
        field: holds the class, as value or name.
        image: the image's grid.
        options: what values become. Without a table, whole numbers stay as they are, and names are numbered in
            alphabetical order.
        at_centres: whether only the centres of image pixels are looked up.

    Raises:
        RasterError: if the file cannot be read.
        InputError: if there is no such layer or field, or its values are no classes.
        GridError: if no polygon lies on the image, or one of the two has no CRS.
    """
    if not image.crs:
        raise GridError("The image has no coordinate reference system, so that polygons cannot be laid on it.")
    found = read_features(path, layer, field, image)
    values = [plain_label(value) for value in found.values]
    if not values:
        raise GridError(f"No polygon of {path} lies on the image; check both layers' coordinate reference systems.")
    if options.table is None:
        legend = _own_legend(path, field, values)
        codes, unlisted = _named(values, legend), collections.Counter[str]()
    else:
        legend = None
        codes, unlisted = _recoded(path, values, options.table, options.keep)
    outlines = edges([rings(geometry) for geometry in found.geometries], image, found.crs)
    return PolygonLabels(PolygonBurner(outlines, codes), image, 1 if at_centres else SAMPLES, legend, unlisted)


def _own_legend(path: str, field: str, values: Sequence[str | int | None]) -> Legend:
    names = sorted({str(value) for value in values if value is not None and not _is_class(value)})
    numbers = sorted({value for value in values if isinstance(value, int) and _is_class(value)})
    if names and numbers:
        raise InputError(
            f"The field '{field}' of {path} holds names such as '{names[0]}' beside class values such as {numbers[0]}; "
            "give a class table that lists what they become."
        )
    if len(names) > 255 or (not names and not numbers):
        raise InputError(
            f"The field '{field}' of {path} holds {len(names)} classes; expected 1 to 255. Give a class table that "
            "merges them, or another field."
        )
    classes = enumerate(names, start=1) if names else ((number, f"Class {number}") for number in numbers)
    return Legend(
        tuple(LandCoverClass(value, name, fallback_colour(index)) for index, (value, name) in enumerate(classes))
    )


def _is_class(value: str | int) -> bool:
    return isinstance(value, int) and 0 <= value <= 255


def _named(values: Sequence[str | int | None], legend: Legend) -> list[int]:
    by_name = {item.name: item.value for item in legend}
    return [
        value if isinstance(value, int) and _is_class(value) else by_name.get(str(value), NODATA) for value in values
    ]


def _recoded(
    path: str, values: Sequence[str | int | None], table: ClassTable, keep: bool
) -> tuple[list[int], collections.Counter[str]]:
    codes: list[int] = []
    unlisted: collections.Counter[str] = collections.Counter()
    for value in values:
        code = None if value is None else table.of(value)
        if code is None:
            unlisted[str(value)] += 1
            code = value if keep and isinstance(value, int) else NODATA
        if not NODATA <= code <= 255:
            raise InputError(
                f"{path} holds the value {code}; classes are numbers from 1 to 255. Give a class table that lists it, "
                "and drop what is not listed."
            )
        codes.append(code)
    return codes, unlisted
