# SPDX-License-Identifier: GPL-2.0-or-later
"""Class rasters made in code."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from s2landcover_plugin.core.raster import Grid, RasterSpec, create_raster, crs_from_authority

UTM = crs_from_authority("EPSG:32633")
GRID = Grid(70, 50, (600000.0, 10.0, 0.0, 5000000.0, 0.0, -10.0), UTM)


def write(path: Path, array: np.ndarray, grid: Grid = GRID, **fields) -> str:
    """Write numbers of shape (rows, cols)."""
    fields = {"nodata": 0, **fields}
    with create_raster(str(path), RasterSpec(grid, array.dtype.name, ("class",), **fields)) as writer:
        writer.write(array[np.newaxis])
    return str(path)


def centre(col: int, row: int, grid: Grid = GRID) -> tuple[float, float]:
    """Return the coordinates of a pixel's centre."""
    return grid.xy(col + 0.5, row + 0.5)
