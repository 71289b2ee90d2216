# SPDX-License-Identifier: GPL-2.0-or-later
"""What the classes of labels become: by their values, names or colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..errors import InputError
from ..legend import NODATA, LandCoverClass, Legend, fallback_colour


def name_key(name: str) -> str:
    """Return a class name as it is compared: whatever its blanks and letter case are."""
    return " ".join(name.split()).casefold()


def whole_number(text: str) -> int | None:
    """Return the whole number that a text is, `3` or `3.0`; None if it is none."""
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number.is_integer() else None


def plain_label(label: str | int | float | None) -> str | int | None:
    """Return what a field holds as a whole number, a name, or None for no value; numbers may come as text."""
    if label is None or isinstance(label, int):
        return label
    text = label.strip() if isinstance(label, str) else f"{label:.15g}"
    number = whole_number(text)
    return (text or None) if number is None else number


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

    def of(self, label: str | int) -> int | None:
        """Return what a value, as number or text, or else a name becomes; None if neither is listed."""
        number = label if isinstance(label, int) else whole_number(label)
        found = None if number is None else self.values.get(number)
        return self.names.get(name_key(str(label))) if found is None else found


@dataclass(frozen=True)
class Row:
    """A row of a table: what is listed, and what it becomes.

    Attributes:
        place: where it stands, for messages.
        values: label values.
        names: label names.
        colours: label colours, six hexadecimal digits.
        value: of the class it becomes, 0 for no data; None for the value of the class that is called `name`.
        name: of that class; empty if another row says it.
        colour: of that class; empty if another row says it, or nobody does.
        description: of that class.
    """

    place: str
    values: tuple[int, ...]
    names: tuple[str, ...]
    colours: tuple[str, ...]
    value: int | None
    name: str = ""
    colour: str = ""
    description: str = ""


def build_table(rows: Sequence[Row], known: Legend | None = None) -> ClassTable:
    """Return the table that rows make up.

    Args:
        rows: at least one.
        known: classes that rows may lead to by their names alone, or by their values alone, such as those of the map
            that labels are compared with. A class that nobody names or colours takes a fallback name or colour.

    Raises:
        InputError: if rows contradict one another, the message names both; or one leads to no class.
    """
    listed: dict[tuple[str, int | str], Row] = {}
    classes: dict[int, Row] = {}
    targets: dict[tuple[str, int | str], int] = {}
    for row, value in zip(rows, _class_values(rows, known)):
        for key in _keys(row):
            _check_same(key, (listed.setdefault(key, row), targets.setdefault(key, value)), (row, value))
        if value != NODATA:
            classes[value] = _joined(value, classes[value], row) if value in classes else row
    if not listed:
        raise InputError("The class table is empty; list at least one value, name or colour and what it becomes.")
    return ClassTable(
        _legend(classes, known),
        {int(key): value for (kind, key), value in targets.items() if kind == "value"},
        {str(key): value for (kind, key), value in targets.items() if kind == "name"},
        {str(key): value for (kind, key), value in targets.items() if kind == "colour"},
    )


def _class_values(rows: Sequence[Row], known: Legend | None) -> list[int]:
    """Return the value of the class that each row leads to; the table's own names go before those known."""
    named = {name_key(item.name): item.value for item in known or ()}
    named.update({name_key(row.name): row.value for row in rows if row.value and row.name})
    return [_class_value(row, named, known) for row in rows]


def _class_value(row: Row, named: Mapping[str, int], known: Legend | None) -> int:
    value = named.get(name_key(row.name)) if row.value is None else row.value
    if value is None:
        names = ", ".join(item.name for item in known or ())
        choice = f"give one of {names}" if names else "give its value in one of the rows that name it"
        raise InputError(f"{row.place} of the class table leads to '{row.name}', which is no known class; {choice}.")
    if not NODATA <= value <= 255:
        raise InputError(
            f"{row.place} of the class table leads to the value {value}; expected 1 to 255, or 0 for no data."
        )
    return value


def _keys(row: Row) -> list[tuple[str, int | str]]:
    return [
        *(("value", value) for value in row.values),
        *(("name", name_key(name)) for name in row.names),
        *(("colour", colour.upper()) for colour in row.colours),
    ]


def _check_same(key: tuple[str, int | str], first: tuple[Row, int], second: tuple[Row, int]) -> None:
    if first[1] != second[1]:
        kind, what = key
        raise InputError(
            f"{first[0].place} and {second[0].place} of the class table contradict each other: the {kind} {what} "
            f"becomes {first[1]} in one and {second[1]} in the other. Delete one of them."
        )


def _joined(value: int, earlier: Row, row: Row) -> Row:
    """Return what two rows say about one class."""
    for kind in ("name", "colour"):
        first, second = getattr(earlier, kind), getattr(row, kind)
        if first and second and name_key(first) != name_key(second):
            raise InputError(
                f"{earlier.place} and {row.place} of the class table contradict each other: class {value} has the "
                f"{kind} '{first}' in one and '{second}' in the other. Give it one {kind}."
            )
    return Row(
        earlier.place,
        (),
        (),
        (),
        value,
        earlier.name or row.name,
        earlier.colour or row.colour,
        earlier.description or row.description,
    )


def _legend(classes: Mapping[int, Row], known: Legend | None) -> Legend | None:
    named = {item.value: item for item in known or ()}
    found = []
    for index, (value, row) in enumerate(sorted(classes.items())):
        other = named.get(value, LandCoverClass(value, f"Class {value}", fallback_colour(index)))
        name, colour = row.name or other.name, row.colour or other.colour
        found.append(LandCoverClass(value, name, colour, row.description))
    return Legend(tuple(found)) if found else None
