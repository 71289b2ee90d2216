# SPDX-License-Identifier: GPL-2.0-or-later
"""A class table between a reference and the map: what the reference's classes are called there."""

from __future__ import annotations

import collections
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ..labels.class_table import ClassTable, Row, build_table
from ..labels.raster_labels import RecodingOptions, recoding_of
from ..labels.recoding import most_frequent
from ..legend import NODATA, Legend
from ..raster import Array, RasterReader
from .class_matching import Matching, translation

_Key = TypeVar("_Key", int, str)

ClassRows = tuple[Row, ...]
"""A class table as it is given; see `core.labels.table_file`."""


@dataclass(frozen=True)
class FittedTable:
    """A class table that leads to the map's classes.

    Attributes:
        table: the classes.
        note: what a user should know of how they were found on the map; empty if nothing.
    """

    table: ClassTable
    note: str = ""


def fitted(rows: Sequence[Row], map_legend: Legend | None, matching: Matching = Matching.AUTO) -> FittedTable:
    """Find the classes of a table on the map.

    Args:
        rows: may lead to classes of the map by their names alone.
        map_legend: the map's classes, if it names them.
        matching: how classes that have a value in the table are found on the map.

    Raises:
        InputError: if rows contradict one another, or the map has no such class.
    """
    table = build_table(rows, map_legend)
    found = translation(map_legend, table.legend, matching)
    values = found.values
    moved = ClassTable(
        found.legend, _moved(table.values, values), _moved(table.names, values), _moved(table.colours, values)
    )
    return FittedTable(moved, found.note)


def _moved(targets: Mapping[_Key, int], values: NDArray[np.uint8]) -> dict[_Key, int]:
    return {key: int(values[value]) for key, value in targets.items()}


class TableRecoding:
    """Stored numbers of a reference as classes of the map, by a table; what it does not list stays as it is.

    Args:
        raster: the reference; its names and colours say what its values are.
        table: leads to classes of the map.
    """

    def __init__(self, raster: RasterReader, table: ClassTable) -> None:
        self._recoding = recoding_of(raster, RecodingOptions(table, keep=True))

    def __call__(self, array: Array, valid: Array) -> tuple[Array, Array]:
        """Return class values, and which of them are valid: not those that the table leaves out.

        Args:
            array: numbers of any type, shape (1, rows, cols).
            valid: boolean, same shape.

        Raises:
            InputError: if a number is no class, and the table does not list it.
        """
        codes = self._recoding.recode(array, valid, np.s_[:, :]).codes[np.newaxis]
        return codes, codes != NODATA

    @property
    def note(self) -> str:
        """Say what the table did not list of what was read so far; empty if it listed all."""
        unlisted: collections.Counter[str] = self._recoding.unlisted
        if not unlisted:
            return ""
        return (
            f"The class table does not list {sum(unlisted.values()):,} pixels of the reference, which keep their "
            f"values: {most_frequent(unlisted)}."
        )
