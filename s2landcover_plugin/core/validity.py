# SPDX-License-Identifier: GPL-2.0-or-later
"""Which pixels show the ground: masks of cloud, shadow and snow, saturation, and the edges of the data."""

from __future__ import annotations

import enum
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .errors import InputError
from .legend import NODATA
from .progress import Progress
from .radiometry import BoolArray
from .raster import Array, Grid, RasterReader, Resampling, Window

SATURATED = 64535
"""Least stored number of a saturated pixel: products mark it by 65535 (PSD, `SPECIAL_VALUE_TEXT`), which an offset of
-1000 lowers; no ground reflects as much."""

_STRIP_ROWS = 512


class Cover(enum.Enum):
    """What hides the ground."""

    CLOUD = "cloud"
    SHADOW = "shadow"
    SNOW = "snow"


class MaskKind(enum.Enum):
    """What the numbers of a mask mean.

    - SCL: the scene classification of level 2A
    - QA60: a bit mask, bit 10 opaque cloud, bit 11 cirrus (Sentinel-2 PSD; Earth Engine's band of that name)
    - PROBABILITY: probability of cloud, 0-100 (`MSK_CLDPRB`, s2cloudless)
    """

    SCL = "scl"
    QA60 = "qa60"
    PROBABILITY = "probability"


SCL_COVERS: Mapping[Cover, tuple[int, ...]] = {Cover.CLOUD: (8, 9, 10), Cover.SHADOW: (3,), Cover.SNOW: (11,)}
"""Classes of the scene classification by what they mean for the ground."""

KNOWN_COVERS: Mapping[MaskKind, frozenset[Cover]] = {
    MaskKind.SCL: frozenset(Cover),
    MaskKind.QA60: frozenset({Cover.CLOUD}),
    MaskKind.PROBABILITY: frozenset({Cover.CLOUD}),
}
"""What each kind of mask can tell."""

_QA60_CLOUD = 1 << 10 | 1 << 11
_NAMES = {
    MaskKind.SCL: re.compile(r"(^|[^a-z])scl([^a-z]|$)"),
    MaskKind.QA60: re.compile(r"qa_?60"),
    MaskKind.PROBABILITY: re.compile(r"cld_?prb|s2cloudless|cloud.?prob|^probability$"),
}


def has_values(array: Array, wanted: Sequence[int]) -> BoolArray:
    """Say where an array of any shape and type holds one of these numbers."""
    if array.dtype != np.uint8:
        return np.isin(array, list(wanted))
    table = np.zeros(256, dtype=bool)
    table[[value for value in wanted if 0 <= value <= 255]] = True
    found: BoolArray = table[array]
    return found


def left_out(array: Array, known: BoolArray, values: Sequence[int]) -> BoolArray:
    """Say where a mask leaves pixels out.

    Args:
        array: the mask's numbers, any shape.
        known: where the mask has data, same shape; elsewhere nothing is left out.
        values: the numbers that mean so; empty for all but 0.
    """
    marked: BoolArray = has_values(array, values) if values else array != 0
    return marked & known


def covers_of(array: Array, known: BoolArray, kind: MaskKind, threshold: float) -> dict[Cover, BoolArray]:
    """Say what a mask tells to lie over the ground; covers that this kind of mask does not know are absent.

    Args:
        array: the mask's numbers, any shape.
        known: where the mask has data, same shape.
        kind: what the numbers mean.
        threshold: probability from which on there is cloud, per cent.
    """
    if kind is MaskKind.SCL:
        return {cover: has_values(array, classes) & known for cover, classes in SCL_COVERS.items()}
    if kind is MaskKind.QA60:
        return {Cover.CLOUD: (array.astype(np.int64) & _QA60_CLOUD != 0) & known}
    return {Cover.CLOUD: (array >= threshold) & known}


def dilated(mask: BoolArray, radius: int) -> BoolArray:
    """Return a mask grown by a disc of this radius in pixels, shape (rows, cols)."""
    if radius < 1 or not mask.any():
        return mask
    rows, cols = mask.shape
    counts = np.zeros((rows, cols + 2 * radius + 1), dtype=np.int32)
    counts[:, radius + 1 :] = np.cumsum(np.pad(mask, ((0, 0), (0, radius))), axis=1)
    grown = np.zeros_like(mask)
    reach = min(radius, rows - 1)
    for down in range(-reach, reach + 1):
        half = math.isqrt(radius**2 - down**2)
        # Marked pixels within `half` columns, from the difference of two running counts.
        wide = counts[:, radius + half + 1 : radius + half + 1 + cols] > counts[:, radius - half : radius - half + cols]
        top, bottom = max(down, 0), rows + min(down, 0)
        grown[top:bottom] |= wide[top - down : bottom - down]
    return grown


def grown(marked: Callable[[Window], BoolArray], grid: Grid, window: Window, radius: int) -> BoolArray:
    """Return what is marked in a window, grown by a disc; what is marked around the window counts, too.

    Args:
        marked: says what is marked in any window of the grid, shape (rows, cols).
        grid: of the raster.
        window: inside it.
        radius: of the disc, pixels.
    """
    around = grid.around(window, radius)
    top, left = window.row - around.row, window.col - around.col
    return dilated(marked(around), radius)[top : top + window.height, left : left + window.width]


