# SPDX-License-Identifier: GPL-2.0-or-later
"""Pretrained weights, from files and from libraries that are stood in for."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from s2landcover_plugin.core.bands import L1C_BANDS
from s2landcover_plugin.core.errors import ModelError
from training.networks import weight_sources
from training.networks.base import SegmentationNetwork
from training.networks.build import build_network
from training.networks.first_convolution import RGB, filters_for_bands
from training.networks.options import NetworkOptions
from training.networks.pretrained import load_pretrained

BANDS = ("B02", "B03", "B04", "B08")
OPTIONS = NetworkOptions("unet", width=2, encoder="resnet18")


def random_weights(encoder: str, bands: int) -> dict[str, Tensor]:
    """Return weights as somebody else's encoder has them, drawn apart from the network under test."""
    torch.manual_seed(len(encoder) + bands)
    state = build_network(replace(OPTIONS, encoder=encoder), bands, 2).encoder_body.state_dict()
    return {name: torch.randn_like(value) if value.is_floating_point() else value for name, value in state.items()}


def network_for(encoder: str = "resnet18", bands: int = len(BANDS)) -> SegmentationNetwork:
    return build_network(replace(OPTIONS, encoder=encoder), bands, 2)


def assert_encoder_has(network: SegmentationNetwork, weights: dict[str, Tensor], first: Tensor) -> None:
    state = network.encoder_body.state_dict()
    assert torch.allclose(state.pop("conv1.weight"), first)
    assert all(torch.equal(value, weights[name]) for name, value in state.items())


@pytest.mark.parametrize("encoder", ["resnet18", "tu-resnet18"])
@pytest.mark.parametrize("prefix", ["", "encoder.", "module.backbone."])
def test_file_of_an_rgb_encoder_fills_one_for_four_bands(encoder: str, prefix: str, tmp_path: Path) -> None:
    weights = random_weights("resnet18", 3)
    path = tmp_path / "weights.pth"
    torch.save(
        {"state_dict": {prefix + name: value for name, value in weights.items()} | {"fc.bias": torch.ones(9)}}, path
    )
    network = network_for(encoder)
    load_pretrained(network, replace(OPTIONS, encoder=encoder, weights=str(path)), BANDS)
    assert_encoder_has(network, weights, filters_for_bands(weights["conv1.weight"], RGB, BANDS))


def test_safetensors_of_thirteen_bands_are_matched_by_name(tmp_path: Path) -> None:
    weights = random_weights("resnet18", 13)
    save_file(weights, tmp_path / "weights.safetensors")
    network = network_for()
    load_pretrained(network, replace(OPTIONS, weights=str(tmp_path / "weights.safetensors")), BANDS)
    assert_encoder_has(network, weights, weights["conv1.weight"][:, [1, 2, 3, 7]] * 13 / 4)


def test_checkpoint_of_fit_says_what_bands_it_learnt(tmp_path: Path) -> None:
    weights = random_weights("resnet18", 2)
    state = {f"network.1.encoder.{name}": value for name, value in weights.items()}
    path = tmp_path / "other.ckpt"
    torch.save({"state_dict": state, "hyper_parameters": {"bands": ["B08", "B02"]}}, path)
    network = network_for()
    load_pretrained(network, replace(OPTIONS, weights=str(path)), BANDS)
    assert_encoder_has(network, weights, filters_for_bands(weights["conv1.weight"], ("B08", "B02"), BANDS))


def test_pictures_without_band_names_are_red_green_blue(tmp_path: Path) -> None:
    weights = random_weights("resnet18", 3)
    torch.save(weights, tmp_path / "weights.pt")
    network = network_for(bands=3)
    load_pretrained(network, replace(OPTIONS, weights=str(tmp_path / "weights.pt")), ("one", "two", "three"))
    assert_encoder_has(network, weights, weights["conv1.weight"])


def test_stages_that_timm_flattens_are_found(tmp_path: Path) -> None:
    weights = random_weights("convnext_atto", 4)
    dotted = {name.replace("stages_", "stages.").replace("stem_", "stem."): value for name, value in weights.items()}
    assert dotted.keys() != weights.keys()
    torch.save(dotted, tmp_path / "weights.pt")
    network = network_for("convnext_atto")
    load_pretrained(network, replace(OPTIONS, weights=str(tmp_path / "weights.pt")), BANDS)
    assert all(torch.equal(value, weights[name]) for name, value in network.encoder_body.state_dict().items())


