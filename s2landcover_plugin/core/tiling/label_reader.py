# SPDX-License-Identifier: GPL-2.0-or-later
"""Labels on the grid of an image, as class values."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

import numpy as np

from ..class_raster import ClassArray, check_class_raster, class_legend, class_values, legend_for
from ..errors import GridError
from ..labels.raster_labels import RecodingOptions, recoding_of
from ..legend import Legend
from ..raster import Grid, RasterReader, Window, crs_name, open_raster, same_crs

_ALL = np.s_[:, :]


class LabelReader:
    """An open raster of labels, pixel by pixel on an image's.

    Args:
        raster: class values, or whatever the table lists: other values, or red, green and blue.
        options: what its numbers become.

    Attributes:
        path: the raster.
        legend: the classes as the table or else the raster names them, or None.

    Raises:
        InputError: if the raster holds no classes, or the table has nothing for it.
    """

    def __init__(self, raster: RasterReader, options: RecodingOptions) -> None:
        is_plain = options.table is None and len(raster.bands) == 1
        if is_plain:
            check_class_raster(raster)
        self.path = raster.path
        self._raster = raster
        self._recoding = None if is_plain else recoding_of(raster, options)
        self.legend = _legend(raster, options)

    @property
    def unlisted(self) -> Mapping[str, int]:
        """How many labels were read so far that the table does not list, by value or colour."""
        return self._recoding.unlisted if self._recoding else {}

    def read(self, window: Window) -> ClassArray:
        """Return class values, shape (rows, cols), 0 where there is no label.

        Raises:
            RasterError: if the raster is damaged.
            InputError: if it holds anything but classes.
        """
        if self._recoding is None:
            array, valid = self._raster.read_masked(window)
            return class_values(array[0], valid[0], self.path)
        array, valid = self._raster.read_masked(window, range(1, self._recoding.bands + 1))
        return self._recoding.recode(array, valid, _ALL).codes


@contextlib.contextmanager
def open_labels(path: str, image: RasterReader, options: RecodingOptions) -> Iterator[LabelReader]:
    """Open labels of an image.

    Where neither has a coordinate reference system, they belong together pixel by pixel.

    Args:
        path: the raster.
        image: the open image.
        options: what its numbers become.

    Raises:
        RasterError: if it cannot be opened.
        InputError: if it holds no classes, or the table has nothing for it.
        GridError: if it does not lie on the image's grid.
    """
    with open_raster(path) as raster:
        labels = LabelReader(raster, options)
        _check_same_grid(image, raster)
        yield labels


def _legend(raster: RasterReader, options: RecodingOptions) -> Legend | None:
    own = class_legend(raster)
    if options.table is None:
        return own
    stated = options.table.legend
    if not options.keep or own is None:
        return stated
    return legend_for({*own.values, *(stated.values if stated else ())}, stated, own)


def _check_same_grid(image: RasterReader, labels: RasterReader) -> None:
    if not image.grid.crs and not labels.grid.crs:
        _check_same_size(image, labels)
        return
    if image.grid.crs:
        labels.check_crs()
    if image.grid.matches(labels.grid) and same_crs(image.grid.crs, labels.grid.crs):
        return
    raise GridError(
        f"The labels are not on the image's grid: {labels.path} has {_describe(labels.grid)}, {image.path} has "
        f"{_describe(image.grid)}. Bring the labels onto the image first (Align labels with an image)."
    )


def _check_same_size(image: RasterReader, labels: RasterReader) -> None:
    sizes = [(raster.grid.width, raster.grid.height) for raster in (labels, image)]
    if sizes[0] != sizes[1]:
        has, other = (f"{width} x {height} pixels" for width, height in sizes)
        raise GridError(
            f"{labels.path} has {has} and {image.path} has {other}; without a coordinate reference system, labels need "
            "the size of their image. Check that images and labels are given in the same order."
        )


def _describe(grid: Grid) -> str:
    (width, height), (x, y) = grid.pixel_size, grid.xy(0, 0)
    return (
        f"{grid.width} x {grid.height} pixels of {width:g} x {height:g} from ({x:.10g}, {y:.10g}) "
        f"in {crs_name(grid.crs)}"
    )
