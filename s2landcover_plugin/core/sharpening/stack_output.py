# SPDX-License-Identifier: GPL-2.0-or-later
"""The files of a stack: its bands, and what makes its pixels valid."""

from __future__ import annotations

import contextlib
import functools
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from ..class_raster import ClassArray
from ..legend import NODATA, LandCoverClass, Legend, write_style
from ..pipeline import WriteBehind
from ..products.scene_classification import SceneClassification
from ..progress import Progress
from ..radiometry import STORED_NODATA, BoolArray
from ..raster import RasterSpec, RasterWriter, Window, create_raster
from ..validity import grown

VALIDITY_LEGEND = Legend(
    (
        LandCoverClass(1, "Valid", "2E8B57", "Every band holds data"),
        LandCoverClass(2, "Incomplete", "F0C05A", "Some bands hold data, others do not"),
        LandCoverClass(3, "Masked", "8C6BB1", "Data hidden by the classes of the scene classification to mask"),
    )
)
"""Values of a validity raster; 0 where no band holds data. Only 1 and 2 hold data in the stack."""

VALID, INCOMPLETE, MASKED = VALIDITY_LEGEND.values


class HiddenPixels:
    """Where the scene classification shows classes that the user does not want to see.

    Args:
        classification: that of the product, on the grid of the stack; None if nothing is hidden.
        classes: values to hide.
        growth: how far around them pixels are hidden, too, pixels.
    """

    def __init__(self, classification: SceneClassification | None, classes: tuple[int, ...], growth: int = 0) -> None:
        self._classification = classification if classes else None
        self._classes, self._growth = classes, growth

    def of(self, window: Window) -> BoolArray | None:
        """Return where a window is hidden, shape (rows, cols); None if nothing ever is."""
        classification = self._classification
        if classification is None:
            return None
        shown = functools.partial(classification.shows, self._classes)
        return grown(shown, classification.grid, window, self._growth)


class StackWriter:
    """Writes a stack block by block, in a thread of its own. Use it as a context manager.

    Args:
        path: the GeoTIFF to write.
        spec: what it is like.
        hidden: which pixels become nodata in all bands.
        validity: the GeoTIFF for the classes of `VALIDITY_LEGEND`; None for none.

    Attributes:
        values: how many pixels of all bands hold data so far.
    """

    def __init__(self, path: Path, spec: RasterSpec, hidden: HiddenPixels, validity: Path | None = None) -> None:
        self.values = 0
        self._hidden = hidden
        self._validity_path = validity
        self._closing = contextlib.ExitStack()
        with contextlib.ExitStack() as opened:
            self._bands = opened.enter_context(create_raster(str(path), spec))
            self._validity: RasterWriter | None = None
            if validity is not None:
                self._validity = opened.enter_context(create_raster(str(validity), _validity_spec(spec)))
            self._behind = opened.enter_context(WriteBehind())
            self._closing = opened.pop_all()

    def write(self, stored: NDArray[np.uint16], window: Window, progress: Progress) -> None:
        """Hide what is to be hidden of a block, and have it written.

        Args:
            stored: shape (bands, rows, cols), as it is stored; belongs to the writer from now on.
            window: where it goes.
            progress: may cancel.

        Raises:
            OutputError: if this block, or the one before, cannot be written.
        """
        hidden = self._hidden.of(window)
        classes = None if self._validity is None else validity_classes(stored, hidden)
        if hidden is not None:
            stored[:, hidden] = STORED_NODATA
        self.values += int(np.count_nonzero(stored))
        self._behind.submit(self._write, stored, classes, window, progress)

    def _write(
        self, stored: NDArray[np.uint16], classes: ClassArray | None, window: Window, progress: Progress
    ) -> None:
        for number, plane in enumerate(stored, start=1):
            progress.check()
            self._bands.write(plane[np.newaxis], window, [number])
            self._bands.flush()
        if self._validity is not None and classes is not None:
            self._validity.write(classes[np.newaxis], window)

    def __enter__(self) -> StackWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.__exit__(kind, error, trace)
        if error is None and self._validity_path is not None:
            write_style(self._validity_path, VALIDITY_LEGEND)


def _validity_spec(stack: RasterSpec) -> RasterSpec:
    return RasterSpec(
        stack.grid,
        "uint8",
        ("validity",),
        nodata=NODATA,
        colours={NODATA: (0, 0, 0, 0), **VALIDITY_LEGEND.colours},
        categories=VALIDITY_LEGEND.names,
        tags=stack.tags,
        compress=stack.compress,
    )


def validity_classes(stored: NDArray[np.uint16], hidden: BoolArray | None = None) -> ClassArray:
    """Return what makes pixels valid: classes of `VALIDITY_LEGEND`, or 0 where no band holds data.

    Args:
        stored: the bands before anything is hidden, shape (bands, rows, cols).
        hidden: which pixels are going to be hidden, shape (rows, cols); none by default.
    """
    count = np.zeros(stored.shape[1:], dtype=np.uint8)
    for plane in stored:
        count += plane != STORED_NODATA
    classes: ClassArray = np.where(count == len(stored), np.uint8(VALID), np.uint8(INCOMPLETE))
    if hidden is not None:
        classes[hidden] = MASKED
    classes[count == 0] = NODATA
    return classes
