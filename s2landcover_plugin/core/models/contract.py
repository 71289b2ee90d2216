# SPDX-License-Identifier: GPL-2.0-or-later
"""What a model file says about itself: one JSON document under one metadata key of the ONNX file.

`training` writes it and the plugin reads it, through this one dataclass. Field names follow the STAC Machine Learning
Model extension (https://github.com/stac-extensions/mlm) where it has one; `docs/model-contract.md` describes every
field.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..bands import BANDS
from ..errors import ModelError
from ..legend import Legend

METADATA_KEY = "s2landcover"
SCHEMA_VERSION = "1.0"
LEVELS = ("L1C", "L2A")
LAYOUTS = {"NCHW": ["batch", "bands", "height", "width"], "NHWC": ["batch", "height", "width", "bands"]}
ACTIVATIONS = ("softmax", "logits")


@dataclass(frozen=True)
class ModelContract:
    """The contract of one segmentation model.

    Attributes:
        name: identifier, for people and file names.
        version: the model's own version.
        license: SPDX expression of the weights' licence.
        attribution: who and what has to be credited.
        bands: Sentinel-2 ids of the input bands, in input order.
        legend: the output's classes; channel `i` of the output is class `legend.classes[i]`.
        context: how many pixels around a pixel its prediction depends on (the halo).
        size_multiple: height and width of the input must be multiples of this, pixels.
        tile_size: patch size in training, pixels.
        layout: `NCHW` or `NHWC`.
        input_scale: factor from reflectance (0-1) to what the graph wants.
        levels: product levels that the model was trained for.
        gsd: ground sampling distance that it was trained for, metres.
        activation: `softmax` if the graph gives probabilities, `logits` if it gives unnormalised scores.
        description: one paragraph on what the model is for.
        architecture: name of the network.
        parameters: number of trainable parameters, or None if not known.
        provenance: training data, its licence, the date, the commit, held-out metrics; free-form JSON.
    """

    name: str
    version: str
    license: str
    attribution: str
    bands: tuple[str, ...]
    legend: Legend
    context: int
    size_multiple: int = 1
    tile_size: int = 256
    layout: str = "NCHW"
    input_scale: float = 1.0
    levels: tuple[str, ...] = LEVELS
    gsd: float = 10.0
    activation: str = "softmax"
    description: str = ""
    architecture: str = ""
    parameters: int | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for problem in _problems(self):
            raise ModelError(f"The contract of model '{self.name}' is broken: {problem}")

    def to_json(self) -> str:
        """Return the document that goes into the ONNX file."""
        shape = {"batch": -1, "bands": len(self.bands), "height": -1, "width": -1}
        order = LAYOUTS[self.layout]
        document = {
            "schema_version": SCHEMA_VERSION,
            "mlm:name": self.name,
            "version": self.version,
            "license": self.license,
            "attribution": self.attribution,
            "description": self.description,
            "mlm:architecture": self.architecture,
            "mlm:framework": "ONNX",
            "mlm:tasks": ["semantic-segmentation"],
            "mlm:total_parameters": self.parameters,
            "mlm:input": [
                {
                    "name": "image",
                    "bands": list(self.bands),
                    "input": {
                        "shape": [shape[name] for name in order],
                        "dim_order": order,
                        "data_type": "float32",
                    },
                    "reflectance_scale": self.input_scale,
                    "size_multiple": self.size_multiple,
                    "tile_size": self.tile_size,
                    "context": self.context,
                }
            ],
            "mlm:output": [
                {
                    "name": "classes",
                    "tasks": ["semantic-segmentation"],
                    "activation": self.activation,
                    "classification:classes": self.legend.to_json(),
                }
            ],
            "processing:level": list(self.levels),
            "gsd": self.gsd,
            "provenance": dict(self.provenance),
        }
        return json.dumps(document, ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> ModelContract:
        """Read what `to_json` writes.

        Raises:
            ModelError: if the text is not JSON, a field is missing, of the wrong kind, or out of range.
        """
        try:
            document = json.loads(text)
        except ValueError as error:
            raise ModelError(f"The model's contract is not valid JSON ({error}).") from error
        try:
            return _parse(cls, document)
        except KeyError as error:
            raise ModelError(
                f"The model's contract has no field {error}; see the model contract's description."
            ) from error
        except (TypeError, ValueError, IndexError, AttributeError) as error:
            if isinstance(error, ModelError):
                raise
            raise ModelError(f"The model's contract cannot be read: {error}") from error


def _parse(cls: type[ModelContract], document: Mapping[str, Any]) -> ModelContract:
    version = str(document["schema_version"])
    if version.partition(".")[0] != SCHEMA_VERSION.partition(".")[0]:
        raise ModelError(
            f"The model follows contract version {version}; this release reads {SCHEMA_VERSION}. Update the plugin."
        )
    source, result = document["mlm:input"][0], document["mlm:output"][0]
    order = list(source["input"]["dim_order"])
    layouts = [name for name, dims in LAYOUTS.items() if dims == order]
    if not layouts:
        raise ModelError(f"The model's dim_order is {order}; expected one of {list(LAYOUTS.values())}.")
    return cls(
        name=document["mlm:name"],
        version=document["version"],
        license=document["license"],
        attribution=document["attribution"],
        bands=tuple(source["bands"]),
        legend=Legend.from_json(result["classification:classes"]),
        context=source["context"],
        size_multiple=source["size_multiple"],
        tile_size=source["tile_size"],
        layout=layouts[0],
        input_scale=source["reflectance_scale"],
        levels=tuple(document["processing:level"]),
        gsd=document["gsd"],
        activation=result["activation"],
        description=document.get("description", ""),
        architecture=document.get("mlm:architecture", ""),
        parameters=document.get("mlm:total_parameters"),
        provenance=document.get("provenance", {}),
    )


def _problems(contract: ModelContract) -> list[str]:
    found = []
    for name in ("name", "version", "license", "attribution"):
        value = getattr(contract, name)
        if not isinstance(value, str) or not value.strip():
            found.append(f"'{name}' is {value!r}; expected text.")
    unknown = [band for band in contract.bands if band not in BANDS]
    if not contract.bands or unknown:
        found.append(f"its bands are {list(contract.bands)}; expected ids such as {', '.join(BANDS)}.")
    if len(set(contract.bands)) != len(contract.bands):
        found.append(f"its bands {list(contract.bands)} contain one twice.")
    for name, least in (("context", 0), ("size_multiple", 1), ("tile_size", 1)):
        value = getattr(contract, name)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            found.append(f"'{name}' is {value!r}; expected a whole number of at least {least}.")
    for name in ("gsd", "input_scale"):
        value = getattr(contract, name)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
            found.append(f"'{name}' is {value!r}; expected a positive number.")
    if contract.layout not in LAYOUTS:
        found.append(f"its layout is '{contract.layout}'; expected one of {', '.join(LAYOUTS)}.")
    if contract.activation not in ACTIVATIONS:
        found.append(f"its activation is '{contract.activation}'; expected one of {', '.join(ACTIVATIONS)}.")
    if not contract.levels or set(contract.levels) - set(LEVELS):
        found.append(f"its product levels are {list(contract.levels)}; expected some of {', '.join(LEVELS)}.")
    if not isinstance(contract.provenance, Mapping):
        found.append("'provenance' is not an object.")
    return found
