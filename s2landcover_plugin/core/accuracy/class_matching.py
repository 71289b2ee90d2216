# SPDX-License-Identifier: GPL-2.0-or-later
"""Which class of a reference is which class of a map: by value, or by name where the two number them differently."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..class_raster import ClassArray, legend_for
from ..errors import InputError
from ..labels.class_table import name_key
from ..legend import LandCoverClass, Legend
from .figures import ConfusionMatrix, Counts

VALUES = 256
"""Class values that a pair of class rasters can hold, 0 (no data) included."""


class Matching(enum.Enum):
    """How classes are matched; the values are what users read."""

    AUTO = "auto"
    VALUE = "value"
    NAME = "name"


@dataclass(frozen=True, eq=False)
class Translation:
    """What the reference's values mean on the map.

    Attributes:
        values: the map's value for each value of the reference, uint8, shape (256,); 0 stays 0.
        legend: the reference's classes under those values, if it names them.
        by_name: whether classes are matched by their names.
        note: what a user should know about the matching; empty if nothing.
        unplaced: values of the reference for which the map leaves no value free.
    """

    values: NDArray[np.uint8]
    legend: Legend | None = None
    by_name: bool = False
    note: str = ""
    unplaced: frozenset[int] = frozenset()

    def apply(self, values: ClassArray) -> ClassArray:
        """Return values of the reference as values of the map, any shape."""
        if self._changes_nothing:
            return values
        return np.take(self.values, values)

    @property
    def _changes_nothing(self) -> bool:
        return bool((self.values == np.arange(VALUES)).all())

    def recoded(self, table: Counts) -> Counts:
        """Return counts of value pairs in the map's values, shape (256, 256), rows = map, columns = reference.

        Raises:
            InputError: if a value occurs for which there is none.
        """
        if self.unplaced & set(np.flatnonzero(table[1:].sum(axis=0)).tolist()):
            raise InputError("Map and reference together have more than 255 classes; merge some of them first.")
        result = np.zeros_like(table)
        np.add.at(result.T, self.values, table.T)
        return result


def same_values(legend: Legend | None = None) -> Translation:
    """Return the translation that changes nothing; `legend` names the reference's classes."""
    return Translation(np.arange(VALUES, dtype=np.uint8), legend)


def translation(
    map_legend: Legend | None, reference_legend: Legend | None, matching: Matching = Matching.AUTO
) -> Translation:
    """Find out which class of the reference is which of the map.

    Classes are the same when their values are. When both rasters name their classes, one side knows all the names of
    the other, and the values of at least one name differ, then classes are the same when their names are (letter case
    aside), and the reference's values are translated to the map's.

    Args:
        map_legend: the map's classes, if it names them.
        reference_legend: the reference's classes, if it names them.
        matching: by value or by name, whatever the legends look like; `AUTO` decides as said above.

    Raises:
        InputError: if classes are to be matched by name and the two share none.
    """
    of_map, of_reference = _by_name(map_legend), _by_name(reference_legend)
    shared = of_map.keys() & of_reference.keys()
    if matching is Matching.NAME and not shared:
        raise InputError(
            "Map and reference share no class name, so that classes cannot be matched by name. Match them by value, or "
            "give a table that says which is which."
        )
    if map_legend and reference_legend and _wants_names(matching, of_map, of_reference):
        named = {of_reference[name]: of_map[name] for name in shared}
        return _by_names(named, map_legend, reference_legend)
    note = _naming_conflict(map_legend, reference_legend) if matching is Matching.AUTO else ""
    return Translation(np.arange(VALUES, dtype=np.uint8), reference_legend, note=note)


