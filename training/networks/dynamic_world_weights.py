# SPDX-License-Identifier: GPL-2.0-or-later
"""Dynamic World's weights, from its forward model as ONNX, for any bands of Sentinel-2."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from s2landcover_plugin.core.bands import BANDS, band_id
from s2landcover_plugin.core.errors import ModelError

from ..distillation.atmosphere import PATH_REFLECTANCE, STUDENT_BANDS
from ..dynamic_world import TEACHER_BANDS
from .dynamic_world import DynamicWorldEncoder
from .weight_sources import EncoderWeights

_PATH_SHARE = 0.5
_OF_THE_AIR = ("B09", "B10")
_RED_EDGE = {"B04": 0.0, "B05": 0.22, "B06": 0.71, "B07": 0.90, "B08": 0.92, "B8A": 1.0}
"""How far between red and narrow near infrared a band's reflectance lies, by least squares over 104 real scenes and
patches: along this axis, and not along wavelength, spectra of land run straight."""


def dynamic_world_weights(path: Path, bands: Sequence[str]) -> EncoderWeights:
    """Return the weights of a `DynamicWorldEncoder`.

    Args:
        path: Dynamic World's forward model as ONNX.
        bands: ids of the input bands.

    Raises:
        ModelError: if the file is not Dynamic World, or bands are none of Sentinel-2's.
    """
    mixture, offset = band_mixture(bands)
    state = {"adapter.weight": mixture[:, :, None, None], "adapter.bias": offset}
    # Names and shapes are all that is wanted of it: no memory, and no random numbers.
    with torch.device("meta"):
        encoder = DynamicWorldEncoder(len(bands))
    names = [name for name, part in encoder.named_modules() if isinstance(part, nn.Conv2d) and name != "adapter"]
    convolutions = _convolutions(path)
    for name, tensors in zip(names, convolutions):
        state.update({f"{name}.weight": tensors[0], f"{name}.bias": tensors[1]})
    wanted = {name: value.shape for name, value in encoder.state_dict().items()}
    if {name: value.shape for name, value in state.items()} != wanted:
        raise ModelError(
            f"{path} has {len(convolutions)} convolutions that are not Dynamic World's; give its forward model as ONNX "
            "(--model.network.weights dynamic_world.onnx)."
        )
    return EncoderWeights(state, tuple(bands), f"Dynamic World ({path.name}; credit Google and WRI)")


def band_mixture(bands: Sequence[str]) -> tuple[Tensor, Tensor]:
    """Return what Dynamic World's bands are made of, to begin with.

    A band that is there is taken; another is interpolated between its neighbours, by wavelength, or in the red edge by
    where spectra of land run straight. Half of a clear atmosphere's path reflectance is added: the network learnt
    Level-1C, and most data are Level-2A. Bands of other names begin without weight, and so do those of the air (B09,
    B10), which say little of the ground.

    Args:
        bands: ids or common names of the input bands.

    Returns:
        Weights, shape (9, bands), and offsets in reflectance, shape (9,).

    Raises:
        ModelError: if bands are none of Sentinel-2's.
    """
    ids = [band_id(band) for band in bands]
    known = {band: index for index, band in enumerate(ids) if band is not None and band not in _OF_THE_AIR}
    if not known:
        raise ModelError(
            f"Dynamic World looks at Sentinel-2's bands; the dataset has {', '.join(bands)}. Choose another encoder "
            "(--model.network.encoder), or name the bands in the dataset."
        )
    mixture = torch.zeros(len(TEACHER_BANDS), len(bands))
    for row, band in enumerate(TEACHER_BANDS):
        for part, share in _neighbours(band, list(known)).items():
            mixture[row, known[part]] = share
    path = dict(zip(STUDENT_BANDS, PATH_REFLECTANCE.ravel().tolist()))
    return mixture, torch.tensor([_PATH_SHARE * path[band] for band in TEACHER_BANDS])


def _neighbours(band: str, known: Sequence[str]) -> dict[str, float]:
    """Return the known bands that a band lies between, and the share of each."""
    place = _place(band)
    below = [other for other in known if _place(other) <= place]
    above = [other for other in known if _place(other) >= place]
    if not below or not above:
        return {min(known, key=lambda other: abs(_place(other) - place)): 1.0}
    low, high = max(below, key=_place), min(above, key=_place)
    if low == high:
        return {low: 1.0}
    share = (place - _place(low)) / (_place(high) - _place(low))
    return {low: 1.0 - share, high: share}


def _place(band: str) -> float:
    """Return where a band lies on the axis that is interpolated along, nanometres outside the red edge."""
    red, infrared = BANDS["B04"].wavelength, BANDS["B8A"].wavelength
    return red + _RED_EDGE[band] * (infrared - red) if band in _RED_EDGE else BANDS[band].wavelength


def _convolutions(path: Path) -> list[tuple[Tensor, Tensor]]:
    """Return weights and biases of a graph's convolutions, in its order."""
    try:
        graph = onnx.load(str(path)).graph
    except FileNotFoundError as error:
        raise ModelError(f"There is no file {path}; correct --model.network.weights.") from error
    except Exception as error:  # of protobuf, which has no types
        raise ModelError(f"{path} is no ONNX file ({error}); give Dynamic World's forward model.") from error
    values = {item.name: item for item in graph.initializer}
    learnt = [node.input[1:] for node in graph.node if node.op_type == "Conv" and len(node.input) == 3]
    return [
        (_tensor(values[weight]), _tensor(values[bias])) for weight, bias in learnt if {weight, bias} <= values.keys()
    ]


def _tensor(value: onnx.TensorProto) -> Tensor:
    return torch.from_numpy(onnx.numpy_helper.to_array(value).copy())