def test_imagenet_comes_through_the_library_and_follows_the_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    weights = random_weights("resnet18", 3)
    asked: list[tuple[str, int, str]] = []

    def get(name: str, bands: int, kind: str) -> torch.nn.Module:
        asked.append((name, bands, kind))
        encoder = network_for(bands=3).encoder
        encoder.load_state_dict(weights)
        return encoder

    monkeypatch.setattr(weight_sources, "named_encoder", get)
    network = network_for()
    load_pretrained(network, replace(OPTIONS, weights="imagenet"), BANDS)
    assert asked == [("resnet18", 3, "imagenet")]
    assert_encoder_has(network, weights, filters_for_bands(weights["conv1.weight"], RGB, BANDS))


def test_no_network_is_one_error_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("We cannot connect\nmore")

    monkeypatch.setattr(weight_sources, "named_encoder", fail)
    with pytest.raises(
        ModelError,
        match=r"^ImageNet weights for resnet18 cannot be had from the Hugging Face hub .*"
        r"\(We cannot connect\)\. Train without \(--model\.network\.weights none\), or give a file",
    ):
        load_pretrained(network_for(), replace(OPTIONS, weights="imagenet"), BANDS)


def torchgeo_with(get: object) -> ModuleType:
    models = ModuleType("torchgeo.models")
    moco = SimpleNamespace(get_state_dict=get, url="https://example.org/moco.pth")
    models.ResNet18_Weights = SimpleNamespace(SENTINEL2_ALL_MOCO=moco)  # type: ignore[attr-defined]
    return models


def stand_in(monkeypatch: pytest.MonkeyPatch, models: ModuleType) -> None:
    package = ModuleType("torchgeo")
    package.models = models  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torchgeo", package)
    monkeypatch.setitem(sys.modules, "torchgeo.models", models)


@pytest.mark.parametrize("encoder", ["resnet18", "tu-resnet18"])
def test_sentinel2_weights_are_matched_by_band(encoder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = random_weights("resnet18", 13)
    stand_in(monkeypatch, torchgeo_with(lambda progress: weights))
    network = network_for(encoder)
    load_pretrained(network, replace(OPTIONS, encoder=encoder, weights="sentinel2"), BANDS)
    assert_encoder_has(network, weights, filters_for_bands(weights["conv1.weight"], L1C_BANDS, BANDS))


def test_sentinel2_weights_that_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(progress: bool) -> None:
        raise OSError("no route")

    options = replace(OPTIONS, weights="sentinel2")
    monkeypatch.setitem(sys.modules, "torchgeo", None)
    with pytest.raises(ModelError, match="python -m pip install torchgeo"):
        load_pretrained(network_for(), options, BANDS)
    stand_in(monkeypatch, torchgeo_with(fail))
    with pytest.raises(ModelError, match=r"cannot be had from https://example\.org/moco\.pth \(no route\)"):
        load_pretrained(network_for(), options, BANDS)
    with pytest.raises(ModelError, match="for resnet18 and resnet50, not for resnet34"):
        load_pretrained(network_for(), replace(options, encoder="resnet34"), BANDS)


def test_weights_of_another_encoder_are_reported_and_change_nothing(tmp_path: Path) -> None:
    weights = random_weights("resnet18", 3)
    del weights["layer1.0.conv1.weight"]
    weights["layer2.0.conv1.weight"] = torch.zeros(128, 64, 1, 1)
    weights["elsewhere.weight"] = torch.zeros(1)
    torch.save(weights, tmp_path / "weights.pt")
    network = network_for()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    with pytest.raises(
        ModelError,
        match=r"1 missing \(layer1\.0\.conv1\.weight\), 1 of another shape "
        r"\(layer2\.0\.conv1\.weight \(128, 64, 1, 1\) instead of \(128, 64, 3, 3\)\), 1 unknown \(elsewhere\.weight\)",
    ):
        load_pretrained(network, replace(OPTIONS, weights=str(tmp_path / "weights.pt")), BANDS)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


@pytest.mark.parametrize(
    ("weights", "architecture", "said"),
    [
        ("Imagenet", "unet", r"'none', 'imagenet', 'sentinel2' or a file; there is no file .*Imagenet"),
        ("broken.pt", "unet", "no file of weights that can be read"),
        ("broken.safetensors", "unet", "no file of weights that can be read"),
        ("code.pt", "unet", "no file of weights that can be read without running code"),
        ("empty.pt", "unet", "has no tensors by name"),
        ("imagenet", "light-unet", "no 'imagenet' weights for this encoder"),
    ],
)
def test_what_are_no_weights_is_named(weights: str, architecture: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "broken.pt").write_bytes(b"nothing")
    (tmp_path / "broken.safetensors").write_bytes(b"nothing")
    torch.save({"hook": print}, tmp_path / "code.pt")
    torch.save([1, 2], tmp_path / "empty.pt")
    given = weights if weights == "imagenet" else str(tmp_path / weights)
    with pytest.raises(ModelError, match=said):
        load_pretrained(network_for(), replace(OPTIONS, architecture=architecture, weights=given), BANDS)
