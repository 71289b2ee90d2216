# SPDX-License-Identifier: GPL-2.0-or-later
"""Class tables in CSV and JSON files, and those that come with the package.

CSV, a row for each value, name or colour that occurs in labels: the columns `from_value`, `from_name` and `from_colour`
(at least one of them filled), and `value`, `name`, `colour` and `description` of the class that it becomes. `value` 0,
or neither value nor name, is no data; a name without a value is that of a class that another row, or a map, gives one.
`from` is short for `from_value` or `from_name`, and `to` for `value` or `name`: a whole number is a value. JSON, an
entry for each class: `{"classes": [{"value", "name", "color_hint", "description", "from_values", "from_names",
"from_colours"}], "nodata": {"from_values", "from_names", "from_colours"}}`.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..legend import NODATA
from .class_table import ClassTable, Row, build_table, whole_number

_PRESETS = Path(__file__).parent / "presets"
_COLOUR = re.compile(r"#?([0-9A-Fa-f]{6})")
_SOURCES = ("from_value", "from_name", "from_colour")
_TARGETS = ("value", "name", "colour", "description")
_SHORT = {"from": ("from_value", "from_name"), "to": ("value", "name")}
_COLUMNS = (*_SOURCES, *_TARGETS, *_SHORT)
_LISTS = ("from_values", "from_names", "from_colours")
_KEYS = ("value", "name", "color_hint", "description", *_LISTS)


def preset_names() -> tuple[str, ...]:
    """Return the names of the tables that come with the package."""
    return tuple(sorted(path.stem for path in _PRESETS.glob("*.json")))


def read_preset(name: str) -> ClassTable:
    """Return a table that comes with the package.

    Raises:
        InputError: if there is none of that name.
    """
    return build_table(preset_rows(name))


def read_table(path: str | os.PathLike[str]) -> ClassTable:
    """Read a table that says by itself what its classes are from a `.csv` or `.json` file.

    Raises:
        InputError: if it cannot be read, or is no such table; the message names the line or the entry.
    """
    return build_table(read_rows(path))


def table_called(name: str) -> ClassTable | None:
    """Return the table of that name that comes with the package, or else the one in the file; None for no name.

    Raises:
        InputError: if it cannot be read, or is no such table.
    """
    if not name:
        return None
    return read_table(name) if Path(name).suffix else read_preset(name)


def preset_rows(name: str) -> tuple[Row, ...]:
    """Return the rows of a table that comes with the package.

    Raises:
        InputError: if there is none of that name.
    """
    if name not in preset_names():
        raise InputError(f"There is no class table '{name}'; give a file, or one of {', '.join(preset_names())}.")
    return read_rows(_PRESETS / f"{name}.json")


def read_rows(path: str | os.PathLike[str]) -> tuple[Row, ...]:
    """Read the rows of a table from a `.csv` or `.json` file.

    Raises:
        InputError: if it cannot be read, or is no such table; the message names the line or the entry.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The class table {path} cannot be read ({error}).") from error
    return tuple(_json_rows(text) if Path(path).suffix.lower() == ".json" else _csv_rows(text))


def rows_of_pairs(cells: Sequence[object]) -> tuple[Row, ...]:
    """Return the rows of a table that is entered as pairs of `from` and `to`, cell by cell; empty pairs are left out.

    Raises:
        InputError: if a row does not say what it is about.
    """
    texts = ["" if cell is None else str(cell).strip() for cell in cells]
    pairs = enumerate(zip(texts[0::2], texts[1::2]), start=1)
    return tuple(_csv_row(f"Row {number}", {"from": pair[0], "to": pair[1]}) for number, pair in pairs if any(pair))


def _csv_rows(text: str) -> list[Row]:
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restkey="")
    reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or ()]
    _check_columns(reader.fieldnames)
    rows = []
    for cells in reader:
        row = {key: (value or "").strip() for key, value in cells.items() if key in _COLUMNS}
        if any(row.values()):
            rows.append(_csv_row(f"Line {reader.line_num}", row))
    return rows


