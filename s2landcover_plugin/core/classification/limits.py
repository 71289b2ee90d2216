# SPDX-License-Identifier: GPL-2.0-or-later
"""Which pixels of a scene get a class: an extent, polygons, and a mask of what to leave out.

They limit what is written, not what the network sees: a pixel has the same class as in a map of the whole scene if
windows overlap by twice the model's context; if by less, all but a vanishing share of pixels have.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..errors import GridError, InputError
from ..radiometry import BoolArray
from ..raster import Array, Grid, RasterReader, Resampling, Window, open_raster
from ..validity import grown, left_out
from ..vector.inside import Polygon, PolygonMask
from .windows import round_up

Bounds = tuple[float, float, float, float]
"""Smallest x, smallest y, largest x, largest y."""

_SNAP = 1e-3  # pixels that an extent may reach beyond a pixel's edge without taking the next pixel in


@dataclass(frozen=True)
class Limits:
    """What is asked for.

    Attributes:
        extent: in the scene's CRS; it grows to whole pixels. None for the whole scene.
        area: polygons in the scene's CRS; pixels whose centre lies in none of them are left out. Empty for all.
        mask: path of a raster of which some values are left out; empty for none. It is brought onto the scene's grid
            (nearest neighbour); where it has no data, nothing is left out.
        mask_values: those values; empty for all but 0.
        mask_growth: how far what is left out is grown, pixels of the scene: the rims of clouds are blurred.
    """

    extent: Bounds | None = None
    area: tuple[Polygon, ...] = ()
    mask: str = ""
    mask_values: tuple[int, ...] = ()
    mask_growth: int = 0

    def __post_init__(self) -> None:
        if self.mask_growth < 0:
            raise InputError(f"A mask cannot be grown by {self.mask_growth} pixels; give 0 or more.")
        if self.mask_values and not self.mask:
            raise InputError("There are values to leave out, but no mask that has them; give both or none.")


@dataclass(frozen=True)
class Region:
    """A part of a scene.

    Attributes:
        written: what the map covers, in pixels of the scene.
        processed: what the network sees for it.
    """

    written: Window
    processed: Window

    def crop(self, top: int, rows: Array) -> tuple[Array, Window] | None:
        """Return what of finished rows is written, and where to.

        Args:
            top: their first row, from the top of `processed`.
            rows: shape (bands, rows, cols), as wide as `processed`.

        Returns:
            Pixels and their window in the map; None if none of them is written.
        """
        above = self.written.row - self.processed.row
        first, last = max(above - top, 0), min(above + self.written.height - top, rows.shape[1])
        if first >= last:
            return None
        left = self.written.col - self.processed.col
        window = Window(0, top + first - above, self.written.width, last - first)
        return rows[:, first:last, left : left + self.written.width], window


class Wanted:
    """Says which pixels of a scene get a class.

    Args:
        window: the part of the scene that is wanted.
        polygons: what lies in none of them is left out; None for no polygons.
        mask: on the scene's grid; None for no mask.
        limits: says what the mask's values mean.
    """

    def __init__(self, window: Window, polygons: PolygonMask | None, mask: RasterReader | None, limits: Limits) -> None:
        self.window = window
        self._polygons, self._mask, self._limits = polygons, mask, limits

    def select(self, window: Window, valid: BoolArray) -> BoolArray:
        """Return which pixels of a window (of the scene) get a class.

        Args:
            window: anywhere in the scene.
            valid: where the scene has data, shape (rows, cols).

        Raises:
            RasterError: if the mask is damaged.
        """
        if self._polygons is None and self._mask is None:
            return valid
        selected = valid.copy()
        if self._polygons is not None:
            selected &= self._polygons.inside(window)
        if self._mask is not None:
            marked = functools.partial(self._masked, self._mask)
            selected &= ~grown(marked, self._mask.grid, window, self._limits.mask_growth)
        return selected

    def _masked(self, mask: RasterReader, window: Window) -> BoolArray:
        (values,), (known,) = mask.read_masked(window, [1])
        return left_out(values, known, self._limits.mask_values)


@contextlib.contextmanager
def open_limits(limits: Limits, grid: Grid) -> Iterator[Wanted]:
    """Open the mask and find the part of a scene that is wanted.

    Raises:
        RasterError: if the mask cannot be opened.
        GridError: if extent or area lie outside the scene, or the mask cannot be brought onto its grid.
    """
    window = grid.window() if limits.extent is None else _snapped(grid, limits.extent)
    polygons = PolygonMask(grid, limits.area) if limits.area else None
    if polygons is not None:
        window = _intersection(window, polygons.window)
    with contextlib.ExitStack() as stack:
        mask = None
        if limits.mask:
            source = stack.enter_context(open_raster(limits.mask))
            mask = source if source.grid.matches(grid) else source.onto(grid, Resampling.NEAREST)
        yield Wanted(window, polygons, mask, limits)


def region(grid: Grid, written: Window, context: int, multiple: int) -> Region:
    """Return what a network has to see for the pixels of a window.

    Args:
        grid: of the scene.
        written: the window.
        context: pixels around a pixel that the network looks at.
        multiple: what window positions are multiples of.
    """
    top, left = ((max(start - context, 0) // multiple) * multiple for start in (written.row, written.col))
    bottom, right = (
        min(round_up(end + context, multiple), length)
        for end, length in (
            (written.row + written.height, grid.height),
            (written.col + written.width, grid.width),
        )
    )
    return Region(written, Window(left, top, right - left, bottom - top))


def _snapped(grid: Grid, extent: Bounds) -> Window:
    """Return the window of all pixels that an extent touches."""
    left, bottom, right, top = extent
    corners = ((left, bottom), (left, top), (right, top), (right, bottom))
    inset = _SNAP * max(grid.pixel_size)
    middle = (0.5 * (left + right), 0.5 * (bottom + top))
    # A hair smaller, so that an edge on a pixel's edge does not take the next pixel in.
    inner = tuple(tuple(c - np.sign(c - m) * inset for c, m in zip(corner, middle)) for corner in corners)
    try:
        return PolygonMask(grid, [[inner]]).window
    except GridError as error:
        x0, y0, x1, y1 = grid.bounds
        raise GridError(
            f"The extent ({left:g} to {right:g}, {bottom:g} to {top:g}) lies outside the image, which reaches from "
            f"{x0:g} to {x1:g} and from {y0:g} to {y1:g}."
        ) from error


def _intersection(first: Window, second: Window) -> Window:
    col, row = max(first.col, second.col), max(first.row, second.row)
    right = min(first.col + first.width, second.col + second.width)
    bottom = min(first.row + first.height, second.row + second.height)
    if col >= right or row >= bottom:
        raise GridError("The extent and the area have nothing in common; leave one of them out.")
    return Window(col, row, right - col, bottom - row)
