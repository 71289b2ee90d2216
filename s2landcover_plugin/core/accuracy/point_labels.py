# SPDX-License-Identifier: GPL-2.0-or-later
"""What somebody wrote into a field, as class values of the map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Union

from ..errors import InputError
from ..labels.class_table import ClassTable, name_key, plain_label
from ..legend import NODATA, Legend
from .class_matching import Matching
from .remap import ClassRows, fitted

Label = Union[int, float, str, None]
"""A class value or name; None where nobody has entered one."""


@dataclass(frozen=True)
class LabelledClasses:
    """Labels that have been understood.

    Attributes:
        values: class values of the map, 0 for labels that are missing or left out by a table.
        matched_by: table, name or value.
        note: what a user should know of how classes were found on the map; empty if nothing.
    """

    values: tuple[int, ...]
    matched_by: str
    note: str = ""


def labelled_classes(
    labels: Sequence[Label],
    legend: Legend | None,
    remap: ClassRows | None = None,
    matching: Matching = Matching.AUTO,
) -> LabelledClasses:
    """Find the classes of labels on the map.

    Args:
        labels: class values, or names in any letter case.
        legend: the map's classes, if it names them.
        remap: which label is which class of the map; labels that it does not list are taken as they are.
        matching: how classes that have a value in that table are found on the map.

    Raises:
        InputError: if a label is neither a class value nor the name of a class, or the table cannot be used.
    """
    plain = [plain_label(label) for label in labels]
    names = {name_key(item.name): item.value for item in legend or ()}
    if remap is None:
        values = tuple(_class_of(label, ClassTable(names=names), legend) for label in plain)
        return LabelledClasses(values, "name" if any(isinstance(label, str) for label in plain) else "value")
    found = fitted(remap, legend, matching)
    table = ClassTable(None, found.table.values, {**names, **found.table.names})
    return LabelledClasses(tuple(_class_of(label, table, legend) for label in plain), "table", found.note)


def _class_of(label: str | int | None, table: ClassTable, legend: Legend | None) -> int:
    if label is None:
        return NODATA
    value = table.of(label)
    if value is None and isinstance(label, int):
        value = label
    if value is None or not NODATA <= value <= 255:
        known = ", ".join(item.name for item in legend or ())
        raise InputError(
            f"The label '{label}' is no class: classes are whole numbers from 1 to 255"
            + (f", or one of the map's names ({known})" if known else "")
            + ". Correct it, choose another field, or give a table of classes."
        )
    return value
