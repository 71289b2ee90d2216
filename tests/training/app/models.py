# SPDX-License-Identifier: GPL-2.0-or-later
"""A model of bytes without training: every pixel gets the class whose colour is nearest."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from s2landcover_plugin.core.models.contract import METADATA_KEY, ModelContract

from ..byte_tiles import COLOURS
from ..tiles import LEGEND


def write_colour_model(path: Path) -> None:
    """Write a model whose scores are minus the squared distance from each class's colour (but for what all share)."""
    colours = np.array([COLOURS[value] for value in LEGEND.values], dtype=np.float32)
    weights = (2 * colours / 100).reshape(len(colours), 3, 1, 1)
    bias = -(colours**2).sum(axis=1) / 100
    graph = helper.make_graph(
        [helper.make_node("Conv", ["image", "w", "b"], ["classes"])],
        "nearest colour",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, "h", "w_"])],
        [helper.make_tensor_value_info("classes", TensorProto.FLOAT, ["n", 3, "h", "w_"])],
        [numpy_helper.from_array(weights, "w"), numpy_helper.from_array(bias.astype(np.float32), "b")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    contract = ModelContract(
        "nearest-colour", "1.0", "CC0-1.0", "Nobody", ("1", "2", "3"), LEGEND, 0, 1, 32, values="stored", gsd=0.5,
        activation="logits", description="The class whose colour is nearest."
    )  # fmt: skip
    helper.set_model_props(model, {METADATA_KEY: contract.to_json()})
    onnx.save(model, str(path))
