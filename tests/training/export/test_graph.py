# SPDX-License-Identifier: GPL-2.0-or-later
"""No file leaves that differs from the trained network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import onnx
import pytest
import torch
from torch import Tensor, nn

from s2landcover_plugin.core.errors import InputError, ModelError
from s2landcover_plugin.core.models.contract import METADATA_KEY, ModelContract
from training.evaluation.receptive_field import held_out_images
from training.export import graph as exporting
from training.export.graph import export
from training.export.precision import FP32, TOLERANCES
from training.export.request import ExportRequest
from training.export.run_record import read_run
from training.fitting.checkpoints import load_module
from training.networks.receptive_field import context_of


def request_for(checkpoint: Path, output: Path) -> ExportRequest:
    return ExportRequest(checkpoint, output, "tiny", "0.1", "CC0-1.0", "Nobody")


def test_file_repeats_the_network(checkpoint: Path, tmp_path: Path) -> None:
    result = export(request_for(checkpoint, tmp_path / "model.onnx"))
    assert not result.difference.exceeds(TOLERANCES[FP32])
    assert result.size == (tmp_path / "model.onnx").stat().st_size
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.md", "model.onnx"]


def test_contract_round_trip(checkpoint: Path, dataset: Path, tmp_path: Path) -> None:
    request = request_for(checkpoint, tmp_path / "model.onnx")
    export(request)
    model = onnx.load(str(request.output))
    (text,) = [entry.value for entry in model.metadata_props if entry.key == METADATA_KEY]
    contract = ModelContract.from_json(text)
    assert contract.provenance["precision"]["name"] == "fp32"
    expected = exporting.contract_of(load_module(checkpoint), request, read_run(checkpoint))
    assert replace(contract, provenance=expected.provenance) == expected
    module = load_module(checkpoint)
    context = context_of(module.segmenter, 4, 32, lambda: held_out_images(module, dataset))
    assert "on held-out tiles" in context.basis
    assert 0 < context.pixels <= 16
    assert (contract.context, contract.provenance["context"]) == (context.pixels, context.basis)
    assert contract.architecture == "light U-Net, width 8, depth 3"
    assert contract.parameters == sum(p.numel() for p in load_module(checkpoint).parameters())


class Altered(nn.Sequential):
    """A network whose scores are others in PyTorch than in the file."""

    def __init__(self, network: nn.Sequential, extra: float) -> None:
        super().__init__(*network)
        self.extra = extra

    def forward(self, image: Tensor) -> Tensor:
        scores: Tensor = super().forward(image)
        if torch.onnx.is_in_onnx_export():
            return scores
        return torch.cat([scores[:, :1] + self.extra, scores[:, 1:]], dim=1)


@pytest.mark.parametrize(
    ("extra", "said"), [(0.01, r"differ by up to 0\.00\d+ "), (float("nan"), "differ by up to inf")]
)
def test_difference_stops_the_export(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, extra: float, said: str
) -> None:
    module = load_module(checkpoint)
    module.network = Altered(module.network, extra)
    monkeypatch.setattr(exporting, "load_module", lambda path: module)
    with pytest.raises(ModelError, match=said):
        export(request_for(checkpoint, tmp_path / "model.onnx"))
    assert not list(tmp_path.iterdir())


def test_checkpoint_that_would_run_code_is_refused(tmp_path: Path) -> None:
    torch.save({"state_dict": {}, "hook": print}, tmp_path / "evil.ckpt")
    with pytest.raises(InputError, match="is not a checkpoint"):
        load_module(tmp_path / "evil.ckpt")


def test_unreadable_figures_are_an_error(checkpoint: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a file of figures"):
        export(replace(request_for(checkpoint, tmp_path / "model.onnx"), figures=tmp_path / "none.json"))
