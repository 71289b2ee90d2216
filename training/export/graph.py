# SPDX-License-Identifier: GPL-2.0-or-later
"""A checkpoint as one ONNX file: normalisation and network in the graph, the contract in the metadata.

The graph gives scores unless probabilities are asked for. The softmax is better left to whoever runs it: onnxruntime
takes a quarter to a third of a small network's time for one over the channels.

No file appears unless onnxruntime, given that very file, repeats what PyTorch says.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import onnx
import torch
from torch import Tensor, nn

from s2landcover_plugin.core.errors import InputError
from s2landcover_plugin.core.models.contract import METADATA_KEY, ModelContract
from s2landcover_plugin.core.outputs import staged_together, write_text
from s2landcover_plugin.core.progress import Progress
from s2landcover_plugin.core.tiling.storage import STORAGES, STORED

from ..dynamic_world import CREDIT
from ..evaluation.receptive_field import held_out_images
from ..fitting.checkpoints import load_module
from ..fitting.module import SegmentationModule
from ..networks.options import DYNAMIC_WORLD, NetworkOptions
from ..networks.receptive_field import Context, context_of
from ..terminal import TerminalProgress
from .card import model_card
from .parity import INPUT, OUTPUT, Difference, as_the_graph_takes_it, check_parity, checked, difference
from .precision import FP16, FP32, INT8, TOLERANCES, write_fp16, write_int8
from .provenance import provenance
from .request import SOFTMAX, ExportRequest, ExportResult
from .run_record import RunRecord, read_run
from .tiles import Agreement, ModelTiles

_OPSET = 18


class _WholeGraph(nn.Module):
    """A network with what comes before and behind it in the file.

    Args:
        network: takes 0-1, gives scores.
        unit: what one unit of the file's input is to it.
        is_softmax: whether the file gives probabilities.
    """

    def __init__(self, network: nn.Module, unit: float, is_softmax: bool) -> None:
        super().__init__()
        self.network = network
        self._unit = unit
        self._is_softmax = is_softmax

    def forward(self, image: Tensor) -> Tensor:
        scores: Tensor = self.network(image if self._unit == 1.0 else image * self._unit)
        return scores.softmax(dim=1) if self._is_softmax else scores


def export(request: ExportRequest, progress: Progress | None = None) -> ExportResult:
    """Write a model file, and the model card beside it.

    Raises:
        InputError: if the checkpoint cannot be read, a field of the contract is empty, or int8 has no dataset.
        DatasetError: if the dataset is not of the model's kind.
        ModelError: if onnxruntime and PyTorch differ by more than `TOLERANCES` lets through.
        OutputError: if a file cannot be written.
    """
    module = load_module(request.checkpoint)
    run = read_run(request.checkpoint, request.dataset, request.figures)
    contract = contract_of(module, request, run)
    network = module.network.eval()
    outputs = (request.output, request.card_path) if request.card else (request.output,)
    with staged_together(outputs) as paths, tempfile.TemporaryDirectory() as scratch:
        full, path = Path(scratch) / "full.onnx", paths[0]
        _write_graph(network, contract, full)
        found = check_parity(network, full, contract, TOLERANCES[FP32])
        written, agreements = full, None
        if request.precision != FP32:
            tiles = _tiles_of(run, contract)
            written = full.with_name("reduced.onnx")
            found = _reduce(request, (full, written), network, contract, tiles)
            if tiles is not None:
                agreements = _agreements(tiles, (full, written), progress or TerminalProgress())
        contract = _with_precision(contract, request, found, agreements)
        _save(written, path, contract)
        if request.card:
            write_text(paths[1], model_card(contract, run, module.hparams, request.output.name))
    card = request.card_path if request.card else None
    of_full, of_written = agreements or (None, None)
    return ExportResult(request.output, request.output.stat().st_size, found, of_full, of_written, card)


def contract_of(module: SegmentationModule, request: ExportRequest, run: RunRecord) -> ModelContract:
    """Return the contract of a trained module; the provenance says what the context was taken from.

    Raises:
        InputError: if nothing says whom to credit.
    """
    context = _context(module, run)
    attribution = request.attribution or run.attribution
    if not attribution:
        raise InputError("The dataset does not say whom to credit for its data; give it with --attribution.")
    return ModelContract(
        name=request.name,
        version=request.version,
        license=request.license,
        attribution=_with_encoder(attribution, module.network_options),
        bands=tuple(module.hparams["bands"]),
        legend=module.legend,
        context=context.pixels,
        size_multiple=module.segmenter.size_multiple,
        tile_size=int(module.hparams["tile_size"]),
        values=module.hparams["values"],
        levels=request.levels,
        gsd=float(module.hparams["gsd"]),
        activation=request.activation,
        description=request.description,
        architecture=module.network_options.describe(),
        parameters=sum(parameter.numel() for parameter in module.parameters()),
        provenance={
            **provenance(request.data or run.data_text(), request.data_license, run.figures),
            "context": context.basis,
        },
    )


def _context(module: SegmentationModule, run: RunRecord) -> Context:
    """Return the context, measured on the run's held-out tiles if they are still there."""
    folder, info = run.dataset, run.info
    is_held_out = info is not None and bool(info.split("validation") or info.split("test"))
    images = partial(held_out_images, module, folder) if folder is not None and is_held_out else None
    return context_of(module.segmenter, len(module.hparams["bands"]), int(module.hparams["tile_size"]), images)


