# SPDX-License-Identifier: GPL-2.0-or-later
"""Writing a Sentinel-2 L2A product in ESA's SAFE format (baseline 05.11), with what readers use of it."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from demo.acquisition import Acquisition
from demo.safe_xml import product_xml, tile_xml
from demo.sensor import Observation
from s2landcover_plugin.core.raster import Grid, RasterSpec, convert_raster, create_raster

_LOSSLESS = {"QUALITY": "100", "REVERSIBLE": "YES"}


def write_safe(folder: Path, acquisition: Acquisition, observation: Observation) -> Path:
    """Write a product, replacing one of the same name.

    Args:
        folder: where the SAFE folder goes.
        acquisition: where and when.
        observation: the images.

    Returns:
        The SAFE folder.

    Raises:
        OutputError: if this GDAL cannot write JPEG 2000, or the folder cannot be written to.
    """
    safe = folder / f"{acquisition.product}.SAFE"
    if safe.exists():
        shutil.rmtree(safe)
    images = _images(acquisition, observation)
    for name, (gsd, image) in images.items():
        _write_jp2(safe / f"{name}.jp2", image, acquisition.grid, gsd)
    (safe / "MTD_MSIL2A.xml").write_text(product_xml(acquisition, tuple(images)), encoding="utf-8")
    (safe / "GRANULE" / acquisition.granule / "MTD_TL.xml").write_text(tile_xml(acquisition), encoding="utf-8")
    return safe


def _images(acquisition: Acquisition, observation: Observation) -> dict[str, tuple[int, NDArray[np.generic]]]:
    """Return resolution and pixels of every image by its path inside the product."""
    images: dict[str, tuple[int, NDArray[np.generic]]] = {}
    for (band, gsd), numbers in observation.bands.items():
        images[acquisition.image(band, gsd)] = gsd, numbers[None]
    for gsd, colour in observation.natural_colour.items():
        images[acquisition.image("TCI", gsd)] = gsd, colour
    for gsd, scl in observation.scl.items():
        images[acquisition.image("SCL", gsd)] = gsd, scl[None]
    return images


def _write_jp2(path: Path, image: NDArray[np.generic], grid: Grid, gsd: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    names = ("",) * image.shape[0]
    spec = RasterSpec(_coarser(grid, gsd // 10), image.dtype.name, names, compress="NONE")
    with tempfile.TemporaryDirectory() as scratch:
        plain = str(Path(scratch) / "image.tif")
        with create_raster(plain, spec) as writer:
            writer.write(image)
        convert_raster(plain, str(path), "JP2OpenJPEG", _LOSSLESS)


def _coarser(grid: Grid, factor: int) -> Grid:
    x, a, b, y, d, e = grid.transform
    transform = (x, a * factor, b * factor, y, d * factor, e * factor)
    return Grid(grid.width // factor, grid.height // factor, transform, grid.crs)
