# SPDX-License-Identifier: GPL-2.0-or-later
"""Two class rasters brought together: one grid, one set of classes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ..class_raster import ClassArray, ClassScan, class_legend, class_windows
from ..errors import GridError, InputError
from ..legend import Legend
from ..raster import Grid, RasterReader, Window, same_crs
from .class_matching import Matching, Translation, confusion_matrix, same_values, translation
from .figures import ConfusionMatrix, Counts
from .remap import ClassRows, TableRecoding, fitted


@dataclass(frozen=True)
class ClassPair:
    """How the classes of two rasters belong together.

    Attributes:
        map_legend: the first raster's classes, if it names them.
        translation: from the second raster's values (after `recode`) to the first's.
        recode: turns the second raster's numbers into class values as they are read, if there is a table.
        matched_by: value, name or table.
    """

    map_legend: Legend | None
    translation: Translation
    recode: TableRecoding | None
    matched_by: str

    @classmethod
    def of(
        cls, first: RasterReader, second: RasterReader, matching: Matching, remap: ClassRows | None = None
    ) -> ClassPair:
        """Match the classes of two rasters by their legends, or as a table says.

        Raises:
            InputError: if they cannot be matched as wanted.
        """
        legends = class_legend(first), class_legend(second)
        if remap is not None:
            table = fitted(remap, legends[0], matching)
            named = replace(same_values(table.table.legend), note=table.note)
            return cls(legends[0], named, TableRecoding(second, table.table), "table")
        found = translation(*legends, matching)
        return cls(legends[0], found, None, "name" if found.by_name else "value")

    def matrix(self, table: Counts) -> ConfusionMatrix:
        """Return the confusion matrix of counted value pairs, shape (256, 256), rows = first raster, 0 = no data."""
        return confusion_matrix(self.translation.recoded(table), self.map_legend, self.translation.legend)


class PairScan:
    """Reads two class rasters on the grid of the first, window by window.

    Args:
        first: its grid is the one of both.
        second: any grid and CRS; resampled by nearest neighbour as it is read.
        classes: how their classes belong together.

    Raises:
        GridError: if the two do not overlap, or the first is rotated and the grids differ.
    """

    def __init__(self, first: RasterReader, second: RasterReader, classes: ClassPair) -> None:
        check_overlap(first, second)
        self.grid = first.grid
        self.resampled = not same_grid(first.grid, second.grid)
        self._classes = classes
        self._scans = (ClassScan(first), ClassScan(aligned(first, second), classes.recode))

    @property
    def windows(self) -> tuple[Window, ...]:
        """What covers the grid."""
        return tuple(class_windows(self.grid))

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user should know of what was read; sentences."""
        unlisted = self._classes.recode.note if self._classes.recode else ""
        return tuple(note for note in (*(scan.note() for scan in self._scans), unlisted) if note)

    def read(self, window: Window) -> tuple[ClassArray, ClassArray]:
        """Return the class values of both in a window, each by its own numbering, 0 = no data, shape (rows, cols)."""
        return self._scans[0].read(window), self._scans[1].read(window)

    def pairs(self) -> Iterator[tuple[Window, ClassArray, ClassArray]]:
        """Yield what `read` returns of every window, and the window."""
        for window in self.windows:
            yield (window, *self.read(window))


def same_grid(first: Grid, second: Grid) -> bool:
    """Say whether two rasters have the same pixels."""
    return first.matches(second) and same_crs(first.crs, second.crs)


def aligned(first: RasterReader, second: RasterReader) -> RasterReader:
    """Return the second raster on the grid of the first, by nearest neighbour.

    Raises:
        GridError: if the first is rotated and the grids differ.
    """
    if same_grid(first.grid, second.grid):
        return second
    if not first.grid.is_north_up:
        raise GridError(f"{first.path} is rotated or upside down; warp it to a north-up grid first.")
    return second.onto(first.grid)


def check_overlap(first: RasterReader, second: RasterReader) -> None:
    """Catch early what can be told from the corners; another CRS shows itself in the counts.

    Raises:
        GridError: if the two have the same CRS and do not overlap.
    """
    if not same_crs(first.grid.crs, second.grid.crs):
        return
    left, bottom, right, top = first.grid.bounds
    west, south, east, north = second.grid.bounds
    if left >= east or right <= west or bottom >= north or top <= south:
        raise GridError(
            f"{first.path} and {second.path} do not overlap. Check that both show the same place and that neither was "
            "given a wrong coordinate reference system."
        )


def check_pairs(table: Counts, first: str, second: str) -> None:
    """Make sure that there is something to compare.

    Args:
        table: counted value pairs, shape (256, 256).
        first: what messages call the first raster.
        second: what they call the second.

    Raises:
        InputError: if the first has no data, or the two nowhere together.
        GridError: if the second has none on the grid of the first.
    """
    if table[1:, 1:].any():
        return
    if not table[1:, :].any():
        raise InputError(f"Every pixel of {first} is nodata; there is nothing to assess.")
    if not np.any(table[:, 1:]):
        raise GridError(
            f"{second} has no data anywhere inside {first}. Check that both show the same place and that their "
            "coordinate reference systems are right."
        )
    raise InputError(
        f"No pixel has a class both in {first} and in {second}; where one has data, the other has none. Choose a "
        "reference that covers a part of the map."
    )
