# SPDX-License-Identifier: GPL-2.0-or-later
"""An open raster, and one being written: what both backends have in common."""

from __future__ import annotations

import abc
import math
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TypeVar

import numpy as np

from ..errors import GridError, RasterError
from .model import Array, BandInfo, Colour, Grid, RasterSpec, Resampling, Window
from .sidecar import write_categories

_Reader = TypeVar("_Reader", bound="RasterReader")
_Writer = TypeVar("_Writer", bound="RasterWriter")


class RasterReader(abc.ABC):
    """An open raster. Use it as a context manager.

    Attributes:
        path: what was opened.
        grid: size, place and CRS.
        bands: what the file says about each band.
        block_rows: rows of the blocks in which the file is compressed.
        tags: file-level metadata.
        colours: colour table of a single band by pixel value; empty without one.
        categories: class names of the first band by pixel value; empty without any.
    """

    path: str
    grid: Grid
    bands: tuple[BandInfo, ...]
    block_rows: int
    tags: Mapping[str, str]
    colours: Mapping[int, Colour]
    categories: Mapping[int, str]

    def read(self, window: Window | None = None, bands: Sequence[int] | None = None) -> Array:
        """Read pixels.

        Args:
            window: a rectangle inside the grid; the whole raster by default.
            bands: band numbers from 1, in the order wanted; all by default.

        Returns:
            Stored numbers, shape (bands, rows, cols), in the smallest type that holds all of these bands.

        Raises:
            RasterError: if the file is damaged or has no such band.
            GridError: if the window reaches beyond the raster.
        """
        return self._read(_checked_window(self.grid, window), _checked_bands(self.path, self.bands, bands))

    def read_masked(self, window: Window | None = None, bands: Sequence[int] | None = None) -> tuple[Array, Array]:
        """Read pixels and which of them are valid.

        Returns:
            The array that `read` returns, and a boolean array of the same shape: False where the band's nodata value,
            NaN, an alpha band or a mask says that there is no data.
        """
        window = _checked_window(self.grid, window)
        numbers = _checked_bands(self.path, self.bands, bands)
        array = self._read(window, numbers)
        valid = _valid_by_value(array, [self.bands[number - 1] for number in numbers])
        for mask, number in zip(valid, numbers):
            if self._has_mask(number):
                mask &= self._read_mask(number, window) > 0
        return array, valid

    def is_masked_by_value(self) -> bool:
        """Say whether nothing but the bands' nodata values, and NaN, tells which pixels have no data."""
        return not any(self._has_mask(number) for number in range(1, len(self.bands) + 1))

    def onto(
        self,
        grid: Grid,
        resampling: Resampling = Resampling.NEAREST,
        nodata: float | None = None,
        tolerance: float = 0.0,
    ) -> RasterReader:
        """Return a view of this raster on another grid (and CRS), resampled as it is read.

        Pixels outside the source are masked. The view lives as long as this reader.

        Args:
            grid: the other grid.
            resampling: how pixels come onto it.
            nodata: the value of pixels without data where the raster does not declare it, so that none of them is
                blended with others.
            tolerance: how far a place may be off, in pixels of the other grid; a little is many times faster than
                none where the CRS differ.

        Raises:
            GridError: if only one of the two has a CRS, or no transformation between them exists.
        """
        if bool(grid.crs) != bool(self.grid.crs):
            raise GridError(f"{self.path} and the target grid must both have a CRS; assign the missing one first.")
        declared = any(info.nodata is not None for info in self.bands)
        view = self._view(grid, resampling, None if declared else nodata, tolerance)
        view.categories = self.categories
        return view

    def check_crs(self) -> None:
        """Make sure that the raster says where it lies.

        Raises:
            GridError: if it has no CRS.
        """
        if not self.grid.crs:
            raise GridError(
                f"{self.path} has no coordinate reference system; assign the right one first "
                "(Raster > Projections > Assign Projection)."
            )

    @abc.abstractmethod
    def forget(self, band: int | None = None) -> None:
        """Let go of the blocks that GDAL keeps in case they are read again: up to 5 % of the machine's memory.

        Args:
            band: number of the band whose blocks are meant, from 1; all by default, and with rasterio.
        """

    @abc.abstractmethod
    def close(self) -> None:
        """Close the file."""

    def __enter__(self: _Reader) -> _Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abc.abstractmethod
    def _read(self, window: Window, numbers: Sequence[int]) -> Array:
        """Read pixels of a window inside the grid and of bands that exist."""

    @abc.abstractmethod
    def _has_mask(self, number: int) -> bool:
        """Say whether something other than a value tells which pixels of a band are valid."""

    @abc.abstractmethod
    def _read_mask(self, number: int, window: Window) -> Array:
        """Read a band's mask, shape (rows, cols): 0 where there is no data."""

    @abc.abstractmethod
    def _view(self, grid: Grid, resampling: Resampling, nodata: float | None, tolerance: float) -> RasterReader:
        """Return the raster on another grid; `nodata` is None where the raster declares its own."""


