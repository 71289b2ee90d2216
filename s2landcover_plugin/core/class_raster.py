# SPDX-License-Identifier: GPL-2.0-or-later
"""Class rasters of any origin: what makes one usable, its values as uint8, and its legend."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from .errors import GridError, InputError
from .legend import NODATA, LandCoverClass, Legend, fallback_colour, legend_of
from .raster import Array, Grid, RasterReader, Window, open_raster

ClassArray = NDArray[np.uint8]

Recode = Callable[[Array, Array], "tuple[Array, Array]"]
"""Takes stored numbers and which of them are valid, and returns both in other terms."""

# Windows that stay in the processor's cache, and are whole numbers of the 256 px blocks of tiled GeoTIFFs.
_WINDOW_WIDTH = 2048
_WINDOW_HEIGHT = 512


def open_class_raster(path: str) -> RasterReader:
    """Open a raster of class values: one band, with a CRS.

    Raises:
        RasterError: if it cannot be opened.
        InputError: if it has several bands, or complex numbers.
        GridError: if it has no CRS.
    """
    raster = open_raster(path)
    try:
        check_class_raster(raster)
        raster.check_crs()
    except (InputError, GridError):
        raster.close()
        raise
    return raster


def check_class_raster(raster: RasterReader) -> None:
    """Make sure that an open raster can hold class values.

    Raises:
        InputError: if it has several bands, or complex numbers.
    """
    if len(raster.bands) != 1:
        raise InputError(
            f"{raster.path} has {len(raster.bands)} bands; a class raster has one. Extract the band that holds the "
            "classes (Raster > Conversion > Translate)."
        )
    if np.dtype(raster.bands[0].dtype).kind not in "uif":
        raise InputError(f"{raster.path} holds {raster.bands[0].dtype} numbers; class values are whole numbers.")


def class_values(array: Array, valid: Array, path: str) -> ClassArray:
    """Return class values as uint8, with 0 (no data) wherever a pixel is not valid.

    Args:
        array: stored numbers of one band, any shape and type.
        valid: boolean, same shape.
        path: the raster, for the message.

    Raises:
        InputError: if a valid pixel holds anything but a whole number from 0 to 255.
    """
    if array.dtype == np.uint8:
        return np.asarray(array * valid, dtype=np.uint8)
    known = np.where(valid, array, NODATA)
    wrong = known[(known < 0) | (known > 255)]
    if wrong.size:
        raise InputError(
            f"{path} holds the value {wrong.flat[0]:g}; classes are whole numbers from 1 to 255, and 0 is no data. "
            "Declare the value as nodata if that is what it means, or reclassify the raster."
        )
    values = known.astype(np.uint8)
    if array.dtype.kind == "f" and (values != known).any():
        raise InputError(
            f"{path} holds the value {known[values != known].flat[0]:g}; classes are whole numbers from 1 to 255. "
            "It looks like a raster of measurements; give one of classes."
        )
    return values


def class_windows(grid: Grid) -> Iterator[Window]:
    """Return windows that cover a class raster, for reading it once with little memory."""
    for row in range(0, grid.height, _WINDOW_HEIGHT):
        for col in range(0, grid.width, _WINDOW_WIDTH):
            yield Window(col, row, min(_WINDOW_WIDTH, grid.width - col), min(_WINDOW_HEIGHT, grid.height - row))


class ClassScan:
    """A class raster read window by window, counting undeclared zeros on the way.

    Args:
        raster: to be read.
        recode: turns stored numbers into class values, if they are none yet.
    """

    def __init__(self, raster: RasterReader, recode: Recode | None = None) -> None:
        self._raster = raster
        self._recode = recode
        info = raster.bands[0]
        is_plain = info.dtype == "uint8" and info.nodata == NODATA and raster.is_masked_by_value()
        self._as_stored = is_plain and recode is None
        self._zeros = 0

    def read(self, window: Window) -> ClassArray:
        """Return the class values of a window, shape (rows, cols), 0 = no data."""
        if self._as_stored:
            stored: ClassArray = self._raster.read(window)[0]
            return stored
        array, valid = self._raster.read_masked(window)
        if self._recode is not None:
            array, valid = self._recode(array, valid)
        values = class_values(array[0], valid[0], self._raster.path)
        self._zeros += int(np.count_nonzero(valid) - np.count_nonzero(values))
        return values

    def note(self) -> str:
        """Say what happened to zeros that the file does not declare as nodata; empty without any."""
        if not self._zeros:
            return ""
        return (
            f"{self._zeros:,} pixels of {os.path.basename(self._raster.path)} have the value {NODATA}, which means no "
            "data here although the file does not say so. If it is a class, give it another value."
        )


def class_legend(raster: RasterReader) -> Legend | None:
    """Return the legend that a class raster carries, or None if it has none that names every class once."""
    with contextlib.suppress(InputError):
        return legend_of(raster)
    return None


def legend_for(values: Iterable[int], *legends: Legend | None) -> Legend:
    """Return a legend of exactly these class values.

    Args:
        values: class values, 1-255; at least one.
        legends: where to look for their names and colours, first come first served. A value that none of them knows
            becomes `Class <value>` in a fallback colour; a name already taken by another value gets its value added.
    """
    classes: list[LandCoverClass] = []
    for index, value in enumerate(sorted(set(values))):
        found = _find(value, legends) or LandCoverClass(value, f"Class {value}", fallback_colour(index))
        taken = any(item.name == found.name for item in classes)
        name = f"{found.name} ({value})" if taken else found.name
        classes.append(LandCoverClass(value, name, found.colour, found.description))
    return Legend(tuple(classes))


def _find(value: int, legends: Iterable[Legend | None]) -> LandCoverClass | None:
    return next((item for legend in legends for item in legend or () if item.value == value), None)
