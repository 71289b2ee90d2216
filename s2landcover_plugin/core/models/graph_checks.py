# SPDX-License-Identifier: GPL-2.0-or-later
"""A graph's inputs and outputs against what its contract says of them."""

from __future__ import annotations

from .contract import ModelContract
from .contract_checks import LAYOUTS
from .onnx_graph import OnnxGraph, TensorInfo
from .probabilities import output_channels


def mismatches(graph: OnnxGraph, contract: ModelContract) -> list[str]:
    """Return where a graph contradicts its contract, without a full stop each; nothing where it leaves things open."""
    if len(graph.inputs) != 1 or not graph.outputs:
        return [f"it takes {len(graph.inputs)} inputs and gives {len(graph.outputs)} outputs; expected one image each"]
    bands, classes = (len(contract.bands),), output_channels(contract)
    return [
        *_side("input", graph.inputs[0], contract.layout, bands, f"{bands[0]} bands"),
        *_side("output", graph.outputs[0], contract.layout, classes, f"{len(contract.legend)} classes"),
    ]


def _side(side: str, tensor: TensorInfo, layout: str, channels: tuple[int, ...], named: str) -> list[str]:
    axes = len(tensor.shape)
    if tensor.dtype != "float32" or (axes != 4 and not _is_flat_output(side, axes, channels)):
        # A shape that the file leaves out is known when the model has run.
        if tensor.dtype == "float32" and axes == 0:
            return []
        return [f"its {side} is {tensor.dtype or 'no tensor'} with {axes} dimensions; expected float32 with 4"]
    found = []
    sizes = dict(zip(LAYOUTS[layout], tensor.shape)) if axes == 4 else {"batch": tensor.shape[0], "bands": ""}
    if isinstance(sizes["bands"], int) and sizes["bands"] not in channels:
        found.append(f"its {side} has {sizes['bands']} channels, and the contract names {named}")
    if isinstance(sizes["batch"], int) and sizes["batch"] != 1:
        found.append(f"its {side} is a fixed batch of {sizes['batch']} images; expected one, or any number")
    return found


def _is_flat_output(side: str, axes: int, channels: tuple[int, ...]) -> bool:
    return side == "output" and axes == 3 and 1 in channels


def fixed_size(graph: OnnxGraph, contract: ModelContract) -> tuple[int, int] | None:
    """Return height and width of the only input that a graph takes, pixels; None if any will do."""
    sizes = dict(zip(LAYOUTS[contract.layout], graph.inputs[0].shape))
    height, width = sizes.get("height"), sizes.get("width")
    return (height, width) if isinstance(height, int) and isinstance(width, int) else None
