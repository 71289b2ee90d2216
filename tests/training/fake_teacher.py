# SPDX-License-Identifier: GPL-2.0-or-later
"""What stands in for Dynamic World: a teacher of one matrix, and a file with weights in its order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from torch import nn


def write_teacher(path: Path, matrix: np.ndarray) -> Path:
    """Write an ONNX file that multiplies the bands of (1, rows, cols, 9) by a matrix of shape (9, classes)."""
    size = ["batch", "rows", "cols"]
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["image", "matrix"], ["logits"])],
        "teacher",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [*size, 9])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [*size, matrix.shape[1]])],
        [numpy_helper.from_array(matrix.astype(np.float32), "matrix")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(path))
    return path


def write_convolutions(path: Path, convolutions: list[nn.Conv2d]) -> Path:
    """Write an ONNX file whose graph has these convolutions, in this order; it is not made to be run."""
    nodes, values = [], []
    for number, convolution in enumerate(convolutions):
        names = [f"weight{number}", f"bias{number}"]
        tensors = (convolution.weight, convolution.bias)
        values += [numpy_helper.from_array(tensor.detach().numpy(), name) for tensor, name in zip(tensors, names)]
        nodes += [helper.make_node("Conv", [f"x{number}", *names], [f"y{number}"])]
        nodes += [helper.make_node("Softplus", [f"y{number}"], [f"x{number + 1}"])]
    onnx.save(helper.make_model(helper.make_graph(nodes, "convolutions", [], [], values)), str(path))
    return path