def confusion_matrix(recoded: Counts, *legends: Legend | None) -> ConfusionMatrix:
    """Return the confusion matrix of the classes that occur.

    Args:
        recoded: counts of value pairs, shape (256, 256); row 0 and column 0 (no data) are not looked at, and something
            else is not zero.
        legends: where to look for names and colours, first come first served.
    """
    inner = recoded[1:, 1:]
    values = np.flatnonzero(inner.sum(axis=0) + inner.sum(axis=1)) + 1
    return ConfusionMatrix(legend_for(values.tolist(), *legends), recoded[np.ix_(values, values)])


def check_common_class(matrix: ConfusionMatrix) -> None:
    """Make sure that map and reference speak of the same things.

    Raises:
        InputError: if no class occurs in both.
    """
    if ((matrix.map_pixels > 0) & (matrix.reference_pixels > 0)).any():
        return
    names = [f"{item.name} ({item.value})" for item in matrix.legend]
    sides = [
        ", ".join(name for name, count in zip(names, counts) if count)
        for counts in (matrix.map_pixels, matrix.reference_pixels)
    ]
    raise InputError(
        f"Map and reference have no class in common: the map shows {sides[0]}, the reference {sides[1]}. Match them by "
        "name, or give a table that says which class of the reference is which of the map."
    )


def one_sided_notes(matrix: ConfusionMatrix) -> tuple[str, ...]:
    """Return which classes occur on one side only, in sentences."""
    names = [item.name for item in matrix.legend]
    only_map = [name for name, pixels in zip(names, matrix.reference_pixels) if not pixels]
    only_reference = [name for name, pixels in zip(names, matrix.map_pixels) if not pixels]
    notes = []
    if only_map:
        notes.append(f"On the map but not in the reference: {', '.join(only_map)}. Macro averages leave them out.")
    if only_reference:
        notes.append(f"In the reference but never on the map: {', '.join(only_reference)}.")
    return tuple(notes)


def _by_name(legend: Legend | None) -> dict[str, int]:
    return {name_key(item.name): item.value for item in legend or ()}


def _wants_names(matching: Matching, of_map: dict[str, int], of_reference: dict[str, int]) -> bool:
    if matching is not Matching.AUTO:
        return matching is Matching.NAME
    shared = of_map.keys() & of_reference.keys()
    one_knows_all = len(shared) == min(len(of_map), len(of_reference))
    return one_knows_all and any(of_map[name] != of_reference[name] for name in shared)


def _by_names(named: dict[int, int], map_legend: Legend, reference_legend: Legend) -> Translation:
    strangers = [value for value in reference_legend.values if value not in named]
    unnamed = [value for value in range(1, VALUES) if value not in named and value not in strangers]
    placed, taken = dict(named), {*map_legend.values, *named.values()}
    _place(strangers, range(1, VALUES), placed, taken)
    _place(unnamed, range(VALUES - 1, 0, -1), placed, taken)
    values = np.array([placed.get(value, 0) for value in range(VALUES)], dtype=np.uint8)
    classes = tuple(
        LandCoverClass(placed[item.value], item.name, item.colour, item.description)
        for item in reference_legend
        if item.value in placed
    )
    return Translation(values, Legend(classes), True, unplaced=frozenset(range(1, VALUES)) - placed.keys())


def _place(values: Iterable[int], choices: Iterable[int], placed: dict[int, int], taken: set[int]) -> None:
    """Give values that the map does not name a place: their own if the map leaves it free, else the first that is."""
    for value in values:
        free = value if value not in taken else next((choice for choice in choices if choice not in taken), None)
        if free is not None:
            placed[value] = free
            taken.add(free)


def _naming_conflict(map_legend: Legend | None, reference_legend: Legend | None) -> str:
    if map_legend is None or reference_legend is None:
        return ""
    other = {item.value: item for item in reference_legend}
    for item in map_legend:
        if item.value in other and name_key(item.name) != name_key(other[item.value].name):
            return (
                f"Classes were matched by value, but value {item.value} is called '{item.name}' on the map and "
                f"'{other[item.value].name}' in the reference. Reclassify one of the two if they are not the same."
            )
    return ""
