# SPDX-License-Identifier: GPL-2.0-or-later
"""Dynamic World as an encoder: the same numbers as the file it comes from, and any bands in front of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import nn
from torch.nn.functional import normalize

from s2landcover_plugin.core.bands import L1C_BANDS
from s2landcover_plugin.core.errors import InputError, ModelError
from training.dynamic_world import TEACHER_BANDS, teacher_input
from training.fitting.module import SegmentationModule
from training.fitting.thawing import Thawing
from training.networks.build import build_network
from training.networks.dynamic_world import DynamicWorldEncoder
from training.networks.dynamic_world_weights import band_mixture
from training.networks.options import NetworkOptions
from training.networks.pretrained import load_pretrained

from ..fake_teacher import write_convolutions
from ..tiles import LEGEND

OPTIONS = NetworkOptions("unet", "none", width=2, depth=2, encoder="dynamic-world")
HARMONISED = ("B01", "B02", "B03", "B04", "B8A", "B11", "B12")


def convolutions_of(encoder: DynamicWorldEncoder) -> list[nn.Conv2d]:
    return [part for part in encoder.modules() if isinstance(part, nn.Conv2d) and part is not encoder.adapter]


def test_its_curve_is_the_teachers() -> None:
    reflectance = np.random.default_rng(0).uniform(-0.1, 1.5, (9, 4, 5)).astype(np.float32)
    found = DynamicWorldEncoder(9).scaling(torch.from_numpy(reflectance)[None])
    np.testing.assert_allclose(found.permute(0, 2, 3, 1), teacher_input(reflectance), atol=1e-5)


def test_weights_come_from_the_file_in_its_order(tmp_path: Path) -> None:
    torch.manual_seed(0)
    learnt = DynamicWorldEncoder(9)
    path = write_convolutions(tmp_path / "teacher.onnx", [*convolutions_of(learnt), nn.Conv2d(144, 9, 1)])
    torch.manual_seed(1)
    network = build_network(OPTIONS, len(HARMONISED), 3)
    load_pretrained(network, replace(OPTIONS, weights=str(path)), HARMONISED)
    state = network.encoder.state_dict()
    mixture, offset = band_mixture(HARMONISED)
    assert torch.equal(state.pop("adapter.weight")[:, :, 0, 0], mixture)
    assert torch.equal(state.pop("adapter.bias"), offset)
    assert all(torch.equal(value, learnt.state_dict()[name]) for name, value in state.items())


def test_another_network_is_no_dynamic_world(tmp_path: Path) -> None:
    path = write_convolutions(tmp_path / "other.onnx", [nn.Conv2d(9, 64, 3), nn.Conv2d(64, 9, 1)])
    network = build_network(OPTIONS, 9, 3)
    with pytest.raises(ModelError, match="2 convolutions that are not Dynamic World's"):
        load_pretrained(network, replace(OPTIONS, weights=str(path)), TEACHER_BANDS)
    (tmp_path / "broken.onnx").write_bytes(b"no graph at all")
    for name, said in (("broken.onnx", "is no ONNX file"), ("none.onnx", "There is no file")):
        with pytest.raises(ModelError, match=said):
            load_pretrained(network, replace(OPTIONS, weights=str(tmp_path / name)), TEACHER_BANDS)
    with pytest.raises(ModelError, match="no 'imagenet' weights for this encoder"):
        load_pretrained(network, replace(OPTIONS, weights="imagenet"), TEACHER_BANDS)


def test_bands_that_are_there_are_taken_and_others_lie_between_their_neighbours() -> None:
    mixture, offset = band_mixture(HARMONISED)
    rows = {band: dict(zip(HARMONISED, row)) for band, row in zip(TEACHER_BANDS, mixture.tolist())}
    assert rows["B03"] == {band: float(band == "B03") for band in HARMONISED}
    assert rows["B06"]["B04"] == pytest.approx(0.29)
    assert rows["B06"]["B8A"] == pytest.approx(0.71)
    torch.testing.assert_close(mixture.sum(dim=1), torch.ones(9))
    # The air is brightest in blue.
    assert offset[0] == offset.max() > 5 * offset[-1] > 0


def test_what_lies_beyond_all_bands_is_the_nearest() -> None:
    mixture, _ = band_mixture(["red", "B03"])
    assert mixture[TEACHER_BANDS.index("B12")].tolist() == [1.0, 0.0]
    assert mixture[TEACHER_BANDS.index("B02")].tolist() == [0.0, 1.0]
    with pytest.raises(ModelError, match="the dataset has 1, 2, 3"):
        band_mixture(["1", "2", "3"])


def test_what_says_little_of_the_ground_begins_without_weight() -> None:
    mixture, _ = band_mixture([*L1C_BANDS, "slope"])
    ids = [*L1C_BANDS, "slope"]
    for row, band in enumerate(TEACHER_BANDS):
        assert mixture[row].tolist() == [float(other == band) for other in ids]
    without_infrared, _ = band_mixture(["B04", "B8A", "B10"])
    assert without_infrared[TEACHER_BANDS.index("B11")].tolist() == [0.0, 1.0, 0.0]


def test_the_mixture_can_learn_alone() -> None:
    thawing = Thawing({"adapter": 0})
    legend = json.dumps(LEGEND.to_json())
    module = SegmentationModule(["B02", "B03", "B04", "B08"], legend, [1, 1, 1], 32, [(0.1, 0.1)] * 4, OPTIONS)
    thawing.on_train_epoch_start(SimpleNamespace(current_epoch=0, world_size=1), module)  # type: ignore[arg-type]
    learning = {name for name, value in module.segmenter.encoder.named_parameters() if value.requires_grad}
    assert learning == {"adapter.weight", "adapter.bias"}
    assert all(value.requires_grad for value in module.segmenter.deeper.parameters())  # type: ignore[union-attr]


def test_it_takes_reflectance_as_it_is() -> None:
    with pytest.raises(InputError, match="normalisation none instead of logarithm"):
        NetworkOptions("unet", encoder="dynamic-world")


def test_features_are_those_of_the_real_network(real_data: Path, tmp_path: Path) -> None:
    source = real_data / "dynamic_world" / "dynamic_world.onnx"
    if not source.is_file():
        pytest.skip(f"the teacher is not on this machine: {source} does not exist")
    model = onnx.load(str(source))
    last = next(node for node in reversed(model.graph.node) if node.op_type == "Add").output[0]
    model.graph.output.append(onnx.helper.make_tensor_value_info(last, onnx.TensorProto.FLOAT, None))
    onnx.save(model, str(tmp_path / "open.onnx"))
    session = onnxruntime.InferenceSession(str(tmp_path / "open.onnx"), providers=["CPUExecutionProvider"])

    network = build_network(OPTIONS, 9, 3)
    load_pretrained(network, replace(OPTIONS, weights=str(source)), TEACHER_BANDS)
    encoder = network.encoder
    assert isinstance(encoder, DynamicWorldEncoder)
    nn.init.zeros_(encoder.adapter.bias)
    reflectance = np.random.default_rng(0).uniform(0, 0.6, (9, 32, 48)).astype(np.float32)
    with torch.no_grad():
        found = encoder(torch.from_numpy(reflectance)[None])[1]
    (expected,) = session.run([last], {session.get_inputs()[0].name: teacher_input(reflectance)})
    np.testing.assert_allclose(found, 12 * normalize(torch.from_numpy(expected), dim=1), atol=1e-4)
