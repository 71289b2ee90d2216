# SPDX-License-Identifier: GPL-2.0-or-later
"""The size of a raster's pixels on the ground, and bringing a raster to the one that a model was trained for."""

from __future__ import annotations

import math

from .errors import GridError
from .raster import Grid, RasterReader, Resampling, is_geographic

_TOLERANCE = 0.2
_METRES_PER_DEGREE = 111_320.0


def pixel_metres(grid: Grid) -> tuple[float, float]:
    """Return the width and height of a pixel in metres, at the middle of the raster."""
    width, height = grid.pixel_size
    if not is_geographic(grid.crs):
        return width, height
    _, south, _, north = grid.bounds
    shrink = max(math.cos(math.radians(0.5 * (south + north))), 0.01)
    return width * _METRES_PER_DEGREE * shrink, height * _METRES_PER_DEGREE


def fits_gsd(grid: Grid, gsd: float) -> bool:
    """Say whether the pixels are about of a size (metres)."""
    return all(abs(size / gsd - 1) <= _TOLERANCE for size in pixel_metres(grid))


def gsd_doubt(grid: Grid, gsd: float) -> str:
    """Return a warning if the pixels are of another size than the model was trained for (metres), else nothing."""
    if fits_gsd(grid, gsd):
        return ""
    width, height = pixel_metres(grid)
    resolution = grid.pixel_size[0] * gsd / width
    return (
        f"The raster's pixels are {width:.3g} m x {height:.3g} m, and the model was trained for {gsd:g} m: expect a "
        "worse map. Let the run resample it (RESAMPLE), or do so first with Raster > Projections > Warp "
        f"(gdal:warpreproject) and an output resolution of {resolution:.6g}."
    )


def resampled(raster: RasterReader, gsd: float, nodata: float | None = None) -> RasterReader:
    """Return a view of a raster with pixels of a size (metres) over the same ground; itself if it has them already.

    Larger pixels are the mean of the smaller ones, smaller ones are interpolated (bilinear).

    Args:
        raster: the raster.
        gsd: metres.
        nodata: the value of pixels without data where the raster does not declare it, so that none is blended.

    Raises:
        GridError: if the raster's grid is rotated.
    """
    grid = raster.grid
    if fits_gsd(grid, gsd):
        return raster
    if not grid.is_north_up:
        raise GridError(
            f"{raster.path} has a rotated grid, which cannot be resampled here; bring it to {gsd:g} m first "
            "(Raster > Projections > Warp)."
        )
    width, height = pixel_metres(grid)
    is_coarser = gsd > min(width, height)
    method = Resampling.AVERAGE if is_coarser else Resampling.BILINEAR
    return raster.onto(_with_pixels(grid, gsd), method, nodata)


def _with_pixels(grid: Grid, gsd: float) -> Grid:
    """Return a north-up grid from the same upper left corner; its last pixels may reach beyond the other's."""
    across, down = (gsd / size for size in pixel_metres(grid))
    x, width, a, y, b, height = grid.transform
    cols, rows = math.ceil(grid.width / across - 0.01), math.ceil(grid.height / down - 0.01)
    return Grid(max(cols, 1), max(rows, 1), (x, width * across, a, y, b, height * down), grid.crs)
