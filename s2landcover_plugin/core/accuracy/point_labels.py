# SPDX-License-Identifier: GPL-2.0-or-later
"""What somebody wrote into a field, as class values of the map."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Union

from ..errors import InputError
from ..legend import NODATA, Legend
from .class_matching import class_key
from .remap import RemapTable, resolve

Label = Union[int, float, str, None]
"""A class value or name; None where nobody has entered one."""


def class_of_labels(labels: Sequence[Label], legend: Legend | None, remap: RemapTable | None = None) -> list[int]:
    """Return class values of the map, 0 for those without a label or left out by the table.

    Args:
        labels: class values, or names in any letter case.
        legend: the map's classes, if it names them.
        remap: which label is which class of the map; labels that it does not name are taken as they are.

    Raises:
        InputError: if a label is neither a class value nor the name of a class.
    """
    recoding = resolve(remap, None, legend) if remap else None
    by_value = dict(recoding.values) if recoding else {}
    by_name = {class_key(item.name): item.value for item in legend or ()}
    by_name.update(recoding.names if recoding else {})
    return [_class_of(label, by_value, by_name, legend) for label in labels]


def matching_of(labels: Iterable[Label], remap: RemapTable | None) -> str:
    """Return how labels are matched: by table, name or value."""
    if remap is not None:
        return "table"
    named = any(isinstance(label, str) and _number(label) is None and label.strip() for label in labels)
    return "name" if named else "value"


def _class_of(label: Label, by_value: dict[int, int], by_name: dict[str, int], legend: Legend | None) -> int:
    if label is None or (isinstance(label, str) and not label.strip()):
        return NODATA
    number = _number(label)
    value = by_name.get(class_key(str(label))) if number is None else by_value.get(number, number)
    if value is None or not 0 <= value <= 255:
        known = ", ".join(item.name for item in legend or ())
        raise InputError(
            f"The label '{label}' is no class: classes are whole numbers from 1 to 255"
            + (f", or one of the map's names ({known})" if known else "")
            + ". Correct it, choose another field, or give a table of classes."
        )
    return value


def _number(label: int | float | str) -> int | None:
    try:
        number = float(label)
    except ValueError:
        return None
    return int(number) if number.is_integer() else None
