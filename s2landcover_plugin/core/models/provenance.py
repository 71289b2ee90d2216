# SPDX-License-Identifier: GPL-2.0-or-later
"""A model's provenance, which is free-form JSON, as facts and tables to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..pages.text import UNDEFINED, count

_DEEPEST = 8  # levels that are told apart; real ones have four


@dataclass(frozen=True)
class Facts:
    """Names and what they are.

    Attributes:
        title: what the facts are about; empty at the top.
        rows: name and text.
    """

    title: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table:
    """Several things of a kind.

    Attributes:
        title: what the things are.
        columns: what is told of each.
        rows: the name of each, and its texts in the order of the columns.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def provenance_parts(document: Mapping[str, Any], title: str = "", depth: int = 0) -> Iterator[Facts | Table]:
    """Yield the facts of each object in a document, from the outside in; objects that are alike become one table."""
    nested = {key: value for key, value in document.items() if isinstance(value, Mapping) and value}
    rows = tuple((_label(key), as_text(value)) for key, value in document.items() if key not in nested)
    if rows:
        yield Facts(title, rows)
    if len(nested) > 1 and not rows and all(_is_flat(value) for value in nested.values()):
        yield _table(title, nested)
        return
    for key, value in nested.items():
        below = f"{title}, {_label(key)}".lstrip(", ")
        if depth < _DEEPEST:
            yield from provenance_parts(value, below, depth + 1)
        else:
            yield Facts(below, (("…", "nested too deep to show"),))


def _is_flat(document: Mapping[str, Any]) -> bool:
    return not any(isinstance(value, Mapping) for value in document.values())


def _table(title: str, things: Mapping[str, Mapping[str, Any]]) -> Table:
    columns = tuple(dict.fromkeys(key for thing in things.values() for key in thing))
    rows = tuple((str(name), tuple(as_text(thing.get(column)) for column in columns)) for name, thing in things.items())
    return Table(title, tuple(map(_label, columns)), rows)


def _label(key: object) -> str:
    return str(key).replace("_", " ")


def as_text(value: Any) -> str:
    """Return a JSON value as people write it."""
    if value is None or value == "":
        return UNDEFINED
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return count(value)
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(as_text, value)) or UNDEFINED
    return str(value)