def _check_columns(columns: Sequence[str]) -> None:
    if not set(columns) & {*_SOURCES, "from"} or not set(columns) & {"value", "name", "to"}:
        raise InputError(
            f"The class table has the columns {', '.join(columns) or '(none)'}; expected one or more of "
            f"{', '.join(_SOURCES)}, and value, name and colour of the class that these become; or from and to."
        )


def _csv_row(place: str, cells: Mapping[str, str]) -> Row:
    cells = _spelled_out(cells)
    sources = [[cells[key]] if cells[key] else [] for key in _SOURCES]
    if cells["value"]:
        return _row(place, sources, _whole(place, cells["value"]), cells)
    return _row(place, sources, None if cells["name"] else NODATA, cells)


def _spelled_out(cells: Mapping[str, str]) -> dict[str, str]:
    """Return all cells of a row, with what `from` and `to` mean in the place of these."""
    found = {**dict.fromkeys((*_SOURCES, *_TARGETS), ""), **cells}
    for short, (number, name) in _SHORT.items():
        text = found.pop(short, "")
        if text:
            found[name if whole_number(text) is None else number] = text
    return found


def _json_rows(text: str) -> list[Row]:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise InputError(f"The class table is not valid JSON: {error}.") from error
    if not isinstance(document, dict) or not isinstance(document.get("classes"), list):
        raise InputError("The class table is a JSON file without a list 'classes'; see the user guide for its form.")
    rows = [_json_row(f"Entry {number}", entry) for number, entry in enumerate(document["classes"], start=1)]
    dropped = document.get("nodata", {})
    return [*rows, _json_row("Entry 'nodata'", dropped, (NODATA,))] if dropped else rows


def _json_row(place: str, entry: Any, value: tuple[int, ...] = ()) -> Row:
    if not isinstance(entry, dict):
        raise InputError(f"{place} of the class table is {entry!r}; expected an object with a value and a name.")
    unknown = sorted(set(entry) - set(_KEYS))
    if unknown:
        raise InputError(f"{place} of the class table has the key '{unknown[0]}'; expected {', '.join(_KEYS)}.")
    sources = [entry.get(key, []) for key in _LISTS]
    if not all(isinstance(source, list) for source in sources):
        raise InputError(f"{place} of the class table: {', '.join(_LISTS)} have to be lists.")
    texts = {
        "name": str(entry.get("name", "")),
        "colour": str(entry.get("color_hint", "")),
        "description": str(entry.get("description", "")),
    }
    if value or ("value" not in entry and texts["name"]):
        return _row(place, sources, value[0] if value else None, texts)
    return _row(place, sources, _whole(place, entry.get("value", "")), texts)


def _row(place: str, sources: Sequence[Sequence[Any]], value: int | None, texts: Mapping[str, str]) -> Row:
    """Check what both kinds of file have in common; `sources` are values, names and colours."""
    values, names, colours = sources
    if not any(sources):
        raise InputError(f"{place} of the class table lists no value, name or colour that labels may have.")
    return Row(
        place,
        tuple(_whole(place, item) for item in values),
        tuple(str(item) for item in names),
        tuple(_colour(place, str(item)) for item in colours),
        value,
        texts["name"],
        _colour(place, texts["colour"]) if texts["colour"] else "",
        texts["description"],
    )


def _whole(place: str, item: Any) -> int:
    try:
        number = float(item)
    except (TypeError, ValueError):
        number = 0.5
    if isinstance(item, bool) or not number.is_integer():
        raise InputError(f"{place} of the class table has the value {item!r}; expected a whole number.")
    return int(number)


def _colour(place: str, text: str) -> str:
    match = _COLOUR.fullmatch(text.strip())
    if match is None:
        raise InputError(f"{place} of the class table has the colour '{text}'; expected six hexadecimal digits.")
    return match[1].upper()
