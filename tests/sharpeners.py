# SPDX-License-Identifier: GPL-2.0-or-later
"""Tiny sharpening networks, made in code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from s2landcover_plugin.core.sharpening.network_contract import METADATA_KEY, SharpenerContract

LAPLACIAN = np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]], dtype=np.float32)


def sharpener_contract(bands: Sequence[str] = ("B05", "B11"), **fields) -> SharpenerContract:
    given = {"name": "edges", "version": "1.0", "license": "CC0-1.0", "attribution": "nobody", "context": 1, **fields}
    return SharpenerContract(bands=tuple(bands), **{"factor": 2, **given})


def edge_sharpener(
    path: Path, stated: SharpenerContract | None = None, strengths: Sequence[float] = (0.1, 0.2)
) -> Path:
    """Write a network that adds so much of the Laplacian of regression's result, by band."""
    stated = sharpener_contract() if stated is None else stated
    count, sides = len(stated.bands), ("n", 1, "rows", "cols")
    shapes = {
        "guides": ("n", len(stated.guides), "rows", "cols"),
        "regression": sides,
        "coarse": ("n", 1, "low", "narrow"),
        "band": ("n", count),
        "blur": ("n", 2),
    }
    nodes = [
        helper.make_node("Conv", ["regression", "kernel"], ["edges"], pads=[1] * 4),
        helper.make_node("MatMul", ["band", "strengths"], ["strength"]),
        helper.make_node("Reshape", ["strength", "shape"], ["factor"]),
        helper.make_node("Mul", ["edges", "factor"], ["correction"]),
    ]
    weights = {
        "kernel": LAPLACIAN[None, None],
        "strengths": np.array(strengths[:count], dtype=np.float32)[:, None],
        "shape": np.array([-1, 1, 1, 1]),
    }
    graph = helper.make_graph(
        nodes,
        "edges",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()],
        [helper.make_tensor_value_info("correction", TensorProto.FLOAT, sides)],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, {METADATA_KEY: stated.to_json()})
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
    return path
