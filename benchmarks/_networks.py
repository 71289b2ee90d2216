# SPDX-License-Identifier: GPL-2.0-or-later
"""Networks with random weights and a contract, built as ONNX graphs: what they cost does not depend on the weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

from s2landcover_plugin.core.legend import LandCoverClass, Legend, fallback_colour
from s2landcover_plugin.core.models.contract import METADATA_KEY, ModelContract

CLASSES = 9

_BLOCKS = ((3, 64), (4, 128), (6, 256), (3, 512))  # of ResNet-50: how many, and how wide (He et al. 2016)
_EXPANSION = 4
_DECODER = (256, 128, 64, 32, 16)


def one_convolution(path: Path, bands: Sequence[str]) -> Path:
    """Write a 1 x 1 convolution."""
    graph = _Graph(len(bands))
    return graph.save(path, graph.conv("image", CLASSES, 1), _contract("one convolution", bands, context=0))


def resnet50_unet(path: Path, bands: Sequence[str], context: int = 48) -> Path:
    """Write a U-Net with a ResNet-50 encoder: 33 M parameters, batch normalisation folded into the convolutions."""
    graph = _Graph(len(bands))
    name = graph.conv("image", 64, 7, stride=2, activate=True)
    skips = [name]
    name = graph.add("MaxPool", [name], 64, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    for stage, (blocks, width) in enumerate(_BLOCKS):
        for block in range(blocks):
            name = _bottleneck(graph, name, width, stride=2 if stage and not block else 1)
        skips.append(name)
    name = skips.pop()
    for channels in _DECODER:
        name = graph.doubled(name)
        if skips:
            name = graph.joined(name, skips.pop())
        name = graph.conv(graph.conv(name, channels, 3, activate=True), channels, 3, activate=True)
    stated = _contract("ResNet-50 U-Net", bands, context=context, size_multiple=32)
    return graph.save(path, graph.conv(name, CLASSES, 3), stated)


def _bottleneck(graph: _Graph, name: str, width: int, stride: int) -> str:
    out = _EXPANSION * width
    inner = graph.conv(graph.conv(name, width, 1, activate=True), width, 3, stride, activate=True)
    shortcut = name if graph.channels[name] == out else graph.conv(name, out, 1, stride)
    return graph.add("Relu", [graph.add("Add", [graph.conv(inner, out, 1), shortcut], out)], out)


class _Graph:
    """Nodes and weights, added one after the other; `channels` of each tensor are kept by its name."""

    def __init__(self, bands: int) -> None:
        self.channels = {"image": bands}
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []
        self._random = np.random.default_rng(0)

    def add(self, kind: str, inputs: Sequence[str], channels: int, **attributes: object) -> str:
        """Add a node with an output of so many channels; return the output's name."""
        name = f"{kind.lower()}{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        self.channels[name] = channels
        return name

    def conv(self, source: str, channels: int, size: int, stride: int = 1, activate: bool = False) -> str:
        """Add a convolution that keeps the size (or halves it), with a ReLU if wanted."""
        shape = (channels, self.channels[source], size, size)
        weights = self._random.normal(0, np.sqrt(2 / np.prod(shape[1:])), shape).astype(np.float32)
        kernel = self._weight(weights)
        pads, strides = [size // 2] * 4, [stride, stride]
        name = self.add("Conv", [source, kernel], channels, kernel_shape=[size, size], pads=pads, strides=strides)
        return self.add("Relu", [name], channels) if activate else name

    def doubled(self, source: str) -> str:
        """Add a nearest-neighbour enlargement by two."""
        scales = self._weight(np.float32([1, 1, 2, 2]))
        attributes = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        return self.add("Resize", [source, "", scales], self.channels[source], **attributes)

    def joined(self, first: str, second: str) -> str:
        """Add a concatenation of channels."""
        return self.add("Concat", [first, second], self.channels[first] + self.channels[second], axis=1)

    def save(self, path: Path, scores: str, contract: ModelContract) -> Path:
        """Write the graph and its contract; the scores are left to be turned into probabilities."""
        self._nodes.append(helper.make_node("Identity", [scores], ["classes"]))
        float32 = onnx.TensorProto.FLOAT
        source = helper.make_tensor_value_info("image", float32, ["n", len(contract.bands), "h", "w"])
        result = helper.make_tensor_value_info("classes", float32, ["n", CLASSES, "h", "w"])
        graph = helper.make_graph(self._nodes, "network", [source], [result], self._weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
        helper.set_model_props(model, {METADATA_KEY: contract.to_json()})
        onnx.save(model, str(path))
        return path

    def _weight(self, values: np.ndarray) -> str:
        name = f"weight{len(self._weights)}"
        self._weights.append(numpy_helper.from_array(values, name))
        return name


def _contract(name: str, bands: Sequence[str], **fields: int) -> ModelContract:
    legend = Legend(tuple(LandCoverClass(value, f"class {value}", fallback_colour(value)) for value in range(1, 10)))
    return ModelContract(name, "1.0", "CC0-1.0", "nobody", tuple(bands), legend, activation="logits", **fields)
