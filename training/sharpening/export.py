# SPDX-License-Identifier: GPL-2.0-or-later
"""A trained sharpening network as one ONNX file with its contract."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor

from s2landcover_plugin.core.errors import ModelError
from s2landcover_plugin.core.sharpening.network_contract import INPUTS, METADATA_KEY, OUTPUT, SharpenerContract

from .network import SharpeningCNN

TOLERANCE = 1e-5
"""Largest difference in reflectance between onnxruntime and PyTorch that is let through."""

_OPSET = 18
_AXES = {
    "guides": {0: "n", 2: "rows", 3: "cols"},
    "regression": {0: "n", 2: "rows", 3: "cols"},
    "coarse": {0: "n", 2: "coarse_rows", 3: "coarse_cols"},
    "band": {0: "n"},
    "blur": {0: "n"},
    OUTPUT: {0: "n", 2: "rows", 3: "cols"},
}


def write_network(network: SharpeningCNN, contract: SharpenerContract, path: Path) -> None:
    """Write a network and its contract.

    Raises:
        ModelError: if onnxruntime, given the file, differs from PyTorch by more than `TOLERANCE`.
    """
    network = network.to("cpu", memory_format=torch.contiguous_format).eval()  # type: ignore[call-overload]
    torch.onnx.export(
        network,
        example_inputs(contract, 12, 16),
        str(path),
        input_names=list(INPUTS),
        output_names=[OUTPUT],
        dynamic_axes=_AXES,
        opset_version=_OPSET,
        dynamo=False,
    )
    write_contract(path, contract)
    difference = max(_difference(network, path, contract, *size) for size in ((1, 1), (9, 30), (24, 17)))
    if not difference <= TOLERANCE:
        raise ModelError(
            f"onnxruntime and PyTorch differ by {difference:.2g} in reflectance; at most {TOLERANCE:.0e} is let "
            "through, so no file was written. Try another version of torch, onnx or onnxruntime."
        )


def write_contract(path: Path, contract: SharpenerContract) -> None:
    """Put a contract into a network's file, in the place of the one that it has."""
    model = onnx.load(str(path))
    onnx.helper.set_model_props(model, {METADATA_KEY: contract.to_json()})
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def example_inputs(contract: SharpenerContract, rows: int, cols: int) -> tuple[Tensor, ...]:
    """Return plausible inputs of a coarse size, for one band; see `INPUTS`."""
    generator = torch.Generator().manual_seed(rows * 1000 + cols)
    fine = (contract.factor * rows, contract.factor * cols)
    shapes = ((len(contract.guides), *fine), (1, *fine), (1, rows, cols))
    images = [0.02 + 0.4 * torch.rand((1, *shape), generator=generator) for shape in shapes]
    band = torch.eye(len(contract.bands))[:1]
    return (*images, band, torch.tensor([[0.45, 0.05]]))


def _difference(network: SharpeningCNN, path: Path, contract: SharpenerContract, rows: int, cols: int) -> float:
    inputs = example_inputs(contract, rows, cols)
    with torch.inference_mode():
        expected = network(*inputs).numpy()
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (found,) = session.run([OUTPUT], {name: value.numpy() for name, value in zip(INPUTS, inputs)})
    # A difference that is no number must not pass for a small one.
    return float(np.nan_to_num(np.abs(found - expected).max(), nan=np.inf))
