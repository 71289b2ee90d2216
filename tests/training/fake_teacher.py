# SPDX-License-Identifier: GPL-2.0-or-later
"""A teacher of one matrix in place of the real network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


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
