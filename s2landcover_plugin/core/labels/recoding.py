# SPDX-License-Identifier: GPL-2.0-or-later
"""From stored numbers, palettes and colours to class values; what a table does not list is counted."""

from __future__ import annotations

import collections
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..class_raster import ClassArray
from ..errors import InputError
from ..legend import NODATA
from ..raster import Array, Colour
from .class_table import ClassTable, name_key

MOST_TOLERANCE = 64
"""Largest tolerance of colours, in steps of 0-255."""

_UNLISTED = 256  # in look-up tables, behind all class values
_WIDEST_LOOKUP = 1 << 20
_SHOWN = 10  # values that are named in a message
_SPARSE = 16  # rows and columns between the labels that are looked at first


@dataclass(frozen=True)
class Recoded:
    """Class values of some labels.

    Attributes:
        codes: 0 where there is no label; the shape of what was recoded.
        values: what `codes` holds.
    """

    codes: ClassArray
    values: tuple[int, ...]


class ValueRecoding:
    """Stored numbers to class values.

    Args:
        path: of the labels, for messages.
        table: class values by label value.
        keep: whether values that are not listed stay as they are, instead of becoming no data.
    """

    bands = 1

    def __init__(self, path: str, table: Mapping[int, int], keep: bool) -> None:
        self.unlisted: collections.Counter[str] = collections.Counter()
        self._path = path
        self._keep = keep
        self._keys = np.array(sorted(table), np.int64)
        self._targets = np.array([table[key] for key in sorted(table)], np.int64)

    def recode(self, stored: Array, valid: Array, owned: tuple[slice, slice]) -> Recoded:
        """Recode labels.

        Args:
            stored: numbers, shape (1, rows, cols).
            valid: boolean, same shape.
            owned: rows and columns whose unlisted values are counted.

        Raises:
            InputError: if they are no whole numbers, or one that is kept is no class value.
        """
        there = valid[0]
        if not there.any():
            return Recoded(np.broadcast_to(np.uint8(NODATA), there.shape), (NODATA,))
        whole = bool(there.all())
        numbers = self._whole(stored[0] if whole else np.where(there, stored[0], stored[0][there][0]))
        found = _distinct(numbers)
        targets = self._targets_of(found, numbers, there, owned)
        values = tuple(sorted({*targets.tolist()} | (set() if whole else {NODATA})))
        if len(found) == 1:
            codes = np.broadcast_to(targets[0], numbers.shape)
            return Recoded(codes if whole else codes * there, values)
        codes = _replaced(numbers, found, targets)
        return Recoded(codes if whole else codes * there, values)

    def _whole(self, numbers: Array) -> Array:
        if numbers.dtype.kind in "iu":
            return numbers
        odd = numbers[numbers != np.rint(numbers)]
        if len(odd):
            raise InputError(
                f"{self._path} holds the value {odd[0]:g}; labels are whole numbers. It looks like a raster of "
                "measurements; give one of classes."
            )
        return numbers.astype(np.int64)

    def _targets_of(
        self, found: NDArray[np.int64], numbers: Array, there: Array, owned: tuple[slice, slice]
    ) -> ClassArray:
        """Return the class of each value that occurs, and add up how often those occur that are not listed."""
        targets = np.zeros(len(found), np.int64)
        listed = np.isin(found, self._keys)
        targets[listed] = self._targets[np.searchsorted(self._keys, found[listed])]
        if self._keep:
            self._check_kept(found[~listed])
            targets[~listed] = found[~listed]
        if not listed.all():
            strange = there[owned] & np.isin(numbers[owned], found[~listed])
            values, counts = np.unique(numbers[owned][strange], return_counts=True)
            self.unlisted.update({str(value): int(count) for value, count in zip(values, counts)})
        return targets.astype(np.uint8)

    def _check_kept(self, found: NDArray[np.int64]) -> None:
        wrong = found[(found < 0) | (found > 255)]
        if len(wrong):
            raise InputError(
                f"{self._path} holds the value {wrong[0]}; classes are numbers from 1 to 255. Give a class table that "
                "lists it, and drop what is not listed."
            )


class ColourRecoding:
    """Red, green and blue to class values.

    Args:
        path: of the labels, for messages.
        table: class values by colour, six hexadecimal digits.
        tolerance: how far red, green and blue may each be from a listed colour, 0-64; the nearest one counts, and of
            those that are equally near the one listed first.

    Raises:
        InputError: if the tolerance is out of range, or no colour is listed.
    """

    bands = 3

    def __init__(self, path: str, table: Mapping[str, int], tolerance: int) -> None:
        if not table:
            raise InputError(
                f"{path} has three bands, colours that is, and no class table lists any; give one with the column "
                "from_colour."
            )
        self.unlisted: collections.Counter[str] = collections.Counter()
        self._lookup = _colour_lookup(table, tolerance)

    def recode(self, stored: Array, valid: Array, owned: tuple[slice, slice]) -> Recoded:
        """Recode labels; arguments as in `ValueRecoding.recode`, three bands of uint8."""
        there = valid.all(axis=0)
        colours = stored[0].astype(np.int32)
        for plane in stored[1:]:
            colours <<= 8
            colours |= plane
        found = self._lookup[colours]
        found[~there] = NODATA
        unknown = found == _UNLISTED
        if unknown.any():
            names, counts = np.unique(colours[owned][unknown[owned]], return_counts=True)
            self.unlisted.update({f"#{name:06X}": int(count) for name, count in zip(names, counts)})
            found[unknown] = NODATA
        occurring = np.zeros(_UNLISTED, np.bool_)
        occurring[found] = True
        return Recoded(found.astype(np.uint8), tuple(np.flatnonzero(occurring).tolist()))


