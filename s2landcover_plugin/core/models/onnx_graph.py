# SPDX-License-Identifier: GPL-2.0-or-later
"""What an ONNX file's graph takes, gives and consists of, read without onnxruntime and without loading the weights.

Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from .onnx_file import GRAPH, open_onnx, read_entry
from .wire_format import Field, fields, read_numbers, read_text

_MODEL_IR, _MODEL_PRODUCER, _MODEL_PRODUCER_VERSION, _MODEL_OPSET, _MODEL_FUNCTION = 1, 2, 3, 8, 25
_GRAPH_NODE, _GRAPH_INITIALIZER, _GRAPH_INPUT, _GRAPH_OUTPUT, _GRAPH_SPARSE = 1, 5, 11, 12, 15
_NODE_INPUT, _NODE_OUTPUT, _NODE_OPERATOR, _NODE_ATTRIBUTE, _NODE_DOMAIN = 1, 2, 4, 5, 7
_ATTRIBUTE_TENSORS, _ATTRIBUTE_GRAPHS, _ATTRIBUTE_SPARSE = (5, 10), (6, 11), (22, 23)
_SPARSE_TENSORS = (1, 2)
_TENSOR_DIMS, _TENSOR_TYPE, _TENSOR_NAME, _TENSOR_EXTERNAL = 1, 2, 8, 13
_FUNCTION_NODE, _FUNCTION_DOMAIN = 7, 10
_MOST_PARAMETERS = 1 << 43  # no disk holds more
_DEEPEST = 16  # graphs within graphs; real models have two or three

_TYPES = {1: "float32", 2: "uint8", 3: "int8", 5: "int16", 6: "int32", 7: "int64", 9: "bool", 10: "float16"}
_TYPES.update({11: "float64", 16: "bfloat16"})
_WEIGHT_TYPES = ("float32", "float16", "float64", "bfloat16", "int8", "uint8")
_PASSING = ("Identity", "Transpose", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Resize", "Slice")


@dataclass(frozen=True)
class TensorInfo:
    """An input or output of a graph.

    Attributes:
        name: what the graph calls it.
        dtype: numpy's name of the type; empty if it is no plain tensor.
        shape: a size for each axis, or the name of one that is left open.
    """

    name: str
    dtype: str
    shape: tuple[int | str, ...]

    def __str__(self) -> str:
        axes = " x ".join(str(size) or "?" for size in self.shape)
        return f"{self.name}: {self.dtype or 'no tensor'} {axes}".rstrip()


@dataclass(frozen=True)
class OnnxGraph:
    """The outline of a model file.

    Attributes:
        ir_version: version of the file format.
        producer: what wrote the file.
        opsets: version of each set of operators; the standard one is called `ai.onnx`.
        inputs: what it takes, weights not counted.
        outputs: what it gives.
        parameters: numbers in the weights.
        operators: how often each operator occurs, `domain.Name` outside the standard set.
        external: files that hold weights, as the file writes their paths.
        last_operator: what computes the first output, looking through operators that only rearrange.
        missing_sets: sets of operators that onnxruntime knows only through a library of their own.
    """

    ir_version: int = 0
    producer: str = ""
    opsets: Mapping[str, int] = field(default_factory=dict)
    inputs: tuple[TensorInfo, ...] = ()
    outputs: tuple[TensorInfo, ...] = ()
    parameters: int = 0
    operators: Mapping[str, int] = field(default_factory=dict)
    external: tuple[str, ...] = ()
    last_operator: str = ""
    missing_sets: tuple[str, ...] = ()


def read_graph(path: Path) -> OnnxGraph:
    """Return the outline of a model file.

    Raises:
        ModelError: if there is no such file, it cannot be read, or it is not an ONNX file.
    """
    with open_onnx(path) as (file, end):
        return _Outline(file).read(end)


@dataclass(frozen=True)
class _Node:
    operator: str
    domain: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


# Operator sets that onnxruntime brings with it.
_KNOWN_SETS = ("", "ai.onnx", "ai.onnx.ml", "ai.onnx.preview", "com.microsoft")


class _Outline:
    """Collects the outline while the file is read from front to back."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._nodes: list[_Node] = []
        self._operators: Counter[str] = Counter()
        self._domains: set[str] = set()
        self._external: list[str] = []
        self._parameters = 0

    def read(self, end: int) -> OnnxGraph:
        """Return the outline of the model in the first `end` bytes."""
        ir_version = 0
        producer = {_MODEL_PRODUCER: "", _MODEL_PRODUCER_VERSION: ""}
        opsets: dict[str, int] = {}
        local: set[str] = set()
        sides: tuple[tuple[TensorInfo, ...], tuple[TensorInfo, ...]] | None = None
        for part in fields(self._file, 0, end):
            if part.number == _MODEL_IR:
                ir_version = part.value
            elif part.number in producer:
                producer[part.number] = read_text(self._file, part)
            elif part.number == _MODEL_OPSET:
                opsets.update([self._opset(part)])
            elif part.number == _MODEL_FUNCTION:
                local.add(self._function(part))
            elif part.number == GRAPH:
                sides = self._graph(part)
        if sides is None:
            raise ValueError("no graph")
        return OnnxGraph(
            ir_version=ir_version,
            producer=" ".join(filter(None, producer.values())),
            opsets=opsets,
            inputs=sides[0],
            outputs=sides[1],
            parameters=self._parameters,
            operators=dict(self._operators),
            external=tuple(dict.fromkeys(self._external)),
            last_operator=_last_operator(self._nodes, sides[1]),
            missing_sets=tuple(sorted(self._domains - local - set(_KNOWN_SETS))),
        )

    def _opset(self, part: Field) -> tuple[str, int]:
        domain, version = "", 0
        for entry in fields(self._file, part.start, part.end):
            if entry.number == 1:
                domain = read_text(self._file, entry)
            elif entry.number == 2:
                version = entry.value
        return domain or "ai.onnx", version

    def _function(self, part: Field) -> str:
        domain = ""
        for entry in fields(self._file, part.start, part.end):
            if entry.number == _FUNCTION_DOMAIN:
                domain = read_text(self._file, entry)
            elif entry.number == _FUNCTION_NODE:
                self._node(entry, 1)
        return domain

    def _graph(self, part: Field, depth: int = 0) -> tuple[tuple[TensorInfo, ...], tuple[TensorInfo, ...]]:
        if depth > _DEEPEST:
            raise ValueError("graphs nested too deep")
        inputs, outputs, weights = [], [], set()
        for entry in fields(self._file, part.start, part.end):
            if entry.number == _GRAPH_NODE:
                node = self._node(entry, depth)
                if depth == 0:
                    self._nodes.append(node)
            elif entry.number == _GRAPH_INITIALIZER:
                weights.add(self._tensor(entry))
            elif entry.number == _GRAPH_SPARSE:
                self._sparse(entry)
            elif entry.number == _GRAPH_INPUT:
                inputs.append(_value_info(self._file, entry))
            elif entry.number == _GRAPH_OUTPUT:
                outputs.append(_value_info(self._file, entry))
        return tuple(info for info in inputs if info.name not in weights), tuple(outputs)

    def _node(self, part: Field, depth: int) -> _Node:
        texts = {_NODE_OPERATOR: "", _NODE_DOMAIN: ""}
        names: dict[int, list[str]] = {_NODE_INPUT: [], _NODE_OUTPUT: []}
        for entry in fields(self._file, part.start, part.end):
            if entry.number in names:
                names[entry.number].append(read_text(self._file, entry))
            elif entry.number in texts:
                texts[entry.number] = read_text(self._file, entry)
            elif entry.number == _NODE_ATTRIBUTE:
                self._attribute(entry, depth)
        operator, domain = texts[_NODE_OPERATOR], texts[_NODE_DOMAIN]
        self._operators[f"{domain}.{operator}" if domain not in ("", "ai.onnx") else operator] += 1
        self._domains.add(domain)
        return _Node(operator, domain, tuple(names[_NODE_INPUT]), tuple(names[_NODE_OUTPUT]))

    def _attribute(self, part: Field, depth: int) -> None:
        for entry in fields(self._file, part.start, part.end):
            if entry.number in _ATTRIBUTE_TENSORS:
                self._tensor(entry)
            elif entry.number in _ATTRIBUTE_SPARSE:
                self._sparse(entry)
            elif entry.number in _ATTRIBUTE_GRAPHS:
                self._graph(entry, depth + 1)

    def _sparse(self, part: Field) -> None:
        for entry in fields(self._file, part.start, part.end):
            if entry.number in _SPARSE_TENSORS:
                self._tensor(entry)

    def _tensor(self, part: Field) -> str:
        """Count a tensor's numbers and note where they lie; return its name."""
        shape: list[int] = []
        kind, name = "", ""
        for entry in fields(self._file, part.start, part.end):
            if entry.number == _TENSOR_DIMS:
                shape += read_numbers(self._file, entry)
            elif entry.number == _TENSOR_TYPE:
                kind = _TYPES.get(entry.value, "")
            elif entry.number == _TENSOR_NAME:
                name = read_text(self._file, entry)
            elif entry.number == _TENSOR_EXTERNAL:
                key, value = read_entry(self._file, entry)
                if key == "location":
                    self._external.append(value)
        if kind in _WEIGHT_TYPES:
            self._parameters += math.prod(shape)
            if self._parameters > _MOST_PARAMETERS:
                raise ValueError("weights of an impossible size")
        return name


