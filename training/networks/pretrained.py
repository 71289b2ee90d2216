# SPDX-License-Identifier: GPL-2.0-or-later
"""Pretrained weights into the encoder of a network that looks at any bands."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from lightning.pytorch.utilities import rank_zero_info
from torch import Tensor

from s2landcover_plugin.core.bands import L1C_BANDS, L2A_BANDS, band_id
from s2landcover_plugin.core.errors import ModelError

from .base import SegmentationNetwork
from .dynamic_world_weights import dynamic_world_weights
from .encoders import PLAIN
from .first_convolution import RGB, filters_for_bands, first_convolutions
from .options import DYNAMIC_WORLD, NetworkOptions
from .weight_sources import EncoderWeights, file_weights, imagenet_weights, sentinel2_weights

_SHOWN = 3
# timm makes `stages_0` of `stages.0` where it takes features.
_FLATTENED = re.compile(r"^([A-Za-z]+)_(\d+)\.")
_COUNTER = "num_batches_tracked"


def load_pretrained(network: SegmentationNetwork, options: NetworkOptions, bands: Sequence[str]) -> None:
    """Give a network's encoder the weights that its options ask for.

    Args:
        network: which `build_network` made of the options.
        options: `weights`, `encoder` and `architecture` of it.
        bands: ids of the input bands; filters of the first convolution follow them, see `filters_for_bands`.

    Raises:
        ModelError: if the weights cannot be had or do not fit.
    """
    if options.weights == "none":
        return
    weights = _weights_of(options, bands)
    left_out = load_encoder(network, weights, bands)
    rest = f"; not used: {_some(left_out)}" if left_out else ""
    rank_zero_info(f"The encoder starts from the weights of {weights.origin}{rest}.")


def load_encoder(network: SegmentationNetwork, weights: EncoderWeights, bands: Sequence[str]) -> list[str]:
    """Give a network's encoder some weights and return the names of those that it has no place for.

    Raises:
        ModelError: if weights are missing or of another shape; the network is as it was.
    """
    body = network.encoder_body
    wanted = {_plain(name): (name, value) for name, value in body.state_dict().items()}
    first = [_plain(f"{name}.weight") for name in first_convolutions(network, len(bands))]
    given = _without_prefix({_plain(name): value for name, value in weights.state.items()}, wanted)
    for name in first:
        if name in given and given[name].ndim == wanted[name][1].ndim:
            given[name] = _for_bands(given[name], weights, bands)
    missing = [name for name in wanted if name not in given and not name.endswith(_COUNTER)]
    other = [
        f"{name} {tuple(given[name].shape)} instead of {tuple(value.shape)}"
        for name, (_, value) in wanted.items()
        if name in given and given[name].shape != value.shape
    ]
    unused = [name for name in given if name not in wanted]
    if missing or other:
        raise ModelError(
            f"The weights of {weights.origin} do not fit the encoder: {len(missing)} missing ({_some(missing)}), "
            f"{len(other)} of another shape ({_some(other)}), {len(unused)} unknown ({_some(unused)}). Choose the "
            "encoder they were made for (--model.network.encoder)."
        )
    with torch.no_grad():
        for name, (_, value) in wanted.items():
            value.copy_(given.get(name, value))
    return unused


def _weights_of(options: NetworkOptions, bands: Sequence[str]) -> EncoderWeights:
    if options.weights not in ("imagenet", "sentinel2"):
        path = Path(options.weights)
        is_teacher = options.encoder == DYNAMIC_WORLD and path.suffix == ".onnx"
        return dynamic_world_weights(path, bands) if is_teacher else file_weights(path)
    if options.architecture == "light-unet" or options.encoder in (PLAIN, DYNAMIC_WORLD):
        raise ModelError(
            f"There are no '{options.weights}' weights for this encoder. Name one that has them "
            "(--model.network.architecture unet --model.network.encoder resnet50), or set --model.network.weights none."
        )
    return (imagenet_weights if options.weights == "imagenet" else sentinel2_weights)(options.encoder)


def _for_bands(filters: Tensor, weights: EncoderWeights, bands: Sequence[str]) -> Tensor:
    """Return the first filters for the dataset's bands; unchanged where it is unknown what they were learnt on."""
    known = {3: RGB, len(L2A_BANDS): L2A_BANDS, len(L1C_BANDS): L1C_BANDS}
    learnt = weights.bands or known.get(filters.shape[1], ())
    ids = [band_id(band) or band for band in bands]
    # Pictures whose bands have no known names are red, green, blue.
    nameless = len(ids) == filters.shape[1] and not set(ids) & set(learnt)
    if len(learnt) != filters.shape[1] or nameless:
        return filters
    return filters_for_bands(filters, [band_id(band) or band for band in learnt], ids)


def _without_prefix(given: Mapping[str, Tensor], wanted: Mapping[str, object]) -> dict[str, Tensor]:
    """Return weights by the encoder's own names: files often hold them as `encoder.conv1.weight` or the like."""
    anchor = next(iter(wanted))
    prefixes = {name[: -len(anchor)] for name in given if name.endswith(anchor)} | {""}

    def found(prefix: str) -> int:
        return sum(prefix + name in given for name in wanted)

    best = max(sorted(prefixes), key=found)
    return {name[len(best) :] if name.startswith(best) else name: value for name, value in given.items()}


def _plain(name: str) -> str:
    return _FLATTENED.sub(r"\1.\2.", name)


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN]) or "none"
    return shown + (", …" if len(names) > _SHOWN else "")
