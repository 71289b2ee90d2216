# SPDX-License-Identifier: GPL-2.0-or-later
"""Which class of a reference is which class of a map: by value, or by name where the two number them differently."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..class_raster import legend_for
from ..errors import InputError
from ..legend import LandCoverClass, Legend
from .figures import ConfusionMatrix, Counts

VALUES = 256
"""Class values that a pair of class rasters can hold, 0 (no data) included."""


@dataclass(frozen=True)
class MatchedClasses:
    """A table of value pairs, read as classes.

    Attributes:
        matrix: counts of the classes that occur in either raster.
        by_name: whether reference values were translated by their class names.
        note: what a user should know about the matching; empty if nothing.
    """

    matrix: ConfusionMatrix
    by_name: bool
    note: str = ""


def match_classes(table: Counts, map_legend: Legend | None, reference_legend: Legend | None) -> MatchedClasses:
    """Turn counts of value pairs into a confusion matrix.

    Classes are the same when their values are. When both rasters name their classes, one side knows all the names of
    the other, and the values of at least one name differ, then classes are the same when their names are (letter case
    aside), and the reference's values are translated to the map's.

    Args:
        table: pixels by value, shape (256, 256), rows = map, columns = reference; row 0 and column 0 (no data) are not
            looked at, and something else is not zero.
        map_legend: the map's classes, if it names them.
        reference_legend: the reference's classes, if it names them.

    Raises:
        InputError: if the two together have more than 255 classes.
    """
    met = np.flatnonzero(table[1:, 1:].sum(axis=0)) + 1
    translated = _translation(map_legend, reference_legend, met.tolist())
    recoded = np.zeros_like(table)
    for value in met.tolist():
        recoded[:, translated.get(value, value)] += table[:, value]
    matrix = _matrix(recoded, map_legend, _renumbered(reference_legend, translated))
    note = "" if translated else _naming_conflict(map_legend, reference_legend)
    return MatchedClasses(matrix, bool(translated), note)


def _matrix(table: Counts, map_legend: Legend | None, reference_legend: Legend | None) -> ConfusionMatrix:
    inner = table[1:, 1:]
    values = np.flatnonzero(inner.sum(axis=0) + inner.sum(axis=1)) + 1
    return ConfusionMatrix(legend_for(values.tolist(), map_legend, reference_legend), table[np.ix_(values, values)])


def _translation(map_legend: Legend | None, reference_legend: Legend | None, met: Iterable[int]) -> dict[int, int]:
    """Return new values for the reference's values, or nothing where values are matched as they are."""
    if map_legend is None or reference_legend is None:
        return {}
    of_map = {_key(item): item.value for item in map_legend}
    of_reference = {_key(item): item.value for item in reference_legend}
    shared = of_map.keys() & of_reference.keys()
    one_knows_all = len(shared) == min(len(of_map), len(of_reference))
    if not one_knows_all or all(of_map[name] == of_reference[name] for name in shared):
        return {}
    named = {of_reference[name]: of_map[name] for name in shared}
    return _with_strangers(named, sorted({*met, *reference_legend.values}), set(map_legend.values))


def _with_strangers(named: dict[int, int], values: Iterable[int], taken: set[int]) -> dict[int, int]:
    """Add reference values whose names the map does not know: their own value if the map leaves it free."""
    result = dict(named)
    for value in values:
        if value in result:
            continue
        used = taken | set(result.values())
        free = value if value not in used else next((v for v in range(1, VALUES) if v not in used), None)
        if free is None:
            raise InputError("Map and reference together have more than 255 classes; merge some of them first.")
        result[value] = free
    return result


def _renumbered(legend: Legend | None, translation: dict[int, int]) -> Legend | None:
    if legend is None or not translation:
        return legend
    classes = (LandCoverClass(translation[c.value], c.name, c.colour, c.description) for c in legend)
    return Legend(tuple(classes))


def _naming_conflict(map_legend: Legend | None, reference_legend: Legend | None) -> str:
    if map_legend is None or reference_legend is None:
        return ""
    other = {item.value: item for item in reference_legend}
    for item in map_legend:
        if item.value in other and _key(item) != _key(other[item.value]):
            return (
                f"Classes were matched by value, but value {item.value} is called '{item.name}' on the map and "
                f"'{other[item.value].name}' in the reference. Reclassify one of the two if they are not the same."
            )
    return ""


def _key(item: LandCoverClass) -> str:
    return item.name.strip().casefold()
