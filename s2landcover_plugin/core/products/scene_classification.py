# SPDX-License-Identifier: GPL-2.0-or-later
"""The scene classification (SCL) of level 2A products: what Sen2Cor took every pixel for.

Values, names and colours are those of ESA's Sen2Cor Configuration and User Manual (S2-PDGS-MPC-L2A-SUM).
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import numpy as np

from ..class_raster import ClassArray, class_values
from ..errors import InputError, ProductError
from ..legend import NODATA, LandCoverClass, Legend, write_style
from ..progress import Progress
from ..radiometry import BoolArray
from ..raster import Grid, RasterSpec, Resampling, Window, create_raster, open_raster
from ..validity import has_values
from .model import BandSource, Product

SCL_LEGEND = Legend(
    (
        LandCoverClass(1, "Saturated or defective", "FF0000"),
        LandCoverClass(2, "Topographic casted shadows", "2F2F2F", "Dark area pixels in products before baseline 04.00"),
        LandCoverClass(3, "Cloud shadows", "643200"),
        LandCoverClass(4, "Vegetation", "00A000"),
        LandCoverClass(5, "Not vegetated", "FFE65A"),
        LandCoverClass(6, "Water", "0000FF"),
        LandCoverClass(7, "Unclassified", "808080"),
        LandCoverClass(8, "Cloud medium probability", "C0C0C0"),
        LandCoverClass(9, "Cloud high probability", "FFFFFF"),
        LandCoverClass(10, "Thin cirrus", "64C8FF"),
        LandCoverClass(11, "Snow or ice", "FF96FF"),
    )
)

_BLOCK_ROWS = 1024


class SceneClassification:
    """A product's scene classification on another grid, nearest neighbour. Use it as a context manager."""

    def __init__(self, source: BandSource, grid: Grid) -> None:
        self.grid = grid
        self._source = source
        self._closing = contextlib.ExitStack()
        with contextlib.ExitStack() as opened:
            file = opened.enter_context(open_raster(source.path))
            self._view = opened.enter_context(file.onto(grid, Resampling.NEAREST))
            self._closing = opened.pop_all()

    def read(self, window: Window) -> ClassArray:
        """Return class values of a window, shape (rows, cols); 0 where there is none.

        Raises:
            RasterError: if the file is damaged.
            InputError: if it holds anything but class values.
        """
        stored, valid = self._view.read_masked(window, [self._source.index])
        return class_values(stored[0], valid[0], self._source.path)

    def shows(self, classes: Sequence[int], window: Window) -> BoolArray:
        """Say where a window shows one of these classes, shape (rows, cols)."""
        return has_values(self.read(window), classes)

    def __enter__(self) -> SceneClassification:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()


def scene_classification(product: Product, grid: Grid) -> SceneClassification:
    """Open a product's scene classification on a grid.

    Raises:
        ProductError: if it has none.
        GridError: if it has no CRS.
    """
    if product.scl is None:
        raise ProductError(
            f"The product {product.name} has no scene classification (SCL), which only level 2A products have; "
            "neither write it nor mask by its classes."
        )
    return SceneClassification(product.scl, grid)


def checked_classes(values: Sequence[int]) -> tuple[int, ...]:
    """Return class values of the scene classification, rising.

    Raises:
        InputError: if one is no such value.
    """
    wrong = [str(value) for value in values if value not in SCL_LEGEND.values]
    if wrong:
        raise InputError(
            f"{', '.join(wrong)} is no class of the scene classification; expected values from "
            f"{SCL_LEGEND.values[0]} to {SCL_LEGEND.values[-1]}."
        )
    return tuple(sorted(set(values)))


def write_scene_classification(
    classification: SceneClassification, path: Path, progress: Progress, compress: str = "DEFLATE"
) -> None:
    """Write the classification with its colours and names, and a QGIS style beside it.

    Args:
        classification: what to write.
        path: the GeoTIFF to write.
        progress: hears how far it is.
        compress: GDAL's name of the compression.

    Raises:
        RasterError: if its file is damaged.
        OutputError: if the outputs cannot be written.
        Cancelled: if the user asked to stop.
    """
    grid = classification.grid
    colours = {NODATA: (0, 0, 0, 0), **SCL_LEGEND.colours}
    spec = RasterSpec(grid, "uint8", ("SCL",), NODATA, colours=colours, categories=SCL_LEGEND.names, compress=compress)
    with create_raster(str(path), spec) as writer:
        for row in range(0, grid.height, _BLOCK_ROWS):
            progress.check()
            window = Window(0, row, grid.width, min(_BLOCK_ROWS, grid.height - row))
            writer.write(classification.read(window)[np.newaxis], window)
            progress.fraction((row + window.height) / grid.height)
    write_style(path, SCL_LEGEND)