class RasterWriter(abc.ABC):
    """A raster being written. Use it as a context manager; the file is complete after a clean exit.

    Attributes:
        path: the file.
        spec: what it is going to be.
    """

    path: str
    spec: RasterSpec

    def write(self, array: Array, window: Window | None = None, bands: Sequence[int] | None = None) -> None:
        """Write pixels of shape (bands, rows, cols) at a window; the whole raster and all bands by default.

        Raises:
            OutputError: if the disk is full or the file cannot be written.
        """
        numbers = range(1, len(self.spec.band_names) + 1) if bands is None else bands
        self._write(array, _checked_window(self.spec.grid, window), numbers)

    def flush(self) -> None:
        """Compress and write what GDAL has kept so far, instead of all at once when the file is closed.

        For writers of whole tiles: one that is continued later is compressed, and takes space, twice. With rasterio,
        which has no call for it, nothing happens.
        """
        return

    def close(self) -> None:
        """Finish the file and what belongs beside it.

        Raises:
            OutputError: if what was buffered cannot be written.
        """
        self._finish()
        if self.spec.categories:
            write_categories(self.path, self.spec.categories)

    def __enter__(self: _Writer) -> _Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self._abandon()

    @abc.abstractmethod
    def _write(self, array: Array, window: Window, numbers: Sequence[int]) -> None:
        """Write pixels at a window inside the grid."""

    @abc.abstractmethod
    def _finish(self) -> None:
        """Write what is buffered and close the file; nothing to do if it is closed."""

    @abc.abstractmethod
    def _abandon(self) -> None:
        """Close the file, whatever becomes of it."""


def _checked_window(grid: Grid, window: Window | None) -> Window:
    """Return the window, or the whole grid for None.

    Raises:
        GridError: if the window reaches beyond the grid.
    """
    if window is None:
        return grid.window()
    inside = min(window.col, window.row) >= 0
    if not inside or window.col + window.width > grid.width or window.row + window.height > grid.height:
        raise GridError(f"The window {window} reaches beyond the raster of {grid.width} x {grid.height} pixels.")
    return window


def _checked_bands(path: str, infos: Sequence[BandInfo], bands: Sequence[int] | None) -> list[int]:
    """Return the band numbers (from 1) to read, all for None.

    Raises:
        RasterError: if the raster has no such band.
    """
    numbers = list(range(1, len(infos) + 1)) if bands is None else list(bands)
    for number in numbers:
        if not 1 <= number <= len(infos):
            raise RasterError(f"{path} has {len(infos)} band(s); band {number} was asked for.")
    return numbers


def _valid_by_value(array: Array, infos: Sequence[BandInfo]) -> Array:
    """Say which pixels are neither the nodata value of their band nor NaN.

    Args:
        array: stored numbers, shape (bands, rows, cols).
        infos: one description a band.

    Returns:
        Boolean, same shape.
    """
    valid = np.isfinite(array) if array.dtype.kind == "f" else np.ones(array.shape, dtype=bool)
    for plane, mask, info in zip(array, valid, infos):
        if info.nodata is not None and not math.isnan(info.nodata):
            mask &= plane != _in_kind(info.nodata, array)
    return valid


def _in_kind(nodata: float, array: Array) -> float:
    """Return the value as an integer where the pixels are: comparing those with a float converts every pixel first."""
    return int(nodata) if array.dtype.kind in "iu" and float(nodata).is_integer() else nodata
