# SPDX-License-Identifier: GPL-2.0-or-later
"""Model files in fewer bits: half as large in float16, a quarter in int8, which processors also multiply faster.

Input and output stay float32, so that a file runs wherever its float32 sister does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from onnxruntime.transformers.float16 import convert_float_to_float16
from onnxruntime.transformers.onnx_model import OnnxModel

from s2landcover_plugin.core.errors import ModelError
from s2landcover_plugin.core.radiometry import FloatArray

from .parity import INPUT, Difference

FP32, FP16, INT8 = "fp32", "fp16", "int8"
PRECISIONS = (FP32, FP16, INT8)

TOLERANCES: Mapping[str, Difference] = {
    FP32: Difference(1e-4, 1e-4),
    FP16: Difference(0.05, 0.005),
    # Where two classes are equally likely, eight bits may decide for either: the mean tells more.
    INT8: Difference(1.0, 0.05),
}
"""How far from PyTorch a file may be: float32 and float16 on made-up images, int8 on the tiles of its calibration."""

# What convolutions are made of. The logarithm of reflectance before, and a softmax behind them, keep their 32 bits.
_QUANTISED = ("Conv", "ConvTranspose", "Relu", "Clip", "Add", "Concat", "MaxPool", "Resize")


def write_fp16(source: Path, target: Path) -> None:
    """Write a model file with the weights and the arithmetic of another in float16."""
    model = OnnxModel(convert_float_to_float16(onnx.load(str(source)), keep_io_types=True))
    model.topological_sort()  # it leaves its casts at the end
    onnx.save(model.model, str(target))


def write_int8(source: Path, target: Path, images: Iterable[FloatArray]) -> None:
    """Write a model file with the convolutions of another in int8.

    Weights have a scale for each output channel, activations one for each tensor, from the smallest and largest numbers
    that the images bring about (static quantisation, Jacob et al. 2018, https://doi.org/10.1109/CVPR.2018.00286).

    Args:
        source: the float32 file.
        target: the file to write.
        images: what the graph takes, shape (n, bands, rows, cols).

    Raises:
        ModelError: if onnxruntime cannot.
    """
    prepared = target.with_name(f"{target.stem}-prepared.onnx")
    try:
        quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
        quantize_static(
            str(prepared),
            str(target),
            _Images(images),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=list(_QUANTISED),
            nodes_to_exclude=_before_logarithms(prepared),
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
    except Exception as error:  # onnxruntime has no common root for its errors
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelError(f"onnxruntime cannot make an int8 model of this network ({reason}).") from error
    finally:
        prepared.unlink(missing_ok=True)


def _before_logarithms(path: Path) -> list[str]:
    """Return the nodes that a logarithm is taken of: 256 steps of reflectance would be few for what is dark."""
    nodes = list(onnx.load(str(path)).graph.node)
    makers = {name: node for node in nodes for name in node.output}
    waiting = [name for node in nodes if node.op_type == "Log" for name in node.input]
    found: dict[str, None] = {}
    while waiting:
        node = makers.get(waiting.pop())
        if node is not None and node.name not in found:
            found[node.name] = None
            waiting += node.input
    return list(found)


class _Images(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime has no types
    """Images in the form in which onnxruntime asks for them."""

    def __init__(self, images: Iterable[FloatArray]) -> None:
        self._images: Iterator[FloatArray] = iter(images)

    def get_next(self) -> dict[str, FloatArray] | None:
        """Return the next input, or None behind the last."""
        image = next(self._images, None)
        return None if image is None else {INPUT: image}
