# SPDX-License-Identifier: GPL-2.0-or-later
"""Small rasters made in code."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from s2landcover_plugin.core.raster import Grid, RasterSpec, create_raster, crs_from_authority
from s2landcover_plugin.core.sharpening.multiresolution import box_sum


def utm_grid(width: int, height: int, gsd: float = 10.0) -> Grid:
    return Grid(width, height, (600000.0, gsd, 0.0, 5000000.0, 0.0, -gsd), crs_from_authority("EPSG:32633"))


def write_scene(path: Path, stored: np.ndarray, names: tuple[str, ...] = ("B02", "B03", "B04"), **fields) -> str:
    """Write stored numbers (bands, rows, cols); by default as this package stores reflectance."""
    grid = fields.pop("grid", None) or utm_grid(stored.shape[2], stored.shape[1])
    fields = {"nodata": 0, "scale": 0.0001, **fields}
    with create_raster(str(path), RasterSpec(grid, stored.dtype.name, names, **fields)) as writer:
        writer.write(stored)
    return str(path)


def random_stored(width: int, height: int, bands: int = 3, seed: int = 0) -> np.ndarray:
    """Return stored reflectance x 10000, 200-5000, smooth enough to look like fields."""
    random = np.random.default_rng(seed)
    coarse = random.integers(200, 5000, (bands, -(-height // 4), -(-width // 4)))
    return coarse.repeat(4, axis=1).repeat(4, axis=2)[:, :height, :width].astype(np.uint16)


def related_bands(rows, cols, seed=0):
    """Guides and a fourth band that depends on them, on other terms in either half: reflectance at the fine grid."""
    rng = np.random.default_rng(seed)
    blocks = np.kron(rng.random((3, rows // 4 + 1, cols // 5 + 1)), np.ones((1, 4, 5)))[:, :rows, :cols]
    texture = box_sum(rng.standard_normal((3, rows, cols)).astype(np.float32), 1) / 9
    guides = (0.05 + 0.2 * blocks + 0.03 * texture).astype(np.float32)
    left = np.arange(cols) < cols // 2
    band = np.where(left, 0.6 * guides[0] + 0.3 * guides[2], 1.1 * guides[1] - 0.2 * guides[0] + 0.1)
    return guides, band.astype(np.float32)