def _value_info(file: BinaryIO, part: Field) -> TensorInfo:
    name, dtype = "", ""
    shape: list[int | str] = []
    for entry in fields(file, part.start, part.end):
        if entry.number == 1:
            name = read_text(file, entry)
        elif entry.number == 2:
            for tensor in _children(file, entry, 1):
                dtype = "".join(_TYPES.get(code.value, "another type") for code in _children(file, tensor, 1))
                for axes in _children(file, tensor, 2):
                    shape += [_size(file, axis) for axis in _children(file, axes, 1)]
    return TensorInfo(name, dtype, tuple(shape))


def _children(file: BinaryIO, part: Field, number: int) -> Iterator[Field]:
    return (entry for entry in fields(file, part.start, part.end) if entry.number == number)


def _size(file: BinaryIO, part: Field) -> int | str:
    size: int | str = ""
    for entry in fields(file, part.start, part.end):
        if entry.number == 1:
            size = entry.value
        elif entry.number == 2:
            size = read_text(file, entry)
    return size


def _last_operator(nodes: list[_Node], outputs: tuple[TensorInfo, ...]) -> str:
    makers = {name: node for node in nodes for name in node.outputs}
    name = outputs[0].name if outputs else ""
    for _ in range(len(nodes)):  # a damaged graph may run in circles
        node = makers.get(name)
        if node is None or node.operator not in _PASSING or not node.inputs:
            return node.operator if node else ""
        name = node.inputs[0]
    return ""
