# SPDX-License-Identifier: GPL-2.0-or-later
"""Segmentation models made for the QGIS plugin Deepness, by the metadata keys that it documents.

https://qgis-plugin-deepness.readthedocs.io/en/latest/creators/creators_add_metadata_to_model.html. Such a model takes
the first bands of a byte image divided by 255, standardised if it says so, and gives a probability a class; one with a
single output channel gives the probability of its second class. The documentation writes `tiles_size` where the plugin
itself reads `tile_size`; both are understood.
"""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Mapping
from typing import Any

from ..errors import ModelError
from ..legend import LandCoverClass, Legend, fallback_colour
from .contract import ModelContract
from .contract_checks import positions
from .normalisation import Step
from .onnx_graph import OnnxGraph

_TELLTALE = ("model_type", "class_names", "tile_size", "tiles_size", "standardization_mean")
_SEGMENTATION = "segmentor"
_BACKGROUND, _BACKGROUND_COLOUR = "background", "D9D9D9"
_TILE_SIZE, _OVERLAP, _THRESHOLD, _RESOLUTION = 512, 15.0, 0.5, 10.0  # pixels, per cent, probability, cm a pixel
_COMMON_MULTIPLE = 32  # of the input's size, in nearly all encoders
_UNSTATED = "not stated"


def is_deepness(metadata: Mapping[str, str]) -> bool:
    """Say whether a model file's metadata have the keys of Deepness."""
    return any(key in metadata for key in _TELLTALE)


def deepness_contract(name: str, metadata: Mapping[str, str], graph: OnnxGraph) -> ModelContract:
    """Return the contract that follows from a model's metadata and graph.

    Args:
        name: what to call the model.
        metadata: the file's.
        graph: the file's outline: its input tells how many bands it takes, its output how many classes it gives.

    Raises:
        ModelError: if it is no segmentation model, or its metadata contradict the graph.
    """
    kind = str(_value(metadata, "model_type", "Segmentor"))
    if kind.lower() != _SEGMENTATION:
        raise ModelError(f"{name} is a model of the type '{kind}'; only models that segment (Segmentor) make a map.")
    bands, channels = _channels(name, graph)
    tile = int(_number(metadata, ("tile_size", "tiles_size"), _TILE_SIZE))
    overlap = _number(metadata, ("tiles_overlap",), _OVERLAP)
    return ModelContract(
        name=name,
        version=_UNSTATED,
        license=_UNSTATED,
        attribution=_UNSTATED,
        bands=positions(bands),
        legend=_legend(_class_names(metadata), max(channels, 2)),
        context=round(tile * min(max(overlap, 0.0), 100.0) / 100),
        size_multiple=_COMMON_MULTIPLE if tile % _COMMON_MULTIPLE == 0 else max(tile, 1),
        tile_size=tile,
        values="stored",
        normalisation=_normalisation(metadata),
        gsd=_number(metadata, ("resolution",), _RESOLUTION) / 100,
        activation={"Softmax": "softmax", "Sigmoid": "sigmoid"}.get(graph.last_operator, "logits"),
        threshold=_number(metadata, ("seg_thresh",), _THRESHOLD) if channels == 1 else _THRESHOLD,
        description="A segmentation model made for the QGIS plugin Deepness.",
    )


def _channels(name: str, graph: OnnxGraph) -> tuple[int, int]:
    """Return the number of input bands and output channels (n x channels x rows x columns, or n x rows x columns)."""
    taken = graph.inputs[0].shape if graph.inputs else ()
    given = graph.outputs[0].shape if graph.outputs else ()
    bands = taken[1] if len(taken) == 4 else 0
    classes = given[1] if len(given) == 4 else 1
    if not isinstance(bands, int) or not isinstance(classes, int) or bands < 1 or len(given) not in (3, 4):
        raise ModelError(
            f"{name} takes {' x '.join(map(str, taken))} and gives {' x '.join(map(str, given))}; a model for Deepness "
            "states how many bands it takes and how many classes it gives on the second axis of each."
        )
    return bands, classes


def _value(metadata: Mapping[str, str], key: str, default: Any) -> Any:
    text = metadata.get(key)
    if text is None:
        return default
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text.strip()


def _number(metadata: Mapping[str, str], keys: tuple[str, ...], default: float) -> float:
    for key in keys:
        value = _value(metadata, key, None)
        if value is None:
            continue
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if not math.isfinite(number):
            raise ModelError(f"The model's metadata say '{key}' is {_shortened(value)}; expected a number.")
        return number
    return default


def _shortened(value: Any) -> str:
    return repr(value)[:80]


def _class_names(metadata: Mapping[str, str]) -> list[str]:
    """Return the names in the order of the classes' numbers, which are keys of a JSON or Python dictionary."""
    text = metadata.get("class_names", metadata.get("names", "{}"))
    try:
        names = json.loads(text)
    except (ValueError, RecursionError):
        names = _python_literal(text)
    if isinstance(names, list):
        return [str(entry) for entry in names]
    try:
        numbered = {int(key): str(value) for key, value in names.items()}
    except (AttributeError, TypeError, ValueError) as error:
        raise ModelError(f"The model's class_names are {text[:80]!r}; expected numbers and names.") from error
    if sorted(numbered) != list(range(len(numbered))):
        raise ModelError(f"The model's class_names are numbered {sorted(numbered)}; expected 0, 1, 2 and so on.")
    return [numbered[key] for key in sorted(numbered)]


def _python_literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _legend(names: list[str], classes: int) -> Legend:
    """Return classes with values from 1, as 0 means nodata here; those without a name are numbered as Deepness does."""
    if len(names) > classes:
        raise ModelError(f"The model names {len(names)} classes ({', '.join(names)}), and gives {classes}.")
    if classes == 2 and len(names) == 1:
        names = [_BACKGROUND, *names]
    named = [name.strip() or f"channel {index}" for index, name in enumerate(names)]
    named += [f"channel {index}" for index in range(len(named), classes)]
    return Legend(tuple(LandCoverClass(index + 1, name, _colour(index, name)) for index, name in enumerate(named)))


def _colour(index: int, name: str) -> str:
    return _BACKGROUND_COLOUR if name.strip("_ ").lower() == _BACKGROUND else fallback_colour(index)


def _normalisation(metadata: Mapping[str, str]) -> tuple[Step, ...]:
    """Return the division by 255, and the standardisation if there is one."""
    steps = [Step("scale", {"value": (255.0,)})]
    mean, stddev = (_numbers(metadata, f"standardization_{key}") for key in ("mean", "std"))
    if mean or stddev:
        steps.append(Step("z-score", {"mean": mean or (0.0,), "stddev": stddev or (1.0,)}))
    return tuple(steps)


def _numbers(metadata: Mapping[str, str], key: str) -> tuple[float, ...]:
    value = _value(metadata, key, [])
    try:
        return tuple(float(number) for number in (value if isinstance(value, list) else [value]))
    except (TypeError, ValueError, OverflowError) as error:
        raise ModelError(
            f"The model's metadata say '{key}' is {_shortened(value)}; expected a list of numbers."
        ) from error
