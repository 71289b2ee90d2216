# SPDX-License-Identifier: GPL-2.0-or-later
"""A table that says which class of a reference is which class of the map."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import InputError
from ..legend import NODATA, Legend
from ..raster import Array
from .class_matching import class_key


@dataclass(frozen=True)
class RemapTable:
    """Pairs of a class of the reference and the class of the map that it is; values or names, as text.

    An empty second entry, or 0, leaves the class out.
    """

    pairs: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        pairs = tuple((first.strip(), second.strip()) for first, second in self.pairs)
        object.__setattr__(self, "pairs", pairs)
        if not pairs:
            raise InputError("The table of classes is empty; give a class of the reference and one of the map a row.")
        keys = [class_key(first) for first, _ in pairs]
        repeated = sorted({first for first, _ in pairs if not first or keys.count(class_key(first)) > 1})
        if repeated:
            raise InputError(
                f"The table of classes names the reference's class '{repeated[0]}' more than once or not at all; give "
                "each class of the reference one row."
            )


@dataclass(frozen=True)
class Recoding:
    """A table whose classes have been found.

    Attributes:
        values: the map's value by value of the reference; 0 leaves it out.
        names: the map's value by name in the reference, as `class_key` writes it.
    """

    values: Mapping[int, int]
    names: Mapping[str, int]

    def apply(self, array: Array, valid: Array) -> tuple[Array, Array]:
        """Recode stored numbers; those that the table does not name stay as they are.

        Args:
            array: numbers of any type and shape.
            valid: boolean, same shape.

        Returns:
            The numbers, and which of them are valid: not those that the table leaves out.
        """
        keys = np.array(sorted(self.values), dtype=np.float64)
        new = np.array([self.values[key] for key in sorted(self.values)], dtype=np.int64)
        if not len(keys):
            return array, valid
        place = np.minimum(np.searchsorted(keys, array), len(keys) - 1)
        found = keys[place] == array
        return np.where(found, new[place], array), valid & ~(found & (new[place] == NODATA))


def read_remap(path: str | os.PathLike[str]) -> RemapTable:
    """Read a table from a CSV file: two columns, `from` and `to`; other columns, and a header, are not needed.

    Raises:
        InputError: if it cannot be read, or has a row without two entries.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The table of classes {path} cannot be read ({error}).") from error
    delimiter = ";" if text.count(";") > text.count(",") else ","
    rows = [row for row in csv.reader(text.splitlines(), delimiter=delimiter) if any(cell.strip() for cell in row)]
    columns = [0, 1]
    header = [cell.strip().casefold() for cell in rows[0]] if rows else []
    if {"from", "to"} <= set(header):
        columns, rows = [header.index("from"), header.index("to")], rows[1:]
    short = next((row for row in rows if len(row) <= max(columns)), None)
    if short is not None:
        raise InputError(f"The table of classes {path} has the row '{','.join(short)}'; each needs two entries.")
    return RemapTable(tuple((row[columns[0]], row[columns[1]]) for row in rows))


def remap_of(cells: Sequence[object]) -> RemapTable | None:
    """Return a table from its cells, row by row, two a row; None if there is nothing in them."""
    texts = ["" if cell is None else str(cell) for cell in cells]
    pairs = tuple(zip(texts[0::2], texts[1::2]))
    return RemapTable(tuple(pair for pair in pairs if any(text.strip() for text in pair))) if any(texts) else None


def resolve(table: RemapTable, reference_legend: Legend | None, map_legend: Legend | None) -> Recoding:
    """Find the classes of a table.

    Args:
        table: values or names.
        reference_legend: the reference's classes, if it names them.
        map_legend: the map's classes, if it names them.

    Raises:
        InputError: if the map has no such class.
    """
    known = {class_key(item.name): item.value for item in reference_legend or ()}
    values, names = {}, {}
    for first, second in table.pairs:
        target = _map_value(second, map_legend)
        names[class_key(first)] = target
        number = _whole(first)
        number = known.get(class_key(first)) if number is None else number
        if number is not None:
            values[number] = target
    return Recoding(values, names)


def _map_value(text: str, legend: Legend | None) -> int:
    if not text:
        return NODATA
    number = _whole(text)
    if number is None:
        number = {class_key(item.name): item.value for item in legend or ()}.get(class_key(text))
    if number is None or not 0 <= number <= 255:
        raise InputError(
            f"The table of classes leads to '{text}', which is no class of the map. Give one of its "
            f"{_listed(legend)}, or nothing to leave a class out."
        )
    return number


def _listed(legend: Iterable[object] | None) -> str:
    names = ", ".join(str(getattr(item, "name", "")) for item in legend or ())
    return f"values or names ({names})" if names else "values (1 to 255)"


def _whole(text: str) -> int | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number.is_integer() else None
