# SPDX-License-Identifier: GPL-2.0-or-later
"""What the classes of labels become: by their values, names or colours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..errors import InputError
from ..legend import NODATA, LandCoverClass, Legend, fallback_colour


def name_key(name: str) -> str:
    """Return a class name as it is compared: without outer blanks, in lower case."""
    return " ".join(name.split()).casefold()


@dataclass(frozen=True)
class ClassTable:
    """Which class labels become, 0 being no data.

    Attributes:
        legend: the classes that labels become; None if all of them are dropped.
        values: class by label value.
        names: class by label name, as `name_key` writes it.
        colours: class by label colour, six hexadecimal digits in upper case.
    """

    legend: Legend | None = None
    values: Mapping[int, int] = field(default_factory=dict)
    names: Mapping[str, int] = field(default_factory=dict)
    colours: Mapping[str, int] = field(default_factory=dict)

    def by_name(self, name: str) -> int | None:
        """Return what a name, or a value written as text, becomes; None if neither is listed."""
        found = self.names.get(name_key(name))
        if found is None and name.strip().isdecimal():
            return self.values.get(int(name))
        return found


@dataclass(frozen=True)
class Row:
    """A row of a table: what is listed, and what it becomes.

    Attributes:
        place: where it stands, for messages.
        values: label values.
        names: label names.
        colours: label colours, six hexadecimal digits.
        value: of the class it becomes, 0 for no data.
        name: of that class; empty if another row says it.
        colour: of that class; empty if another row says it, or nobody does.
        description: of that class.
    """

    place: str
    values: tuple[int, ...]
    names: tuple[str, ...]
    colours: tuple[str, ...]
    value: int
    name: str = ""
    colour: str = ""
    description: str = ""


def build_table(rows: Iterable[Row]) -> ClassTable:
    """Return the table that rows make up.

    Args:
        rows: at least one. A class that none gives a colour takes a fallback colour.

    Raises:
        InputError: if rows contradict one another; the message names both.
    """
    listed: dict[tuple[str, int | str], Row] = {}
    classes: dict[int, Row] = {}
    for row in rows:
        _check_class(row)
        for key in _keys(row):
            _check_same(key, listed.setdefault(key, row), row)
        if row.value != NODATA:
            classes[row.value] = _joined(classes[row.value], row) if row.value in classes else row
    if not listed:
        raise InputError("The class table is empty; list at least one value, name or colour and what it becomes.")
    targets = {key: row.value for key, row in listed.items()}
    return ClassTable(
        _legend(classes),
        {int(key): value for (kind, key), value in targets.items() if kind == "value"},
        {str(key): value for (kind, key), value in targets.items() if kind == "name"},
        {str(key): value for (kind, key), value in targets.items() if kind == "colour"},
    )


def _check_class(row: Row) -> None:
    if not NODATA <= row.value <= 255:
        raise InputError(
            f"{row.place} of the class table leads to the value {row.value}; expected 1 to 255, or 0 for no data."
        )


def _keys(row: Row) -> list[tuple[str, int | str]]:
    return [
        *(("value", value) for value in row.values),
        *(("name", name_key(name)) for name in row.names),
        *(("colour", colour.upper()) for colour in row.colours),
    ]


def _check_same(key: tuple[str, int | str], earlier: Row, row: Row) -> None:
    if earlier.value != row.value:
        kind, what = key
        raise InputError(
            f"{earlier.place} and {row.place} of the class table contradict each other: the {kind} {what} becomes "
            f"{earlier.value} in one and {row.value} in the other. Delete one of them."
        )


def _joined(earlier: Row, row: Row) -> Row:
    """Return what two rows say about one class."""
    for kind in ("name", "colour"):
        first, second = getattr(earlier, kind), getattr(row, kind)
        if first and second and name_key(first) != name_key(second):
            raise InputError(
                f"{earlier.place} and {row.place} of the class table contradict each other: class {row.value} has the "
                f"{kind} '{first}' in one and '{second}' in the other. Give it one {kind}."
            )
    return Row(
        earlier.place,
        (),
        (),
        (),
        row.value,
        earlier.name or row.name,
        earlier.colour or row.colour,
        earlier.description or row.description,
    )


def _legend(classes: Mapping[int, Row]) -> Legend | None:
    found = []
    for index, (value, row) in enumerate(sorted(classes.items())):
        colour = row.colour or fallback_colour(index)
        found.append(LandCoverClass(value, row.name or f"Class {value}", colour, row.description))
    return Legend(tuple(found)) if found else None
