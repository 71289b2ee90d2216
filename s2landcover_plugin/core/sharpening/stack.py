# SPDX-License-Identifier: GPL-2.0-or-later
"""A product's bands as one stack of nested grids, read window by window as reflectance."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType

import numpy as np

from ..bands import GUIDE_BANDS
from ..errors import BandError, GridError
from ..products.product import BandSource, Product
from ..radiometry import BoolArray, FloatArray
from ..raster import Grid, RasterReader, Resampling, Window, crs_name, open_raster
from .nesting import align, nest

Bounds = tuple[float, float, float, float]
"""Smallest x, smallest y, largest x, largest y."""

_ROUNDING = 0.01
"""How far an extent's edge may lie beside a pixel's, in pixels, to be the same."""


@dataclass(frozen=True)
class StackPlan:
    """How bands of a product come together.

    Attributes:
        grid: the finest grid, that of the result.
        factors: pixel size of every band wanted, in pixels of `grid`, in the order of the result.
        guides: the bands that sharpen the others; empty when nothing is coarser than `grid`.
        scene: size of the product's finest grid, and where its corner lies, in pixels of `grid`; neither column nor
            row is positive, and both are multiples of every factor.
        moved: the grids, of the whole scene, onto which bands are brought as they are read.
    """

    grid: Grid
    factors: Mapping[str, int]
    guides: tuple[str, ...]
    scene: Window
    moved: Mapping[str, Grid] = field(default_factory=dict)

    @property
    def coarse(self) -> tuple[str, ...]:
        """The bands that have to be sharpened."""
        return tuple(band for band, factor in self.factors.items() if factor > 1)

    def within(self, extent: Bounds) -> StackPlan:
        """Return the plan for a part of the scene.

        Args:
            extent: in the CRS of the grid; it grows to whole pixels of the coarsest band.

        Raises:
            GridError: if it lies outside the scene.
        """
        window = _snapped(self.grid, extent, math.lcm(*self.factors.values()))
        scene = replace(self.scene, col=self.scene.col - window.col, row=self.scene.row - window.row)
        return replace(self, grid=self.grid.crop(window), scene=scene)


def plan_stack(product: Product, bands: Sequence[str], alignment: bool = False) -> StackPlan:
    """Decide on the grid of the result and what has to be sharpened.

    What counts is the grids as they are, not the bands' nominal resolution: a product whose bands all lie on one grid
    is stacked as it is.

    Args:
        product: the product.
        bands: ids of the bands wanted; all in the product.
        alignment: whether bands that do not nest are brought onto the grid of the 10 m bands.

    Raises:
        GridError: if a band has no CRS, or the grids do not nest and are not to be aligned.
        BandError: if bands have to be sharpened and a guide band is missing.
    """
    guides = [band for band in GUIDE_BANDS if band in product.bands]
    grids = {band: product.bands[band].grid for band in {*bands, *guides}}
    finest = min(guides if alignment and guides else grids, key=lambda band: (grids[band].pixel_size[0], band))
    if not grids[finest].crs:
        raise GridError(
            f"{product.bands[finest].path} has no CRS, so its place is not known; assign one first "
            "(Raster > Projections > Assign Projection)."
        )
    nesting = (align if alignment else nest)(grids, finest)
    factors = {band: nesting.factors[band] for band in bands}
    if all(factor == 1 for factor in factors.values()):
        return StackPlan(nesting.grid, factors, (), nesting.grid.window(), nesting.moved)
    unfit = [band for band in GUIDE_BANDS if nesting.factors.get(band) != 1]
    if unfit:
        raise BandError(
            f"Sharpening needs {', '.join(GUIDE_BANDS)} at 10 m; the product {product.name} has no such "
            f"{', '.join(unfit)}. It has {', '.join(product.bands)}."
        )
    return StackPlan(nesting.grid, factors, GUIDE_BANDS, nesting.grid.window(), nesting.moved)


class StackReader:
    """The open rasters of a product. Use it as a context manager.

    Args:
        product: the product.
        bands: ids of the bands to read.
        plan: how they come together; by default, every band is read as its own file has it.
    """

    def __init__(self, product: Product, bands: Sequence[str], plan: StackPlan | None = None) -> None:
        self._closing = contextlib.ExitStack()
        self._plan = plan
        self._sources = {band: product.bands[band] for band in bands}
        files: dict[str, RasterReader] = {}
        self._readers: dict[str, RasterReader] = {}
        with contextlib.ExitStack() as opened:
            for band, source in self._sources.items():
                if source.path not in files:
                    files[source.path] = opened.enter_context(open_raster(source.path))
                self._readers[band] = files[source.path]
                if plan is not None and band in plan.moved:
                    view = files[source.path].onto(plan.moved[band], Resampling.BILINEAR, source.nodata)
                    self._readers[band] = opened.enter_context(view)
            self._closing = opened.pop_all()

    def read(self, band: str, window: Window) -> tuple[FloatArray, BoolArray]:
        """Return reflectance (float32; 0 where there is no data) and validity of a window.

        Args:
            band: its id.
            window: in pixels of the band; where there is a plan, counted from the corner of the plan's grid, beyond
                which it may reach as far as the scene does.

        Returns:
            Two arrays of shape (rows, cols).

        Raises:
            RasterError: if the file is damaged.
        """
        source: BandSource = self._sources[band]
        stored, valid = self._readers[band].read_masked(self._placed(band, window), [source.index])
        known = valid[0] if source.nodata is None else valid[0] & (stored[0] != source.nodata)
        reflectance = source.radiometry.to_reflectance(stored[0])
        reflectance[~known] = 0.0
        return reflectance, known

    def read_on(self, band: str, window: Window) -> tuple[FloatArray, BoolArray]:
        """Read as `read` does, windows that follow one another from the top of a scene to the bottom.

        Every block of the file is decoded once, and let go of as soon as its last row is read: a row of blocks of all
        the JPEG 2000 files of a product takes 170 MB.
        """
        reader, index = self._readers[band], self._sources[band].index
        start = self._placed(band, window).row
        split = (start + window.height) // reader.block_rows * reader.block_rows - start
        if split <= 0:
            return self.read(band, window)
        upper = self.read(band, replace(window, height=split))
        reader.forget(index)
        if split == window.height:
            return upper
        lower = self.read(band, replace(window, row=window.row + split, height=window.height - split))
        return np.concatenate([upper[0], lower[0]]), np.concatenate([upper[1], lower[1]])

    def by_file(self, bands: Sequence[str]) -> list[tuple[str, ...]]:
        """Return the bands in groups, by the file that they are in: files may be read at the same time, bands not."""
        groups: dict[str, list[str]] = {}
        for band in bands:
            groups.setdefault(self._sources[band].path, []).append(band)
        return [tuple(group) for group in groups.values()]

    def read_guides(self, guides: Sequence[str], window: Window) -> tuple[FloatArray, BoolArray]:
        """Return the guides' reflectance, shape (guides, rows, cols), and where all of them are valid."""
        planes = np.empty((len(guides), window.height, window.width), dtype=np.float32)
        valid = np.ones((window.height, window.width), dtype=bool)
        for plane, band in zip(planes, guides):
            plane[...], known = self.read(band, window)
            valid &= known
        return planes, valid

    def forget(self) -> None:
        """Let go of what GDAL keeps of the files in case it is read again."""
        for reader in self._readers.values():
            reader.forget()

    def _placed(self, band: str, window: Window) -> Window:
        """Return a window of the plan's grid as one of the band's raster."""
        if self._plan is None:
            return window
        factor = self._plan.factors.get(band, 1)
        scene = self._plan.scene
        return replace(window, col=window.col - scene.col // factor, row=window.row - scene.row // factor)

    def __enter__(self) -> StackReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()


def _snapped(grid: Grid, extent: Bounds, step: int) -> Window:
    """Return the window that holds an extent, its edges on multiples of `step` or on the grid's own."""
    left, bottom, right, top = extent
    x, a, b, y, d, e = grid.transform
    corners = np.array([(left, bottom), (left, top), (right, bottom), (right, top)], dtype=np.float64)
    places = np.linalg.solve(np.array([[a, b], [d, e]]), (corners - (x, y)).T) / step
    # Edges that are meant to lie on the grid miss it by rounding.
    first = np.floor(places.min(axis=1) + _ROUNDING) * step
    last = np.ceil(places.max(axis=1) - _ROUNDING) * step
    (col, row), (end_col, end_row) = np.maximum(first, 0), np.minimum(last, (grid.width, grid.height))
    if not (end_col > col and end_row > row):
        asked = _described_bounds(extent)
        raise GridError(
            f"The extent {asked} lies outside the product, which reaches from {_described_bounds(grid.bounds)} "
            f"({crs_name(grid.crs)}). Choose one within it."
        )
    return Window(int(col), int(row), int(end_col - col), int(end_row - row))


def _described_bounds(bounds: Bounds) -> str:
    left, bottom, right, top = bounds
    return f"{left:.10g}, {bottom:.10g} to {right:.10g}, {top:.10g}"
