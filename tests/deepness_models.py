# SPDX-License-Identifier: GPL-2.0-or-later
"""Tiny models as they are made for the QGIS plugin Deepness."""

from __future__ import annotations

import json

import numpy as np
import onnx
from onnx import helper, numpy_helper

from tests.onnx_models import save_model


def deepness_model(path, activation="Softmax", channels=3, size=("h", "w"), outputs=None, **metadata):
    """Class `i` is band `i`, as Deepness's own models are written: metadata values in JSON."""
    kernel = 20 * np.eye(channels, 3, dtype=np.float32)[:, :, np.newaxis, np.newaxis]
    attributes = {"axis": 1} if activation == "Softmax" else {}
    nodes = [
        helper.make_node("Conv", ["image", "kernel"], ["scores"]),
        helper.make_node(activation, ["scores"], ["classes"], **attributes),
    ]
    shape = outputs or (1, channels, *size)
    save_model(path, nodes, [numpy_helper.from_array(kernel, "kernel")], inputs=(1, 3, *size), outputs=shape)
    model = onnx.load(path)
    entries = {key: value if isinstance(value, str) else json.dumps(value) for key, value in metadata.items()}
    helper.set_model_props(model, {"model_type": '"Segmentor"', **entries})
    onnx.save(model, path)
    return path
