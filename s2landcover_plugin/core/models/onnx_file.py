# SPDX-License-Identifier: GPL-2.0-or-later
"""The metadata of an ONNX file, read without onnxruntime: from the file's outermost fields, past the weights.

An ONNX file is a Protocol Buffers message (`ModelProto` in
https://github.com/onnx/onnx/blob/main/onnx/onnx.proto); its `metadata_props` are key and value pairs.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ..errors import ModelError
from .wire_format import Field, fields, read_text

GRAPH, METADATA = 7, 14  # field numbers in ModelProto
_KEY, _VALUE = 1, 2  # in StringStringEntryProto


@contextlib.contextmanager
def open_onnx(path: Path) -> Iterator[tuple[BinaryIO, int]]:
    """Open a model file, and put what goes wrong with it into one sentence.

    Yields:
        The file, and its length in bytes.

    Raises:
        ModelError: if there is no such file, it cannot be read, or it is not an ONNX file.
    """
    try:
        with path.open("rb") as file:
            yield file, path.stat().st_size
    except FileNotFoundError as error:
        raise ModelError(f"There is no model file {path}.") from error
    except OSError as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(f"The model file {path} cannot be read ({error.strerror}).") from error
    except (ValueError, EOFError) as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(f"{path} is not an ONNX file, or it is damaged. Export or download it again.") from error


def read_metadata(path: Path) -> dict[str, str]:
    """Return the metadata of a model file.

    Raises:
        ModelError: if there is no such file, it cannot be read, it is not an ONNX file, or an entry is there twice.
    """
    metadata: dict[str, str] = {}
    has_graph = False
    with open_onnx(path) as (file, end):
        for field in fields(file, 0, end):
            has_graph |= field.number == GRAPH
            if field.number == METADATA:
                key, value = read_entry(file, field)
                if key in metadata:
                    raise ModelError(f"{path} has the metadata entry '{key}' twice; export it again.")
                metadata[key] = value
        if not has_graph:
            raise ValueError("no graph")
    return metadata


def read_entry(file: BinaryIO, field: Field) -> tuple[str, str]:
    """Return the key and the value of a `StringStringEntryProto`."""
    texts = {_KEY: "", _VALUE: ""}
    for part in fields(file, field.start, field.end):
        texts[part.number] = read_text(file, part)
    return texts[_KEY], texts[_VALUE]
