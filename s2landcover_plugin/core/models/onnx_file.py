# SPDX-License-Identifier: GPL-2.0-or-later
"""The metadata of an ONNX file, read without onnxruntime: from the file's outermost fields, past the weights.

An ONNX file is a Protocol Buffers message (`ModelProto` in
https://github.com/onnx/onnx/blob/main/onnx/onnx.proto); its `metadata_props` are key and value pairs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ..errors import ModelError

_GRAPH, _METADATA = 7, 14  # field numbers in ModelProto
_KEY, _VALUE = 1, 2  # in StringStringEntryProto
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5  # wire types
_LARGEST_ENTRY = 1 << 24  # bytes; a contract has a few thousand


def read_metadata(path: Path) -> dict[str, str]:
    """Return the metadata of a model file.

    Raises:
        ModelError: if there is no such file, it cannot be read, or it is not an ONNX file.
    """
    try:
        with path.open("rb") as file:
            return _metadata(file, path.stat().st_size)
    except FileNotFoundError as error:
        raise ModelError(f"There is no model file {path}.") from error
    except OSError as error:
        raise ModelError(f"The model file {path} cannot be read ({error.strerror}).") from error
    except (ValueError, EOFError) as error:
        raise ModelError(f"{path} is not an ONNX file, or it is damaged. Export or download it again.") from error


def _metadata(file: BinaryIO, end: int) -> dict[str, str]:
    metadata: dict[str, str] = {}
    has_graph = False
    for number, start, size in _fields(file, end):
        has_graph |= number == _GRAPH
        if number == _METADATA:
            metadata.update([_entry(file, start, size)])
    if not has_graph:
        raise ValueError("no graph")
    return metadata


def _entry(file: BinaryIO, start: int, size: int) -> tuple[str, str]:
    if size > _LARGEST_ENTRY:
        raise ValueError("a metadata entry of an impossible size")
    file.seek(start)
    texts = {_KEY: "", _VALUE: ""}
    for number, begin, length in _fields(file, start + size):
        file.seek(begin)
        texts[number] = file.read(length).decode("utf-8")
    file.seek(start + size)
    return texts[_KEY], texts[_VALUE]


def _fields(file: BinaryIO, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield number, position and size in bytes of each field from here to `end`."""
    while file.tell() < end:
        tag = _varint(file)
        number, kind = tag >> 3, tag & 7
        if kind == _VARINT:
            start, size = file.tell(), 0
            _varint(file)
            after = file.tell()
        elif kind in (_FIXED64, _BYTES, _FIXED32):
            size = _varint(file) if kind == _BYTES else {_FIXED64: 8, _FIXED32: 4}[kind]
            start = file.tell()
            after = start + size
        else:
            raise ValueError(f"wire type {kind}")
        if number == 0 or after > end:
            raise ValueError("a field beyond the end")
        yield number, start, size
        file.seek(after)


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