def saturated(stored: Array) -> BoolArray:
    """Say where a band is saturated, shape (rows, cols).

    Args:
        stored: reflectance x 10000, shape (bands, rows, cols).
    """
    found: BoolArray = np.logical_or.reduce(stored >= SATURATED, axis=0)
    return found


@dataclass(frozen=True)
class ValidityOptions:
    """What takes pixels away besides missing data.

    Attributes:
        covers: what hides the ground.
        dilation: how far the covers are grown, pixels: the rims of clouds and shadows are blurred.
        edge: how near to missing data pixels do not count, pixels: detectors' edges are odd.
        drop_saturated: whether pixels with a saturated band do not count.
    """

    covers: tuple[Cover, ...] = ()
    dilation: int = 0
    edge: int = 0
    drop_saturated: bool = False

    def __post_init__(self) -> None:
        if min(self.dilation, self.edge) < 0:
            raise InputError(
                f"Growing masks by {self.dilation} and data edges by {self.edge} pixels is impossible; give 0 or more."
            )

    @property
    def reach(self) -> int:
        """How far around a pixel one has to look, pixels."""
        return max(self.dilation if self.covers else 0, self.edge)


def usable(stored: Array, valid: BoolArray, found: Mapping[Cover, BoolArray], options: ValidityOptions) -> BoolArray:
    """Say which pixels show the ground, shape (rows, cols).

    Args:
        stored: reflectance x 10000, shape (bands, rows, cols).
        valid: where every band holds data, shape (rows, cols).
        found: what lies over the ground; covers that are absent are nowhere.
        options: what takes pixels away.
    """
    result = valid & ~dilated(~valid, options.edge) if options.edge else valid.copy()
    for cover in options.covers:
        if cover in found:
            result &= ~dilated(found[cover], options.dilation)
    if options.drop_saturated:
        result &= ~saturated(stored)
    return result


class CoverMask:
    """A mask of cloud (shadow, snow) on the grid of an image, nearest neighbour.

    Args:
        raster: the mask, open.
        grid: the image's.
        band: number of the band in it, from 1.
        kind: what its numbers mean.
        threshold: probability from which on there is cloud, per cent.
    """

    def __init__(self, raster: RasterReader, grid: Grid, band: int, kind: MaskKind, threshold: float = 50.0) -> None:
        self.kind = kind
        self.grid = grid
        self.path = raster.path
        self._view = raster if raster.grid.matches(grid) else raster.onto(grid, Resampling.NEAREST)
        self._band, self._threshold = band, threshold

    @property
    def known(self) -> frozenset[Cover]:
        """What the mask can tell."""
        return KNOWN_COVERS[self.kind]

    def covers(self, window: Window) -> dict[Cover, BoolArray]:
        """Return where each cover that the mask knows lies in a window, shape (rows, cols).

        Raises:
            RasterError: if the mask is damaged.
        """
        return self.look(window)[0]

    def look(self, window: Window) -> tuple[dict[Cover, BoolArray], BoolArray]:
        """Return what `covers` does, and where the mask has seen anything at all, shape (rows, cols).

        Raises:
            RasterError: if the mask is damaged.
        """
        (array,), (known,) = self._view.read_masked(window, [self._band])
        # The scene classification does not declare its value for no data; elsewhere 0 is a clear sky, even if a file of
        # several bands declares it as no data.
        seen = known & (array != NODATA) if self.kind is MaskKind.SCL else known | (array == 0)
        return covers_of(array, known, self.kind, self._threshold), seen


def kind_named(name: str) -> MaskKind | None:
    """Return which kind of mask a file or band of this name is; None if none."""
    return next((kind for kind, pattern in _NAMES.items() if pattern.search(name.lower())), None)


def kind_of(raster: RasterReader) -> tuple[int, MaskKind] | None:
    """Return which band of a raster is a mask of cloud, from 1, and of which kind, by its name; None if none is.

    The file's own name counts where the raster has one band.
    """
    names = [band.name for band in raster.bands]
    if len(names) == 1:
        names[0] = f"{names[0]} {Path(raster.path).stem}"
    kinds = enumerate(map(kind_named, names), start=1)
    return next(((number, kind) for number, kind in kinds if kind is not None), None)


def cover_shares(mask: CoverMask, progress: Progress) -> dict[Cover, float]:
    """Return the share of what a mask has seen of a scene under each cover that it knows, 0-1.

    Raises:
        RasterError: if the mask is damaged.
        Cancelled: if the user asked to stop.
    """
    grid, counts, total = mask.grid, dict.fromkeys(Cover, 0), 0
    for row in range(0, grid.height, _STRIP_ROWS):
        progress.check()
        window = Window(0, row, grid.width, min(_STRIP_ROWS, grid.height - row))
        covers, seen = mask.look(window)
        total += int(np.count_nonzero(seen))
        for cover, where in covers.items():
            counts[cover] += int(np.count_nonzero(where))
    return {cover: counts[cover] / max(total, 1) for cover in Cover if cover in mask.known}
