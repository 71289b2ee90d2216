# SPDX-License-Identifier: GPL-2.0-or-later
"""Fewer bits where they do no harm: not before the logarithm of reflectance."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from s2landcover_plugin.core.models.probabilities import softmax
from training.export import graph as exporting
from training.export.graph import export
from training.export.precision import write_fp16, write_int8
from training.export.request import ExportRequest
from training.networks.options import NetworkOptions

from .test_architectures import module_of

IMAGES = [np.random.default_rng(seed).uniform(0, 0.9, (1, 4, 32, 32)).astype(np.float32) ** 3 for seed in range(3)]
NETWORKS = {
    "light-unet": NetworkOptions(width=4, depth=1),
    "dynamic-world": NetworkOptions("unet", "none", width=4, depth=2, encoder="dynamic-world"),
}


@pytest.fixture(params=NETWORKS)
def full(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model file in float32."""
    monkeypatch.setattr(exporting, "load_module", lambda path: module_of(NETWORKS[request.param]))
    path = tmp_path / "full.onnx"
    export(ExportRequest(tmp_path / "run.ckpt", path, "tiny", "0.1", "CC0-1.0", "Nobody"))
    return path


def made_of(path: Path, kind: str) -> set[str]:
    """Return the kinds of nodes that nodes of a kind are computed from."""
    nodes = onnx.load(str(path)).graph.node
    wanted, kinds = {name for node in nodes if node.op_type == kind for name in node.input}, set()
    for node in reversed(nodes):
        if wanted & set(node.output):
            wanted.update(node.input)
            kinds.add(node.op_type)
    return kinds


def write_eight_bits(source: Path, target: Path) -> None:
    write_int8(source, target, IMAGES)


@pytest.mark.parametrize(("write", "tolerance"), [(write_fp16, 0.01), (write_eight_bits, 0.1)])
def test_probabilities_stay_close(full: Path, write: Callable[[Path, Path], None], tolerance: float) -> None:
    reduced = full.with_name("reduced.onnx")
    write(full, reduced)
    sessions = [onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]) for path in (full, reduced)]
    for image in IMAGES:
        exact, found = (softmax(session.run(None, {"image": image})[0]) for session in sessions)
        assert np.abs(exact - found).mean() < tolerance


def test_reflectance_keeps_its_bits_up_to_the_logarithm(full: Path) -> None:
    eight = full.with_name("eight.onnx")
    write_eight_bits(full, eight)
    assert "QuantizeLinear" in {node.op_type for node in onnx.load(str(eight)).graph.node}
    assert made_of(eight, "Log")
    assert "QuantizeLinear" not in made_of(eight, "Log")
