# SPDX-License-Identifier: GPL-2.0-or-later
"""Tiny ONNX models with a contract, made in code: what they compute can be checked with a pencil."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from s2landcover_plugin.core.legend import LandCoverClass, Legend
from s2landcover_plugin.core.models.contract import METADATA_KEY, ModelContract

LEGEND = Legend(
    (LandCoverClass(1, "water", "419BDF"), LandCoverClass(2, "trees", "397D49"), LandCoverClass(7, "built", "C4281B"))
)


def contract(bands: Sequence[str] = ("B02", "B03", "B04"), legend: Legend = LEGEND, **fields) -> ModelContract:
    given = {"name": "tiny", "version": "1.0", "license": "CC0-1.0", "attribution": "nobody", "context": 0, **fields}
    return ModelContract(bands=tuple(bands), legend=legend, **given)


def brightest_band_model(path: Path, stated: ModelContract | None = None, sharpness: float = 50.0) -> Path:
    """Class `i` is band `i` of the input: the softmax of the reflectances, made steep."""
    stated = contract() if stated is None else stated
    bands, classes = len(stated.bands), len(stated.legend)
    weights = sharpness * np.eye(classes, bands, dtype=np.float32)[:, :, np.newaxis, np.newaxis]
    return convolution_model(path, [weights], stated)


def blurring_model(path: Path, layers: int = 3, seed: int = 0, stated: ModelContract | None = None) -> Path:
    """A stack of 3 x 3 convolutions with random weights: every layer looks one pixel further."""
    stated = contract(context=layers) if stated is None else stated
    random = np.random.default_rng(seed)
    channels = [len(stated.bands), *[6] * (layers - 1), len(stated.legend)]
    shapes = [(out, into, 3, 3) for into, out in zip(channels, channels[1:])]
    return convolution_model(path, [random.normal(0, 0.7, shape).astype(np.float32) for shape in shapes], stated)


def convolution_model(path: Path, kernels: Sequence[np.ndarray], stated: ModelContract) -> Path:
    """Convolutions with zero padding and ReLU between them, a softmax (unless the contract says logits) at the end."""
    nodes, name = [], "image"
    for number, kernel in enumerate(kernels):
        pad = kernel.shape[2] // 2
        nodes.append(helper.make_node("Conv", [name, f"kernel{number}"], [f"conv{number}"], pads=[pad] * 4))
        name = f"conv{number}"
        if number < len(kernels) - 1:
            nodes.append(helper.make_node("Relu", [name], [f"relu{number}"]))
            name = f"relu{number}"
    final = "Softmax" if stated.activation == "softmax" else "Identity"
    nodes.append(helper.make_node(final, [name], ["classes"], **({"axis": 1} if final == "Softmax" else {})))
    weights = [numpy_helper.from_array(kernel, f"kernel{number}") for number, kernel in enumerate(kernels)]
    return save_model(path, nodes, weights, stated)


def save_model(
    path: Path,
    nodes: Sequence[onnx.NodeProto],
    weights: Sequence[onnx.TensorProto] = (),
    stated: ModelContract | None = None,
    inputs: Sequence[int | str] = ("n", None, "h", "w"),
    outputs: Sequence[int | str] = ("n", None, "h", "w"),
    output_type: int = TensorProto.FLOAT,
) -> Path:
    """Write a model whose input is `image` and whose output is `classes`; a None channel count is the contract's."""
    source = [len(stated.bands) if size is None and stated else size for size in inputs]
    result = [len(stated.legend) if size is None and stated else size for size in outputs]
    graph = helper.make_graph(
        list(nodes),
        "tiny",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, source)],
        [helper.make_tensor_value_info("classes", output_type, result)],
        list(weights),
    )
    # The oldest onnxruntime that the plugin supports reads these versions.
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    if stated is not None:
        helper.set_model_props(model, {METADATA_KEY: stated.to_json()})
    onnx.save(model, str(path))
    return path
