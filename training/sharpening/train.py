# SPDX-License-Identifier: GPL-2.0-or-later
"""From scenes to a sharpening network's file, with what it reached on scenes that it never saw."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from lightning import Trainer, seed_everything
from torch.utils.data import DataLoader

from s2landcover_plugin.core.errors import DatasetError, InputError
from s2landcover_plugin.core.outputs import staged
from s2landcover_plugin.core.sharpening.network import load_sharpener
from s2landcover_plugin.core.sharpening.network_contract import SharpenerContract

from ..export.provenance import provenance
from .data import CropDataset
from .evaluation import SceneFigures, evaluate, summary
from .export import write_contract, write_network
from .module import SharpeningModule
from .network import SharpeningCNN
from .pairs import make_pairs
from .scenes import BANDS, FACTOR, NativePiece, read_pieces


@dataclass(frozen=True)
class SharpenerRequest:
    """What to train, and what to say about it; see `SharpenerContract` for the fields that are not explained here.

    Attributes:
        scenes: Sentinel-2 products, or folders of them, to learn from.
        output: the ONNX file to write.
        name: identifier.
        version: the network's own version.
        license: SPDX expression of the weights' licence.
        attribution: credit.
        hold_out: names of scenes, or patterns of names with `*`, that are measured and not learnt from.
        description: what the network is for.
        data_license: licence of the scenes.
        steps: of training.
        batch_size: crops a step.
        crop: side of a crop, coarse pixels.
        blurs: random blurs that every piece is degraded by.
        mixed: share of the crops that are mixtures of bands.
        width: channels of the network.
        blocks: its residual blocks.
        learning_rate: largest one of the schedule.
        threads: of the CPU.
        seed: of the random numbers.
    """

    scenes: tuple[Path, ...]
    output: Path
    name: str
    version: str
    license: str
    attribution: str
    hold_out: tuple[str, ...] = ()
    description: str = ""
    data_license: str = ""
    steps: int = 1500
    batch_size: int = 16
    crop: int = 32
    blurs: int = 8
    mixed: float = 0.3
    width: int = 32
    blocks: int = 3
    learning_rate: float = 3e-3
    threads: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        least = {"steps": 20, "batch_size": 1, "crop": 12, "blurs": 1, "width": 1, "blocks": 0, "threads": 0}
        for name, smallest in least.items():
            if getattr(self, name) < smallest:
                raise InputError(f"'{name}' is {getattr(self, name)}; expected at least {smallest}.")
        if not 0 <= self.mixed <= 1:
            raise InputError(f"'mixed' is {self.mixed:g}; expected a share from 0 to 1.")


def train_sharpener(request: SharpenerRequest) -> tuple[SceneFigures, ...]:
    """Train a network, write its file, and return what it reached on the scenes that were held out.

    Raises:
        ProductError, BandError, GridError: if a scene is no product with 10 m and 20 m bands.
        DatasetError: if there is nothing to learn from, or a name to hold out is that of no scene.
        ModelError: if the file does not repeat what PyTorch says.
        OutputError: if it cannot be written.
    """
    taught, held_out = _split(read_pieces(request.scenes), request.hold_out)
    network = _fit(request, taught)
    contract = _contract(request, network, taught)
    with staged(request.output) as path:
        write_network(network, contract, path)
        figures = evaluate(load_sharpener(str(path)), held_out)
        if figures:
            known = {**contract.provenance, "figures": summary(figures)}
            write_contract(path, replace(contract, provenance=known))
    return figures


def _split(
    pieces: Sequence[NativePiece], patterns: Sequence[str]
) -> tuple[tuple[NativePiece, ...], tuple[NativePiece, ...]]:
    """Return the pieces to learn from, and those held out: whole scenes, never parts of them."""
    names = sorted({piece.scene for piece in pieces})
    for pattern in patterns:
        if not fnmatch.filter(names, pattern):
            raise DatasetError(f"No scene is called '{pattern}'; there are {', '.join(names)}.")
    out = {name for name in names if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)}
    taught = tuple(piece for piece in pieces if piece.scene not in out)
    if not taught:
        raise DatasetError("Every scene is held out, so there is nothing to learn from.")
    return taught, tuple(piece for piece in pieces if piece.scene in out)


def _fit(request: SharpenerRequest, pieces: Sequence[NativePiece]) -> SharpeningCNN:
    seed_everything(request.seed, verbose=False)
    if request.threads:
        torch.set_num_threads(request.threads)
    pairs = list(make_pairs(pieces, request.blurs, np.random.default_rng(request.seed)))
    crops = CropDataset(pairs, request.steps * request.batch_size, request.crop, request.mixed, request.seed)
    network = SharpeningCNN(len(BANDS), width=request.width, blocks=request.blocks)
    module = SharpeningModule(network, request.steps, request.learning_rate)
    trainer = Trainer(
        max_steps=request.steps,
        precision="bf16-mixed",
        gradient_clip_val=1.0,
        logger=False,
        enable_checkpointing=False,
        enable_model_summary=False,
    )
    trainer.fit(module, DataLoader(crops, batch_size=request.batch_size))
    return network


def _contract(request: SharpenerRequest, network: SharpeningCNN, taught: Sequence[NativePiece]) -> SharpenerContract:
    scenes = sorted({piece.scene for piece in taught})
    return SharpenerContract(
        name=request.name,
        version=request.version,
        license=request.license,
        attribution=request.attribution,
        bands=BANDS,
        factor=FACTOR,
        context=network.context,
        description=request.description,
        provenance=provenance(f"Sentinel-2 scenes: {', '.join(scenes)}", request.data_license, {}),
    )
