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

from ..errors import ContractError, InputError
from ..legend import Legend
from .contract_checks import LAYOUTS, LEVELS, contract_problems, positions
from .normalisation import Step, steps_from_json, steps_to_json
from .strict_json import parse_object

METADATA_KEY = "s2landcover"
SCHEMA_VERSION = "1.0"


@dataclass(frozen=True)
class ModelContract:
    """The contract of one segmentation model.

    Attributes:
        name: identifier, for people and file names.
        version: the model's own version.
        license: SPDX expression of the weights' licence.
        attribution: who and what has to be credited.
        bands: Sentinel-2 ids of the input bands, in input order; or `1`, `2`, … for a raster's first bands.
        legend: the output's classes; channel `i` of the output is class `legend.classes[i]`.
        context: how many pixels around a pixel its prediction depends on (the halo).
        size_multiple: height and width of the input must be multiples of this, pixels.
        tile_size: patch size in training, pixels.
        layout: `NCHW` or `NHWC`.
        values: `reflectance`, or `stored` for the raster's numbers as they are (byte images).
        input_scale: factor from these to what the normalisation, and without one the graph, wants.
        normalisation: what else is done to the numbers before they enter the graph.
        levels: product levels that the model was trained for.
        gsd: ground sampling distance that it was trained for, metres.
        activation: `softmax` if the graph gives probabilities that add up to 1, `sigmoid` if each class has one of its
            own, `logits` if it gives unnormalised scores.
        threshold: probability from which on a model with one output channel means the second of its two classes.
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
    values: str = "reflectance"
    input_scale: float = 1.0
    normalisation: tuple[Step, ...] = ()
    levels: tuple[str, ...] = LEVELS
    gsd: float = 10.0
    activation: str = "softmax"
    threshold: float = 0.5
    description: str = ""
    architecture: str = ""
    parameters: int | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        problems = contract_problems(self)
        if problems:
            raise ContractError(f"The contract of model '{self.name}' is broken", problems)

    @property
    def is_positional(self) -> bool:
        """Whether the model takes a raster's first bands, whatever they are, and not certain bands of Sentinel-2."""
        return self.bands == positions(len(self.bands))

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
                    "values": self.values,
                    "reflectance_scale": self.input_scale,
                    "pre_processing_function": steps_to_json(self.normalisation),
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
                    "threshold": self.threshold,
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
            ContractError: if the text is not JSON, a field is missing, of the wrong kind, or out of range.
        """
        document = parse_object(text)
        try:
            return _parse(cls, document)
        except ContractError:
            raise
        except KeyError as error:
            raise ContractError("The model's contract is incomplete", [f"there is no field {error}."]) from error
        except InputError as error:
            raise ContractError("The model's contract cannot be used", [str(error)]) from error
        except (TypeError, ValueError, IndexError, AttributeError, OverflowError) as error:
            raise ContractError("The model's contract cannot be read", [f"{error}."]) from error


_REQUIRED = ("schema_version", "mlm:name", "version", "license", "attribution", "mlm:input", "mlm:output")
_REQUIRED_OF_INPUT = ("bands", "input", "context")
_REQUIRED_OF_OUTPUT = ("activation", "classification:classes")


def _parse(cls: type[ModelContract], document: Mapping[str, Any]) -> ModelContract:
    _check_fields("document", document, _REQUIRED)
    version = str(document["schema_version"])
    if version.partition(".")[0] != SCHEMA_VERSION.partition(".")[0]:
        raise ContractError(
            f"The model follows contract version {version}, and this release reads {SCHEMA_VERSION}",
            ["Update the plugin."],
        )
    source, result = document["mlm:input"][0], document["mlm:output"][0]
    _check_fields("mlm:input[0]", source, _REQUIRED_OF_INPUT)
    _check_fields("mlm:output[0]", result, _REQUIRED_OF_OUTPUT)
    return cls(
        name=document["mlm:name"],
        version=document["version"],
        license=document["license"],
        attribution=document["attribution"],
        bands=tuple(source["bands"]),
        legend=Legend.from_json(result["classification:classes"]),
        context=source["context"],
        size_multiple=source.get("size_multiple", 1),
        tile_size=source.get("tile_size", 256),
        layout=_layout(source["input"]["dim_order"]),
        values=source.get("values", "reflectance"),
        input_scale=source.get("reflectance_scale", 1.0),
        normalisation=steps_from_json(source.get("pre_processing_function")),
        levels=tuple(document.get("processing:level", LEVELS)),
        gsd=document.get("gsd", 10.0),
        activation=result["activation"],
        threshold=result.get("threshold", 0.5),
        description=document.get("description") or "",
        architecture=document.get("mlm:architecture") or "",
        parameters=document.get("mlm:total_parameters"),
        provenance=document.get("provenance") or {},
    )


def _check_fields(where: str, found: Mapping[str, Any], required: tuple[str, ...]) -> None:
    missing = [name for name in required if name not in found]
    if missing:
        raise ContractError(
            "The model's contract is incomplete", [f"its {where} has no field '{name}'." for name in missing]
        )


def _layout(order: Any) -> str:
    for name, dims in LAYOUTS.items():
        if dims == order:
            return name
    raise ContractError(
        "The model's contract cannot be used", [f"its dim_order is {order}; expected one of {list(LAYOUTS.values())}."]
    )
