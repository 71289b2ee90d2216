# SPDX-License-Identifier: GPL-2.0-or-later
"""What describes a raster: grids, windows, bands, and the file to be made."""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import GridError

Colour = tuple[int, int, int, int]
"""Red, green, blue, alpha; 0-255 each."""

Array = NDArray[Any]


class Resampling(enum.Enum):
    """How pixels of one grid are brought onto another."""

    NEAREST = "nearest"
    BILINEAR = "bilinear"
    CUBIC = "cubic"
    AVERAGE = "average"
    MODE = "mode"


@dataclass(frozen=True)
class Window:
    """A rectangle of pixels: offsets from the upper left corner, and a size, in pixels."""

    col: int
    row: int
    width: int
    height: int

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise GridError(f"A window needs at least one pixel; got {self.width} x {self.height}.")

    @property
    def rows(self) -> slice:
        """The rows as a slice into an array."""
        return slice(self.row, self.row + self.height)

    @property
    def cols(self) -> slice:
        """The columns as a slice into an array."""
        return slice(self.col, self.col + self.width)

    def scaled(self, factor: int) -> Window:
        """Return the same rectangle on a grid whose pixels are `factor` times smaller."""
        return Window(self.col * factor, self.row * factor, self.width * factor, self.height * factor)

    def coarsened(self, factor: int) -> Window:
        """Return the same rectangle on a grid whose pixels are `factor` times larger; inverse of `scaled`."""
        return Window(self.col // factor, self.row // factor, self.width // factor, self.height // factor)


@dataclass(frozen=True)
class Grid:
    """Where a raster's pixels lie.

    Attributes:
        width: number of columns.
        height: number of rows.
        transform: GDAL's affine geotransform: x of the upper left corner, pixel width, row rotation, y of the upper
        left
            corner, column rotation, pixel height (negative where north is up); in units of the CRS.
        crs: coordinate reference system as WKT; empty when the raster has none.
    """

    width: int
    height: int
    transform: tuple[float, float, float, float, float, float]
    crs: str = ""

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise GridError(f"A raster needs at least one pixel; got {self.width} x {self.height}.")

    @property
    def pixel_size(self) -> tuple[float, float]:
        """Pixel width and height, both positive, in units of the CRS."""
        _, a, b, _, d, e = self.transform
        return math.hypot(a, d), math.hypot(b, e)

    @property
    def is_north_up(self) -> bool:
        """Whether rows run along the x axis and columns down the y axis."""
        _, a, b, _, d, e = self.transform
        return b == 0 and d == 0 and a > 0 and e < 0

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Smallest x, smallest y, largest x, largest y over the four corners."""
        corners = [self.xy(c, r) for c in (0, self.width) for r in (0, self.height)]
        xs, ys = zip(*corners)
        return min(xs), min(ys), max(xs), max(ys)

    def xy(self, col: float, row: float) -> tuple[float, float]:
        """Return the coordinates of a pixel position; whole numbers are upper left corners of pixels."""
        x0, a, b, y0, d, e = self.transform
        return x0 + a * col + b * row, y0 + d * col + e * row

    def window(self) -> Window:
        """Return the window that covers the grid."""
        return Window(0, 0, self.width, self.height)

    def around(self, window: Window, margin: int) -> Window:
        """Return a window with a margin of pixels on each side, as far as the grid reaches."""
        col, row = max(window.col - margin, 0), max(window.row - margin, 0)
        right = min(window.col + window.width + margin, self.width)
        bottom = min(window.row + window.height + margin, self.height)
        return Window(col, row, right - col, bottom - row)

    def crop(self, window: Window) -> Grid:
        """Return the grid of a window of this one (which may reach beyond it)."""
        x, y = self.xy(window.col, window.row)
        _, a, b, _, d, e = self.transform
        return Grid(window.width, window.height, (x, a, b, y, d, e), self.crs)

    def refined(self, factor: int) -> Grid:
        """Return the grid of the same extent with pixels `factor` times smaller."""
        x, a, b, y, d, e = self.transform
        transform = (x, a / factor, b / factor, y, d / factor, e / factor)
        return Grid(self.width * factor, self.height * factor, transform, self.crs)

    def matches(self, other: Grid, tolerance: float = 0.01) -> bool:
        """Say whether both grids have the same size and place their pixels alike.

        Args:
            other: the other grid; its CRS is not looked at.
            tolerance: how far the corners may lie apart, in pixels.
        """
        if (self.width, self.height) != (other.width, other.height):
            return False
        limit = tolerance * min(self.pixel_size)
        pairs = zip(self._corners(), other._corners())
        return all(math.hypot(p[0] - q[0], p[1] - q[1]) <= limit for p, q in pairs)

    def _corners(self) -> list[tuple[float, float]]:
        return [self.xy(0, 0), self.xy(self.width, 0), self.xy(0, self.height)]


@dataclass(frozen=True)
class BandInfo:
    """What a raster says about one of its bands.

    Attributes:
        name: the band's description; empty when it has none.
        dtype: numpy name of the pixel type.
        nodata: value of pixels without data, or None.
        scale: factor from stored numbers to physical ones.
        offset: added after the factor.
    """

    name: str
    dtype: str
    nodata: float | None = None
    scale: float = 1.0
    offset: float = 0.0

    @property
    def declares_scale(self) -> bool:
        """Whether the file states a scale or an offset of its own."""
        return (self.scale, self.offset) != (1.0, 0.0)


@dataclass(frozen=True)
class RasterSpec:
    """A GeoTIFF to be made.

    Attributes:
        grid: size, place and CRS.
        dtype: numpy name of the pixel type, one for all bands.
        band_names: one description a band; its length is the band count.
        nodata: value of pixels without data, or None.
        scale: factor from stored numbers to physical ones.
        offset: added after the factor.
        colours: colour table by pixel value, for one uint8 band.
        categories: class names by pixel value, written to the `.aux.xml` beside the file.
        tags: file-level metadata.
        compress: GDAL's name of the compression.
        block: largest side of the blocks in which the file is compressed, pixels; a multiple of 16.
    """

    grid: Grid
    dtype: str
    band_names: tuple[str, ...]
    nodata: float | None = None
    scale: float = 1.0
    offset: float = 0.0
    colours: Mapping[int, Colour] = field(default_factory=dict)
    categories: Mapping[int, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    compress: str = "DEFLATE"
    block: int = 256

    def creation_options(self) -> dict[str, str]:
        """Return GDAL's creation options for this file."""
        options = {"COMPRESS": self.compress, "TILED": "YES", "BIGTIFF": "IF_SAFER", "INTERLEAVE": "BAND"}
        if self.compress != "NONE":
            options["NUM_THREADS"] = "ALL_CPUS"
            options["PREDICTOR"] = "3" if np.dtype(self.dtype).kind == "f" else "2"
        if len(self.band_names) == 4 and self.dtype == "uint8":
            options["ALPHA"] = "NO"  # GDAL takes a fourth band of bytes for one of transparency
        # Small rasters must not be padded to a whole block for each band.
        for key, size in (("BLOCKXSIZE", self.grid.width), ("BLOCKYSIZE", self.grid.height)):
            options[key] = str(min(self.block, 16 * math.ceil(size / 16)))
        return options
