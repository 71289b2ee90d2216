# SPDX-License-Identifier: GPL-2.0-or-later
"""Protocol Buffers' wire format, read field by field from a file without loading what is skipped.

https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_LARGEST_TEXT = 1 << 24  # bytes; a contract has a few thousand


@dataclass(frozen=True)
class Field:
    """One field of a message.

    Attributes:
        number: which field of its message.
        start: position of its content in the file.
        size: length of its content, bytes; 0 for a number.
        value: the number, if it is one.
    """

    number: int
    start: int
    size: int
    value: int = 0

    @property
    def end(self) -> int:
        """Position behind the content."""
        return self.start + self.size


def fields(file: BinaryIO, start: int, end: int) -> Iterator[Field]:
    """Yield the fields of the message between two positions.

    Raises:
        ValueError: if it is no message.
        EOFError: if the file ends within a field.
    """
    position = start
    while position < end:
        file.seek(position)
        tag = _varint(file)
        number, kind = tag >> 3, tag & 7
        value = size = 0
        if kind == _VARINT:
            value = _varint(file)
        elif kind in (_FIXED64, _BYTES, _FIXED32):
            size = _varint(file) if kind == _BYTES else {_FIXED64: 8, _FIXED32: 4}[kind]
        else:
            raise ValueError(f"wire type {kind}")
        field = Field(number, file.tell(), size, value)
        if number == 0 or field.end > end:
            raise ValueError("a field beyond the end")
        yield field
        position = field.end


def read_text(file: BinaryIO, field: Field) -> str:
    """Return a field's content as text.

    Raises:
        ValueError: if it is not UTF-8, or too long for a text.
    """
    return _content(file, field).decode("utf-8")


def read_numbers(file: BinaryIO, field: Field) -> list[int]:
    """Return a repeated whole number's content, packed or one at a time.

    Raises:
        ValueError: if it is too long.
        EOFError: if it ends within a number.
    """
    if field.size == 0:
        return [field.value]
    content = io.BytesIO(_content(file, field))
    numbers = []
    while content.tell() < field.size:
        numbers.append(_varint(content))
    return numbers


def _content(file: BinaryIO, field: Field) -> bytes:
    if field.size > _LARGEST_TEXT:
        raise ValueError("a text of an impossible size")
    file.seek(field.start)
    return file.read(field.size)


def _varint(file: BinaryIO) -> int:
    value = 0
    for shift in range(0, 70, 7):
        byte = file.read(1)
        if not byte:
            raise EOFError
        value |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return value
    raise ValueError("a number of more than ten bytes")