def palette_table(
    table: ClassTable, names: Mapping[int, str], colours: Mapping[int, Colour], tolerance: int
) -> dict[int, int]:
    """Return class values by label value: as listed by value, else by the value's name, else by its colour.

    Args:
        table: the classes.
        names: of label values, as the raster states them.
        colours: the raster's colour table.
        tolerance: of colours, as for `ColourRecoding`.
    """
    found = dict(table.values)
    for value, name in names.items():
        if value not in found and name_key(name) in table.names:
            found[value] = table.names[name_key(name)]
    if table.colours:
        for value, (red, green, blue, _) in colours.items():
            target = nearest_colour(table.colours, (red, green, blue), tolerance)
            if value not in found and target is not None:
                found[value] = target
    return found


def nearest_colour(table: Mapping[str, int], colour: tuple[int, int, int], tolerance: int) -> int | None:
    """Return the class of the nearest listed colour; None if none is near enough."""
    best, nearest = None, tolerance + 1
    for text, value in table.items():
        distance = max(abs(part - other) for part, other in zip(bytes.fromhex(text), colour))
        if distance < nearest:
            best, nearest = value, distance
    return best


def most_frequent(unlisted: Mapping[str, int]) -> str:
    """Return the labels that a table does not list with their numbers, the most frequent ten, as text."""
    ordered = sorted(unlisted.items(), key=lambda item: (-item[1], item[0]))
    shown = ", ".join(f"{name} ({count:,})" for name, count in ordered[:_SHOWN])
    return shown if len(ordered) <= _SHOWN else f"{shown} and {len(ordered) - _SHOWN} more"


def _colour_lookup(table: Mapping[str, int], tolerance: int) -> NDArray[np.uint16]:
    """Return the class of each of the 2^24 colours, red highest."""
    if not 0 <= tolerance <= MOST_TOLERANCE:
        raise InputError(f"The tolerance of colours is {tolerance}; expected 0 to {MOST_TOLERANCE}.")
    lookup = np.full((256, 256, 256), _UNLISTED, np.uint16)
    distances = np.full((256, 256, 256), 255, np.uint8)
    for text, value in table.items():
        spans = [np.arange(max(part - tolerance, 0), min(part + tolerance, 255) + 1) for part in bytes.fromhex(text)]
        away = [np.abs(span - part) for span, part in zip(spans, bytes.fromhex(text))]
        distance = np.maximum(np.maximum(away[0][:, None, None], away[1][:, None]), away[2]).astype(np.uint8)
        cube = tuple(slice(int(span[0]), int(span[-1]) + 1) for span in spans)
        nearer = distance < distances[cube]
        lookup[cube][nearer] = value
        distances[cube][nearer] = distance[nearer]
    return lookup.reshape(-1)


def _distinct(numbers: Array) -> NDArray[np.int64]:
    """Return the values that occur, rising."""
    found = np.unique(numbers[::_SPARSE, ::_SPARSE])
    if len(found) == 1 and numbers.min() == numbers.max():
        return found.astype(np.int64)
    if numbers.dtype != np.uint8:
        return _distinct_by_lookup(numbers)
    # Deleting what is known by now leaves little to be sorted, and bytes are deleted faster than arrays are looked up.
    rest = numbers.tobytes().translate(None, found.tobytes())
    return np.union1d(found, np.frombuffer(rest, np.uint8)).astype(np.int64)


def _distinct_by_lookup(numbers: Array) -> NDArray[np.int64]:
    low, high = int(numbers.min()), int(numbers.max())
    if high - low >= _WIDEST_LOOKUP:
        return np.unique(numbers).astype(np.int64)
    occurs = np.zeros(high - low + 1, np.bool_)
    occurs[numbers.astype(np.int64) - low] = True
    return low + np.flatnonzero(occurs)


def _replaced(numbers: Array, found: NDArray[np.int64], targets: ClassArray) -> ClassArray:
    """Return the class of each number, given that of each value that occurs (rising)."""
    low, high = int(found[0]), int(found[-1])
    if high - low >= _WIDEST_LOOKUP:
        return targets[np.searchsorted(found, numbers)]
    if numbers.dtype != np.uint8:
        wide = np.zeros(high - low + 1, np.uint8)
        wide[found - low] = targets
        return wide[numbers.astype(np.int64) - low]
    lookup = np.arange(256, dtype=np.uint8)
    if (found == targets).all():
        return numbers
    lookup[found] = targets
    return np.frombuffer(numbers.tobytes().translate(lookup.tobytes()), np.uint8).reshape(numbers.shape)