def _with_encoder(attribution: str, options: NetworkOptions) -> str:
    """Return whom to credit, including for an encoder whose licence asks for it."""
    # Whatever `weights` says: another checkpoint may have brought them.
    if options.encoder != DYNAMIC_WORLD:
        return attribution
    return f"{attribution}; encoder from Dynamic World (Apache-2.0), {CREDIT}"


def _tiles_of(run: RunRecord, contract: ModelContract) -> ModelTiles | None:
    return ModelTiles(run.dataset, run.info, contract) if run.dataset and run.info else None


def _reduce(
    request: ExportRequest,
    paths: tuple[Path, Path],
    network: nn.Module,
    contract: ModelContract,
    tiles: ModelTiles | None,
) -> Difference:
    """Write the variant of a float32 file, and return how far it is from PyTorch."""
    full, reduced = paths
    if request.precision == FP16:
        write_fp16(full, reduced)
        found = check_parity(network, reduced, contract, TOLERANCES[FP16])
    else:
        if tiles is None:
            raise InputError(
                "int8 is calibrated on tiles, and the dataset of the run is no longer there; give it with --dataset."
            )
        chosen = tiles.for_calibration(request.calibration_tiles, request.seed)
        write_int8(full, reduced, (as_the_graph_takes_it(image, contract) for image, _ in tiles.read(chosen)))
        found = difference(network, reduced, contract, (image for image, _ in tiles.read(chosen)))
        checked(found, TOLERANCES[INT8])
    _save(reduced, reduced, contract)
    return found


def _agreements(tiles: ModelTiles, paths: tuple[Path, Path], progress: Progress) -> tuple[Agreement, Agreement]:
    full, reduced = (tiles.agreement(path, progress) for path in paths)
    return full, reduced


def _with_precision(
    contract: ModelContract,
    request: ExportRequest,
    found: Difference,
    agreements: tuple[Agreement, Agreement] | None,
) -> ModelContract:
    """Return the contract with what is known of the numbers that the file computes with."""
    facts: dict[str, Any] = {"name": request.precision, "difference": found.largest, "mean_difference": found.mean}
    if agreements:
        facts["full"], facts["reduced"] = (agreement.to_json() for agreement in agreements)
    if request.precision == INT8:
        facts["calibration_tiles"], facts["seed"] = request.calibration_tiles, request.seed
    return replace(contract, provenance={**contract.provenance, "precision": facts})


def _write_graph(network: nn.Module, contract: ModelContract, path: Path) -> None:
    size = 4 * contract.size_multiple
    example = torch.zeros(2, len(contract.bands), size, size)
    axes = {0: "batch", 2: "height", 3: "width"}
    unit = STORAGES[STORED].scale if contract.values == STORED else 1.0
    torch.onnx.export(
        _WholeGraph(network, unit, contract.activation == SOFTMAX).eval(),
        (example,),
        str(path),
        input_names=[INPUT],
        output_names=[OUTPUT],
        dynamic_axes={INPUT: axes, OUTPUT: axes},
        opset_version=_OPSET,
        dynamo=False,
    )
    _save(path, path, contract)


def _save(source: Path, target: Path, contract: ModelContract) -> None:
    """Write a graph with a contract in its metadata."""
    model = onnx.load(str(source))
    onnx.helper.set_model_props(model, {METADATA_KEY: contract.to_json()})
    onnx.checker.check_model(model)
    onnx.save(model, str(target))
