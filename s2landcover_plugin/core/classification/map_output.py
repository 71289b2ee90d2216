# SPDX-License-Identifier: GPL-2.0-or-later
"""The files of a land-cover map: classes with names, colours and a QGIS style, and how sure the model was."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from ..errors import OutputError
from ..legend import NODATA, Legend, qml_style
from ..raster import Grid, RasterSpec, RasterWriter, Window, create_raster

CONFIDENCE_NODATA = 255
"""Pixels without data in a confidence raster; 0 is a legal confidence."""


def class_spec(grid: Grid, legend: Legend, tags: Mapping[str, str]) -> RasterSpec:
    """Return a class raster with its legend."""
    return RasterSpec(
        grid,
        "uint8",
        ("land cover",),
        nodata=NODATA,
        colours={NODATA: (0, 0, 0, 0), **legend.colours},
        categories=legend.names,
        tags=tags,
    )


def confidence_spec(grid: Grid, tags: Mapping[str, str]) -> RasterSpec:
    """Return a raster of per cent, 0-100."""
    return RasterSpec(grid, "uint8", ("confidence (%)",), nodata=CONFIDENCE_NODATA, tags=tags)


class MapWriter:
    """Writes class rows, and confidence rows if wanted. Use it as a context manager; files are complete after it."""

    def __init__(
        self, classes: Path, confidence: Path | None, grid: Grid, legend: Legend, tags: Mapping[str, str]
    ) -> None:
        self._values = np.array(legend.values, np.uint8)
        self._style = classes.with_suffix(".qml"), qml_style(legend)
        self._stack = contextlib.ExitStack()
        with contextlib.ExitStack() as stack:
            self._classes = stack.enter_context(create_raster(str(classes), class_spec(grid, legend, tags)))
            self._confidence: RasterWriter | None = None
            if confidence is not None:
                self._confidence = stack.enter_context(create_raster(str(confidence), confidence_spec(grid, tags)))
            self._stack = stack.pop_all()

    def class_values(self, positions: NDArray[np.uint8], valid: NDArray[np.bool_]) -> NDArray[np.uint8]:
        """Return pixel values of positions in the legend; nodata where not valid."""
        return np.where(valid, self._values[positions], np.uint8(NODATA))

    def write(self, window: Window, values: NDArray[np.uint8], probability: NDArray[np.float32]) -> None:
        """Write finished rows.

        Args:
            window: where they go.
            values: class values, shape (rows, cols); nodata where there is none.
            probability: of those classes, 0-1, same shape.

        Raises:
            OutputError: if a file cannot be written.
        """
        self._classes.write(values[np.newaxis], window)
        if self._confidence is not None:
            percent = np.rint(100 * np.clip(probability, 0, 1)).astype(np.uint8)
            percent[values == NODATA] = CONFIDENCE_NODATA
            self._confidence.write(percent[np.newaxis], window)

    def __enter__(self) -> MapWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)
        if error is None:
            self._write_style()

    def _write_style(self) -> None:
        path, text = self._style
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise OutputError(f"The style could not be written ({error.strerror}). Check the free space.") from error
