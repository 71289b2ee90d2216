# SPDX-License-Identifier: GPL-2.0-or-later
"""A checkpoint as one ONNX file: normalisation and network in the graph, the contract in the metadata.

The graph gives scores. The softmax is left to whoever runs it: onnxruntime takes a third of a small network's time for
one over the channels.

No file appears unless onnxruntime, given that very file, repeats what PyTorch says.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn

from s2landcover_plugin.core.errors import InputError, ModelError
from s2landcover_plugin.core.models.contract import METADATA_KEY, ModelContract
from s2landcover_plugin.core.models.probabilities import softmax
from s2landcover_plugin.core.outputs import staged
from s2landcover_plugin.core.radiometry import FloatArray

from ..fitting.module import SegmentationModule
from ..networks.receptive_field import context_of
from .provenance import provenance

TOLERANCE = 1e-4
"""Largest difference in a class probability between onnxruntime and PyTorch that is let through."""

_OPSET = 18
_INPUT, _OUTPUT = "image", "classes"


@dataclass(frozen=True)
class ExportRequest:
    """What to export, and what to say about it; see `ModelContract` for the fields that are not explained here.

    Attributes:
        checkpoint: Lightning checkpoint of a `SegmentationModule`.
        output: the ONNX file to write.
        name: identifier.
        version: the model's own version.
        license: SPDX expression of the weights' licence.
        attribution: credit.
        description: what the model is for.
        levels: product levels that it was trained for.
        data: what it was trained on.
        data_license: licence of the training data.
        figures: JSON file that `test` wrote, or None.
    """

    checkpoint: Path
    output: Path
    name: str
    version: str
    license: str
    attribution: str
    description: str = ""
    levels: tuple[str, ...] = ("L1C", "L2A")
    data: str = ""
    data_license: str = ""
    figures: Path | None = None


@dataclass(frozen=True)
class ExportResult:
    """What was written.

    Attributes:
        path: the ONNX file.
        size: bytes.
        difference: largest difference in a probability between onnxruntime and PyTorch, over all checks.
    """

    path: Path
    size: int
    difference: float


def export(request: ExportRequest) -> ExportResult:
    """Write a model file.

    Raises:
        InputError: if the checkpoint cannot be read, or a field of the contract is empty.
        ModelError: if onnxruntime and PyTorch differ by more than `TOLERANCE`.
        OutputError: if the file cannot be written.
    """
    module = load_module(request.checkpoint)
    contract = contract_of(module, request)
    network = module.network.eval()
    with staged(request.output) as path:
        _write_graph(network, contract, path)
        difference = largest_difference(network, path, contract)
        if not difference <= TOLERANCE:
            raise ModelError(
                f"onnxruntime and PyTorch differ by {difference:.2g} in a class probability; at most {TOLERANCE:.0e} "
                "is let through, so no file was written. Try another version of torch, onnx or onnxruntime."
            )
    return ExportResult(request.output, request.output.stat().st_size, difference)


def load_module(checkpoint: Path) -> SegmentationModule:
    """Load a trained module on the CPU; runs no code from the file.

    Raises:
        InputError: if it is not a checkpoint of a `SegmentationModule`.
    """
    try:
        return SegmentationModule.load_from_checkpoint(checkpoint, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise InputError(f"There is no checkpoint {checkpoint}; 'fit' says where it wrote one.") from error
    except (pickle.UnpicklingError, RuntimeError, KeyError, TypeError, EOFError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise InputError(f"{checkpoint} is not a checkpoint of this package's 'fit' ({reason}).") from error


def contract_of(module: SegmentationModule, request: ExportRequest) -> ModelContract:
    """Return the contract of a trained module; the provenance says what the context was taken from."""
    bands, tile_size = tuple(module.hparams["bands"]), int(module.hparams["tile_size"])
    context = context_of(module.segmenter, len(bands), tile_size)
    return ModelContract(
        name=request.name,
        version=request.version,
        license=request.license,
        attribution=request.attribution,
        bands=bands,
        legend=module.legend,
        context=context.pixels,
        size_multiple=module.segmenter.size_multiple,
        tile_size=tile_size,
        levels=request.levels,
        activation="logits",
        description=request.description,
        architecture=module.network_options.describe(),
        parameters=sum(parameter.numel() for parameter in module.parameters()),
        provenance={
            **provenance(request.data, request.data_license, request.figures),
            "context": context.basis,
        },
    )


def largest_difference(network: nn.Module, path: Path, contract: ModelContract) -> float:
    """Return the largest difference in a probability between a network and its file, over several sizes and inputs."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    worst = 0.0
    for image in _images(contract):
        with torch.inference_mode():
            expected = softmax(network(torch.from_numpy(image)).numpy())
        (scores,) = session.run([_OUTPUT], {_INPUT: image})
        found = softmax(scores)
        # A difference that is no number must not pass for a small one.
        worst = max(worst, float(np.nan_to_num(np.abs(found - expected).max(), nan=np.inf)))
    return worst


def _write_graph(network: nn.Module, contract: ModelContract, path: Path) -> None:
    size = 4 * contract.size_multiple
    example = torch.zeros(2, len(contract.bands), size, size)
    axes = {0: "batch", 2: "height", 3: "width"}
    torch.onnx.export(
        network,
        (example,),
        str(path),
        input_names=[_INPUT],
        output_names=[_OUTPUT],
        dynamic_axes={_INPUT: axes, _OUTPUT: axes},
        opset_version=_OPSET,
        dynamo=False,
    )
    model = onnx.load(str(path))
    onnx.helper.set_model_props(model, {METADATA_KEY: contract.to_json()})
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def _images(contract: ModelContract) -> Iterator[FloatArray]:
    """Yield inputs of several sizes: noise, smooth surfaces like real ones, darkness, and glare."""
    rng = np.random.default_rng(0)
    step, bands = contract.size_multiple, len(contract.bands)
    for batch, rows, cols in ((1, 1, 1), (3, 32, 56), (1, 128, 64), (2, 256, 256)):
        shape = (batch, bands, _whole_steps(rows, step), _whole_steps(cols, step))
        yield rng.random(shape, dtype=np.float32)
        yield _smooth(rng, shape)
        yield np.zeros(shape, dtype=np.float32)
        yield np.full(shape, 1.6, dtype=np.float32)


def _whole_steps(pixels: int, step: int) -> int:
    return max(round(pixels / step), 1) * step


def _smooth(rng: np.random.Generator, shape: tuple[int, int, int, int]) -> FloatArray:
    """Return gradients between land-like reflectances of 0.01 to 0.5, a little rough."""
    batch, bands, rows, cols = shape
    ends = rng.uniform(0.01, 0.5, (2, batch, bands, 1, 1))
    ramp = np.linspace(0, 1, rows).reshape(-1, 1) * np.linspace(0, 1, cols)
    image = ends[0] + (ends[1] - ends[0]) * ramp + rng.normal(0, 0.005, shape)
    return np.asarray(np.clip(image, 0, None), dtype=np.float32)
