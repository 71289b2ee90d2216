# SPDX-License-Identifier: GPL-2.0-or-later
"""Labels in a raster, of any resolution and CRS."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..class_raster import class_legend
from ..errors import GridError, InputError
from ..legend import NODATA, Legend
from ..pixel_size import pixel_metres
from ..raster import Grid, RasterReader, Resampling, Window, same_crs
from .class_table import ClassTable
from .overlap import Axis, AxisOverlap, LabelBlock, nested_axis
from .recoding import ColourRecoding, Recoded, ValueRecoding, palette_table

MOST_SAMPLES = 16
"""Labels that are looked up along the side of an image pixel, at most, if they have to be reprojected."""

# How far a reprojected place may be off, in pixels that are looked up: GDAL's own default.
_TOLERANCE = 0.125


@dataclass(frozen=True)
class RecodingOptions:
    """What label values become.

    Attributes:
        table: classes by value, name or colour; None for values as they are.
        keep: whether what the table does not list stays as it is, instead of becoming no data.
        tolerance: of colours, 0-64.
    """

    table: ClassTable | None = None
    keep: bool = False
    tolerance: int = 0


class RasterLabels:
    """A `LabelSource` over a raster: one band of values, or three of colours.

    Label pixels that lie parallel to the image's are counted by the area that they cover. Others are looked up at the
    middles of equal parts of every image pixel, as many as the labels are finer, 16 x 16 at most.

    Args:
        raster: the labels.
        image: the image's grid.
        options: what its values become.
        at_centres: whether only the centres of image pixels are looked up.

    Raises:
        InputError: if the raster is neither of the two, or the table has nothing for it.
        GridError: if the two cannot be brought together.
    """

    def __init__(self, raster: RasterReader, image: Grid, options: RecodingOptions, at_centres: bool = False) -> None:
        self.legend: Legend | None = class_legend(raster)
        self._raster = raster
        self._recoding = recoding_of(raster, options)
        self._numbers = range(1, self._recoding.bands + 1)
        self._place(image, at_centres)
        self.factor = max(1, math.ceil(max(self._down.step, self._across.step) - 1e-6))
        self.pixel_bytes = round(_stored_bytes(raster) * max(self._down.step * self._across.step, 1))
        self.block_bytes = raster.block_rows * raster.grid.width * _stored_bytes(raster)

    @property
    def unlisted(self) -> Mapping[str, int]:
        """See `LabelSource`."""
        return self._recoding.unlisted

    def read(self, window: Window) -> LabelBlock | None:
        """See `LabelSource`.

        Raises:
            RasterError: if the file is damaged.
            InputError: if it holds anything but classes.
        """
        down = self._down.overlap(window.row, window.row + window.height)
        across = self._across.overlap(window.col, window.col + window.width)
        rows, cols = _existing(down, self._down.count), _existing(across, self._across.count)
        if rows.start >= rows.stop or cols.start >= cols.stop:
            return None
        place = Window(cols.start, rows.start, cols.stop - cols.start, rows.stop - rows.start)
        stored, valid = self._view.read_masked(place, self._numbers)
        owned = _within(down, rows), _within(across, cols)
        return _block(self._recoding.recode(stored, valid, owned), (rows, cols), down, across)

    def forget(self) -> None:
        """See `LabelSource`."""
        self._raster.forget()
        if self._grid is not None:
            self._view = self._raster.onto(self._grid, Resampling.NEAREST, tolerance=_TOLERANCE)

    def _place(self, image: Grid, at_centres: bool) -> None:
        """Lay the labels' rows and columns along the image's, reprojecting them if need be."""
        self._grid: Grid | None = None
        self._view = self._raster
        labels = self._raster.grid
        if not labels.crs and not image.crs:
            _check_same_size(self._raster, image)
            self._down, self._across = nested_axis(image.height, 1), nested_axis(image.width, 1)
            return
        self._raster.check_crs()
        if not image.crs:
            raise GridError(
                "The image has no coordinate reference system, and the labels have one; assign the image's first "
                "(Raster > Projections > Assign Projection)."
            )
        if not image.is_north_up:
            raise GridError("The image's grid is rotated; bring it upright first (Raster > Projections > Warp).")
        if same_crs(labels.crs, image.crs) and labels.is_north_up:
            self._across, self._down = _axis(labels, image, 0), _axis(labels, image, 3)
            return
        factor = 1 if at_centres else _samples(labels, image)
        self._grid = image.refined(factor)
        self._view = self._raster.onto(self._grid, Resampling.NEAREST, tolerance=_TOLERANCE)
        self._down, self._across = nested_axis(image.height, factor), nested_axis(image.width, factor)


def recoding_of(raster: RasterReader, options: RecodingOptions) -> ValueRecoding | ColourRecoding:
    """Return how a raster's numbers become class values.

    Raises:
        InputError: if it is neither one band of values nor three of colours, or the table has nothing for it.
    """
    count, dtype = len(raster.bands), np.dtype(raster.bands[0].dtype)
    if count in (3, 4) and dtype == np.uint8:
        return ColourRecoding(raster.path, options.table.colours if options.table else {}, options.tolerance)
    if count != 1 or dtype.kind not in "uif":
        raise InputError(
            f"{raster.path} has {count} band(s) of {dtype.name}; labels are one band of class values, or three bands "
            "(red, green, blue) of uint8. Extract the band that holds the classes (Raster > Conversion > Translate)."
        )
    if options.table is None:
        return ValueRecoding(raster.path, {value: value for value in range(1, 256)}, keep=True)
    values = palette_table(options.table, raster.categories, raster.colours, options.tolerance)
    if not values and not options.keep:
        raise InputError(
            f"The class table lists nothing that {raster.path} can have: it holds values, and has no names or colours "
            "for them that the table lists. List values (from_value), or keep what is not listed."
        )
    return ValueRecoding(raster.path, values, options.keep)


def _axis(labels: Grid, image: Grid, index: int) -> Axis:
    """Return the columns (index 0) or rows (index 3) of both, which are north up."""
    size = 1 if index == 0 else 5
    step = image.transform[size] / labels.transform[size]
    origin = (image.transform[index] - labels.transform[index]) / labels.transform[size]
    return Axis(labels.width if index == 0 else labels.height, origin, step)


def _samples(labels: Grid, image: Grid) -> int:
    """Return how many labels lie along the side of an image pixel, 1 to 16."""
    ratio = max(pixel_metres(image)) / min(pixel_metres(labels))
    return min(max(math.ceil(ratio - 0.05), 1), MOST_SAMPLES)


def _check_same_size(raster: RasterReader, image: Grid) -> None:
    labels = raster.grid
    if (labels.width, labels.height) != (image.width, image.height):
        raise GridError(
            f"Neither {raster.path} nor the image has a coordinate reference system, and they differ in size: "
            f"{labels.width} x {labels.height} and {image.width} x {image.height} pixels. Assign both theirs first "
            "(Raster > Projections > Assign Projection), or give labels of the image's size."
        )


def _stored_bytes(raster: RasterReader) -> int:
    return sum(np.dtype(info.dtype).itemsize for info in raster.bands)


def _existing(overlap: AxisOverlap, count: int) -> slice:
    return slice(max(overlap.start, 0), min(overlap.stop, count))


def _within(overlap: AxisOverlap, existing: slice) -> slice:
    """Return which of the labels that exist a window owns, from the first of them."""
    shift = existing.start - overlap.start
    start, stop = overlap.owned.start - shift, overlap.owned.stop - shift
    return slice(max(start, 0), max(stop, 0))


def _block(
    recoded: Recoded, existing: tuple[slice, slice], down: AxisOverlap, across: AxisOverlap
) -> LabelBlock | None:
    """Return labels with the rows and columns around them that do not exist."""
    if recoded.values == (NODATA,):
        return None
    margins = [
        (found.start - overlap.start, overlap.stop - found.stop) for found, overlap in zip(existing, (down, across))
    ]
    if any(sum(margin) for margin in margins):
        return LabelBlock(np.pad(recoded.codes, margins), (*recoded.values, NODATA), down, across)
    return LabelBlock(recoded.codes, recoded.values, down, across)
