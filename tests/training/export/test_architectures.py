# SPDX-License-Identifier: GPL-2.0-or-later
"""Every architecture leaves as a file that onnxruntime runs at any size as PyTorch does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from torch import nn

from s2landcover_plugin.core.models.bundled import read_contract
from training.export import graph as exporting
from training.export.graph import export
from training.export.precision import FP32, TOLERANCES
from training.export.request import ExportRequest
from training.fitting.module import SegmentationModule
from training.networks.options import NetworkOptions

from ..tiles import BANDS, LEGEND

RESNET = NetworkOptions("unet", "standard", width=2, encoder="resnet18", decoder="transposed", skips=3, attention=True)
NETWORKS = [
    NetworkOptions("unet", width=2, depth=2, decoder="upsampling", attention=True, dropout=0.1),
    NetworkOptions("unet", width=2, depth=3, stem=True),
    NetworkOptions("unet", "none", width=2, depth=2, encoder="dynamic-world"),
    RESNET,
    NetworkOptions("deeplabv3", encoder="resnet18", output_stride=16),
    NetworkOptions("deeplabv3plus", encoder="tu-resnet10t", output_stride=8),
]


def module_of(network: NetworkOptions, tile_size: int = 64) -> SegmentationModule:
    """Return an untrained module whose scores differ from pixel to pixel."""
    torch.manual_seed(0)
    module = SegmentationModule(
        list(BANDS), json.dumps(LEGEND.to_json()), [1, 1, 1], tile_size, [(0.15, 0.12)] * 4, network=network
    )
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.uniform_(layer.weight, 0.8, 1.2)
            nn.init.normal_(layer.bias, std=0.2)
    return module


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.describe().replace(" ", "-"))
def test_file_of_every_architecture_repeats_the_network(
    network: NetworkOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = module_of(network)
    monkeypatch.setattr(exporting, "load_module", lambda path: module)
    output = tmp_path / "model.onnx"
    result = export(ExportRequest(tmp_path / "run.ckpt", output, "tiny", "0.1", "CC0-1.0", "Nobody"))
    assert not result.difference.exceeds(TOLERANCES[FP32])
    contract = read_contract(output)
    assert contract.architecture == network.describe()
    assert contract.size_multiple == module.segmenter.size_multiple
    assert 0 < contract.context <= 32
    assert "receptive field" in contract.provenance["context"]


def test_an_encoder_that_asks_for_credit_gets_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    credits = []
    for encoder in ("plain", "dynamic-world"):
        module = module_of(NetworkOptions("unet", "none", width=2, depth=1, encoder=encoder))
        monkeypatch.setattr(exporting, "load_module", lambda path, module=module: module)
        output = tmp_path / f"{encoder}.onnx"
        export(ExportRequest(tmp_path / "run.ckpt", output, "tiny", "0.1", "CC0-1.0", "Nobody"))
        credits.append(read_contract(output).attribution)
    assert credits[0] == "Nobody"
    assert credits[1].startswith(
        "Nobody; encoder from Dynamic World (Apache-2.0), Google and World Resources Institute"
    )
