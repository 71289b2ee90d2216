# SPDX-License-Identifier: GPL-2.0-or-later
"""What tiles are cut from: an image as reflectance, and labels on the same grid."""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..bands import identify_bands
from ..class_raster import ClassArray, class_legend, class_values, open_class_raster
from ..errors import BandError, GridError
from ..legend import Legend
from ..pixel_size import pixel_metres
from ..progress import Progress
from ..radiometry import STORED_DTYPE, STORED_SCALE, BoolArray, Radiometry, to_stored
from ..raster import Grid, RasterReader, Window, crs_name, open_raster, same_crs
from ..scene import LEVEL_TAG, Scene, radiometry_of

_NAMELESS = "image"


@dataclass(frozen=True)
class TileSource:
    """An open image, with or without labels.

    Attributes:
        name: what the tiles are named after.
        bands: Sentinel-2 ids.
        scene: the image, with those bands.
        labels: class raster on the image's grid, or None.
        legend: the classes that the labels name themselves, or None.
    """

    name: str
    bands: tuple[str, ...]
    scene: Scene
    labels: RasterReader | None
    legend: Legend | None

    @property
    def grid(self) -> Grid:
        """Where the pixels lie."""
        return self.scene.grid

    @property
    def gsd(self) -> float:
        """Ground sampling distance in metres, at the middle of the scene."""
        width, height = pixel_metres(self.grid)
        return round(math.sqrt(width * height), 3)

    def read_image(self, window: Window) -> tuple[NDArray[np.uint16], BoolArray]:
        """Return reflectance x 10000, shape (bands, rows, cols), 0 where a band has no data, and where all have."""
        numbers, valid = self.scene.read(window)
        if self.scene.dtype == STORED_DTYPE and set(self.scene.radiometry) == {Radiometry(STORED_SCALE)}:
            # Already as it is to be written; a valid zero is kept apart from nodata as `to_stored` does it.
            return np.asarray(np.maximum(numbers, 1) * valid, dtype=np.uint16), valid
        return to_stored(self.scene.to_reflectance(numbers), valid), valid

    def read_labels(self, window: Window) -> ClassArray | None:
        """Return class values, shape (rows, cols), 0 = no label; None without labels."""
        if self.labels is None:
            return None
        array, valid = self.labels.read_masked(window)
        return class_values(array[0], valid[0], self.labels.path)

    def describe(self) -> dict[str, Any]:
        """Return what is known of the scene, for `DatasetInfo.sources`."""
        known = {
            "image": Path(self.scene.raster.path).name,
            "labels": Path(self.labels.path).name if self.labels else None,
            "level": self.scene.raster.tags.get(LEVEL_TAG),
            "crs": crs_name(self.grid.crs),
        }
        return {**known, "transform": list(self.grid.transform), "width": self.grid.width, "height": self.grid.height}


@contextlib.contextmanager
def open_source(image: str, labels: str, band_order: Sequence[str], progress: Progress) -> Iterator[TileSource]:
    """Open an image, and labels if `labels` names a raster.

    Args:
        image: raster with Sentinel-2 bands.
        labels: class raster on the same grid; may be empty.
        band_order: the Sentinel-2 band of each band of the image, for one whose bands are not named; may be empty.
        progress: hears what had to be assumed.

    Raises:
        RasterError: if one of the two cannot be opened.
        BandError: if nothing says which band is which.
        GridError: if there is no CRS, or labels and image do not lie on the same grid.
        InputError: if the labels are not a class raster.
    """
    with contextlib.ExitStack() as stack:
        raster = stack.enter_context(open_raster(image))
        raster.check_crs()
        bands, numbers = named_bands(raster, band_order, progress)
        label_raster = stack.enter_context(open_class_raster(labels)) if labels else None
        if label_raster is not None:
            _check_same_grid(raster, label_raster)
        scene = Scene(raster, numbers, radiometry_of(raster, numbers, progress))
        legend = class_legend(label_raster) if label_raster else None
        yield TileSource(source_name(image), bands, scene, label_raster, legend)


def source_name(path: str) -> str:
    """Return a name that a file's tiles can be called after: letters, digits, hyphens and underscores of any script."""
    return re.sub(r"[^\w-]+", "_", Path(path).stem).strip("_") or _NAMELESS


def named_bands(
    raster: RasterReader, band_order: Sequence[str], progress: Progress
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return the Sentinel-2 bands of a raster, and their numbers (from 1), in the raster's order.

    Raises:
        BandError: if no band is named, one is named twice, or `band_order` does not fit.
    """
    count = len(raster.bands)
    ids = identify_bands(raster, band_order)
    found = [(band, number) for number, band in enumerate(ids, start=1) if band is not None]
    bands = tuple(band for band, _ in found)
    if not bands:
        raise BandError(
            f"Nothing says which Sentinel-2 band each of the {count} band(s) of {raster.path} is. Give the band order, "
            "or name the bands (pansharpen does)."
        )
    if len(bands) < count:
        progress.info(f"{count - len(bands)} band(s) that are not Sentinel-2 bands are left out.")
    return bands, tuple(number for _, number in found)


def _check_same_grid(image: RasterReader, labels: RasterReader) -> None:
    if image.grid.matches(labels.grid) and same_crs(image.grid.crs, labels.grid.crs):
        return
    raise GridError(
        f"The labels are not on the image's grid: {labels.path} has {_describe(labels.grid)}, {image.path} has "
        f"{_describe(image.grid)}. Align the labels first (Raster > Align Rasters, nearest neighbour)."
    )


def _describe(grid: Grid) -> str:
    (width, height), (x, y) = grid.pixel_size, grid.xy(0, 0)
    return (
        f"{grid.width} x {grid.height} pixels of {width:g} x {height:g} from ({x:.10g}, {y:.10g}) "
        f"in {crs_name(grid.crs)}"
    )
