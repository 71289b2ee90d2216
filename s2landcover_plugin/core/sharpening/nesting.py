# SPDX-License-Identifier: GPL-2.0-or-later
"""How the grids of a scene's bands fit into one another, and how to make them fit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from ..bands import BANDS
from ..errors import GridError
from ..raster import Grid, crs_name, same_crs

_TOLERANCE = 0.01
"""How far grids may lie apart to count as nested, in fine pixels."""


@dataclass(frozen=True)
class Nesting:
    """Grids of which each is a whole multiple of the finest.

    Attributes:
        grid: the finest grid.
        factors: every band's pixel size, in pixels of `grid`.
        moved: the grids onto which bands have to be brought that do not lie like that by themselves.
    """

    grid: Grid
    factors: Mapping[str, int]
    moved: Mapping[str, Grid]


def nest(grids: Mapping[str, Grid], finest: str) -> Nesting:
    """Return how bands nest in the grid of the finest.

    Raises:
        GridError: if one does not.
    """
    target = grids[finest]
    for band, grid in grids.items():
        if not same_crs(target.crs, grid.crs):
            raise GridError(
                f"Band {band} has the CRS {crs_name(grid.crs)} and band {finest} {crs_name(target.crs)}; expected "
                "bands of one scene. Leave one of them out, or have them aligned (ALIGN)."
            )
        if not _nests(grid, target):
            raise GridError(
                f"Band {band} ({_described(grid)}) does not nest in the grid of band {finest} ({_described(target)}); "
                "expected the same corners and a pixel size that is a whole multiple. Use the bands of one product as "
                "they were delivered, or have them aligned (ALIGN)."
            )
    return Nesting(target, {band: _factor(grid, target) for band, grid in grids.items()}, {})


def align(grids: Mapping[str, Grid], finest: str) -> Nesting:
    """Return grids that nest in that of a band, for all bands; those that nest already keep theirs.

    The grid of the result ends where the last whole pixel of the coarsest band does.

    Raises:
        GridError: if there is no such pixel, or a band has no CRS.
    """
    target = grids[finest]
    apart = [band for band, grid in grids.items() if not same_crs(target.crs, grid.crs) or not _nests(grid, target)]
    factors = {
        band: _nominal_factor(band, finest) if not same_crs(target.crs, grid.crs) else _factor(grid, target)
        for band, grid in grids.items()
    }
    if not apart:
        return Nesting(target, factors, {})
    step = math.lcm(*factors.values())
    width, height = target.width // step * step, target.height // step * step
    if not (width and height):
        raise GridError(
            f"Band {finest} ({_described(target)}) does not hold a single pixel of the coarsest band, {step} times as "
            "large; give bands of one scene."
        )
    common = Grid(width, height, target.transform, target.crs)
    return Nesting(common, factors, {band: _coarsened(common, factors[band]) for band in apart})


def _factor(grid: Grid, target: Grid) -> int:
    return max(1, round(grid.pixel_size[0] / target.pixel_size[0]))


def _nominal_factor(band: str, finest: str) -> int:
    """Return how many times larger a band's pixels are by nature, for grids whose units cannot be compared."""
    return max(1, BANDS[band].gsd // BANDS[finest].gsd)


def _nests(grid: Grid, target: Grid) -> bool:
    return grid.refined(_factor(grid, target)).matches(target, _TOLERANCE)


def _coarsened(grid: Grid, factor: int) -> Grid:
    x, a, b, y, d, e = grid.transform
    transform = (x, a * factor, b * factor, y, d * factor, e * factor)
    return Grid(grid.width // factor, grid.height // factor, transform, grid.crs)


def _described(grid: Grid) -> str:
    x, y = grid.xy(0, 0)
    return f"{grid.width} x {grid.height} pixels of {grid.pixel_size[0]:g} from {x:.10g}, {y:.10g}"
