# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the weights of a pretrained encoder come from: ImageNet, Sentinel-2, or a file."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from s2landcover_plugin.core.bands import L1C_BANDS
from s2landcover_plugin.core.errors import ModelError

from .encoders import encoder_name, named_encoder
from .first_convolution import RGB

_TORCHGEO = {"resnet18": "ResNet18_Weights", "resnet50": "ResNet50_Weights"}
_INSTEAD = (
    "Train without (--model.network.weights none), or give a file of the encoder's weights "
    "(--model.network.weights FILE)."
)


@dataclass(frozen=True)
class EncoderWeights:
    """Weights of an encoder as they were learnt.

    Attributes:
        state: tensors by name.
        bands: ids of the bands they were learnt on, in order; empty where that is not known.
        origin: where they are from, for messages.
    """

    state: Mapping[str, Tensor]
    bands: tuple[str, ...]
    origin: str


def imagenet_weights(encoder: str) -> EncoderWeights:
    """Return weights learnt on ImageNet, from the hub or its local cache.

    Raises:
        ModelError: if they cannot be had.
    """
    try:
        with torch.random.fork_rng():
            learnt = named_encoder(encoder, len(RGB), "imagenet")
    except (OSError, KeyError, RuntimeError) as error:
        raise _not_had("ImageNet", encoder, "the Hugging Face hub and its local cache", error) from error
    shelled = getattr(learnt, "model", None)
    body = shelled if isinstance(shelled, nn.Module) else learnt
    return EncoderWeights(body.state_dict(), RGB, "ImageNet")


def sentinel2_weights(encoder: str) -> EncoderWeights:
    """Return weights that learnt Sentinel-2's 13 bands without labels, from TorchGeo.

    Momentum contrast on SSL4EO-S12 (Wang et al. 2023, https://arxiv.org/abs/2211.07044). They learnt from reflectance
    as it is: normalisation `none` fits them.

    Raises:
        ModelError: if they cannot be had, or TorchGeo is not installed.
    """
    kind = _TORCHGEO.get(encoder_name(encoder).removeprefix("tu-"))
    if kind is None:
        raise ModelError(f"There are Sentinel-2 weights for {' and '.join(_TORCHGEO)}, not for {encoder}. {_INSTEAD}")
    try:
        import torchgeo.models
    except ImportError as error:
        raise ModelError(
            "Sentinel-2 weights come with TorchGeo, which is not installed: python -m pip install torchgeo"
        ) from error
    weights: Any = getattr(torchgeo.models, kind).SENTINEL2_ALL_MOCO
    try:
        return EncoderWeights(weights.get_state_dict(progress=True), L1C_BANDS, "TorchGeo")
    except (OSError, RuntimeError) as error:
        raise _not_had("Sentinel-2", encoder, str(weights.url), error) from error


def file_weights(path: Path) -> EncoderWeights:
    """Return weights from a file of tensors; no code in it is run.

    Args:
        path: .safetensors, or what torch saved: tensors by name, or a checkpoint with them in `state_dict`. One of
            `fit` also says what bands it learnt.

    Raises:
        ModelError: if there is no such file, or nothing of that kind in it.
    """
    try:
        content: Any = load_file(path) if path.suffix == ".safetensors" else torch.load(path, "cpu", weights_only=True)
    except FileNotFoundError as error:
        raise ModelError(
            f"Weights are 'none', 'imagenet', 'sentinel2' or a file; there is no file {path}. Correct "
            "--model.network.weights."
        ) from error
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError, SafetensorError) as error:
        if path.suffix == ".onnx":
            raise ModelError(
                f"{path} is an ONNX file, which only the encoder dynamic-world starts from (--model.network.encoder)."
            ) from error
        raise ModelError(f"{path} is no file of weights that can be read without running code ({error}).") from error
    content = content if isinstance(content, dict) else {}
    state = content.get("state_dict", content)
    tensors = {name: value for name, value in state.items() if isinstance(value, Tensor)}
    if not tensors:
        raise ModelError(f"{path} has no tensors by name; save the encoder's state_dict().")
    bands = content.get("hyper_parameters", {}).get("bands", ())
    return EncoderWeights(tensors, tuple(bands), str(path))


def _not_had(kind: str, encoder: str, tried: str, error: Exception) -> ModelError:
    reason = (str(error).strip() or type(error).__name__).splitlines()[0]
    return ModelError(f"{kind} weights for {encoder} cannot be had from {tried} ({reason}). {_INSTEAD}")
