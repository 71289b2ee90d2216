# SPDX-License-Identifier: GPL-2.0-or-later
"""Which class met which, pixel by pixel, as a raster with a legend that says it in words."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..class_raster import ClassArray
from ..legend import LandCoverClass, Legend, write_style
from ..outputs import staged
from ..pipeline import read_ahead
from ..progress import Progress
from ..raster import Grid, RasterSpec, create_raster
from .class_matching import VALUES, Translation
from .figures import ConfusionMatrix
from .pairing import PairScan

SAME = 1
"""Value of pixels whose class is the same on both sides; 0 is no data."""

_SAME_COLOUR = "E3E8E6"


@dataclass(frozen=True, eq=False)
class PairCodes:
    """A value for each pair of different classes that occurs.

    Attributes:
        values: by class of the first and of the second raster, uint16, shape (256, 256); 0 without data.
        names: what the values mean.
        colours: six hexadecimal digits by value.
    """

    values: NDArray[np.uint16]
    names: Mapping[int, str]
    colours: Mapping[int, str]

    @property
    def dtype(self) -> str:
        """The smallest pixel type that holds the values."""
        return "uint8" if max(self.names) < VALUES else "uint16"

    def spec(self, grid: Grid, band: str) -> RasterSpec:
        """Return the raster to be made; colours fit into one of bytes only."""
        legend = self.legend
        colours = {} if legend is None else legend.colours
        return RasterSpec(grid, self.dtype, (band,), nodata=0, colours=colours, categories=self.names)

    @property
    def legend(self) -> Legend | None:
        """The values as classes; None if there are more than a raster of bytes can have."""
        if self.dtype != "uint8":
            return None
        return Legend(tuple(LandCoverClass(value, name, self.colours[value]) for value, name in self.names.items()))


def pair_codes(matrix: ConfusionMatrix, same: str, name: Callable[[str, str], str]) -> PairCodes:
    """Number the pairs of different classes that occur, by class of the second raster and then of the first.

    Args:
        matrix: rows = first raster, columns = second.
        same: what pixels of the same class are called.
        name: says in words what a pair is, from the classes' names in the first and in the second raster.
    """
    values = np.zeros((VALUES, VALUES), dtype=np.uint16)
    names, colours = {SAME: same}, {SAME: _SAME_COLOUR}
    classes = matrix.legend.classes
    for item in classes:
        values[item.value, item.value] = SAME
    for column, row in np.argwhere((matrix.counts > 0).T).tolist():
        if row == column:
            continue
        value = len(names) + SAME
        values[classes[row].value, classes[column].value] = value
        names[value] = name(classes[row].name, classes[column].name)
        colours[value] = _blend(classes[column].colour, classes[row].colour)
    return PairCodes(values, names, colours)


def write_pair_raster(
    path: str, band: str, scan: PairScan, classes: Translation, codes: PairCodes, progress: Progress
) -> None:
    """Write the raster, with the names of its values beside it, and a QGIS style if they fit into bytes.

    Args:
        path: GeoTIFF to write.
        band: name of its band.
        scan: the two rasters.
        classes: from the second raster's values to the first's.
        codes: value of each pair.
        progress: hears how far it is.

    Raises:
        OutputError: if it cannot be written.
        Cancelled: if the user asks to stop; nothing is left then.
    """
    windows = len(scan.windows)
    lookup = codes.values.astype(codes.dtype)
    with staged(path) as target:
        reads = contextlib.closing(read_ahead(scan.pairs(), progress.check))
        with create_raster(str(target), codes.spec(scan.grid, band)) as writer, reads as pieces:
            for done, (window, first, second) in enumerate(pieces, start=1):
                progress.check()
                writer.write(_coded(lookup, first, classes.apply(second))[np.newaxis], window)
                progress.fraction(done / windows)
        if codes.legend is not None:
            write_style(Path(target), codes.legend)


def _coded(lookup: NDArray[np.generic], first: ClassArray, second: ClassArray) -> NDArray[np.generic]:
    index = first.astype(np.uint16) * np.uint16(VALUES) + second
    coded: NDArray[np.generic] = np.take(lookup.ravel(), index)
    return coded


def _blend(first: str, second: str) -> str:
    """Return two thirds of one colour and a third of another: pairs of one class look alike, but not the same."""
    pairs = zip(bytes.fromhex(first), bytes.fromhex(second))
    return "".join(f"{(2 * a + b) // 3:02X}" for a, b in pairs)
