# SPDX-License-Identifier: GPL-2.0-or-later
"""What a sharpening network's file says about itself: one JSON document under one metadata key of the ONNX file.

It is a sibling of the contract of classification models, not a kind of it: a sharpening network has no classes, no
layout to choose and no image as its input, but corrects what regression makes of one band.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..bands import BANDS, GUIDE_BANDS
from ..errors import ContractError, ModelError
from ..models.onnx_file import read_metadata
from ..models.strict_json import parse_object

METADATA_KEY = "s2landcover:sharpener"
SCHEMA_VERSION = "1.0"
INPUTS = ("guides", "regression", "coarse", "band", "blur")
"""The graph's inputs; all float32.

`guides`: the softened 10 m bands, reflectance, shape (n, guides, rows x factor, cols x factor). `regression`: what
regression made of the band, shape (n, 1, rows x factor, cols x factor). `coarse`: the band, shape (n, 1, rows, cols).
`band`: 1 at the band's place among the contract's bands, 0 elsewhere, shape (n, bands). `blur`: the fit's `sigma` and
`softening`, shape (n, 2).
"""
OUTPUT = "correction"
"""What has to be added to `regression`, same shape."""

_LARGEST_CONTEXT = 64


@dataclass(frozen=True)
class SharpenerContract:
    """The contract of one sharpening network.

    Attributes:
        name: identifier, for people and file names.
        version: the network's own version.
        license: SPDX expression of the weights' licence.
        attribution: who and what has to be credited.
        bands: Sentinel-2 ids of the bands that it sharpens.
        factor: pixel size of these bands, in pixels of the guides.
        context: how many coarse pixels around a pixel its correction depends on.
        guides: Sentinel-2 ids of the guides, in input order.
        description: one paragraph on what it is for.
        provenance: training data, its licence, the date, the commit, held-out figures; free-form JSON.
    """

    name: str
    version: str
    license: str
    attribution: str
    bands: tuple[str, ...]
    factor: int
    context: int
    guides: tuple[str, ...] = GUIDE_BANDS
    description: str = ""
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        problems = _problems(self)
        if problems:
            raise ContractError(f"The contract of the sharpening network '{self.name}' is broken", problems)

    def sharpens(self, band: str, factor: int) -> bool:
        """Tell whether this network sharpens a band whose pixels are `factor` pixels of the guides wide."""
        return band in self.bands and factor == self.factor

    def to_json(self) -> str:
        """Return the document that goes into the ONNX file."""
        document = {"schema_version": SCHEMA_VERSION, **vars(self), "bands": list(self.bands)}
        return json.dumps(
            {**document, "guides": list(self.guides), "provenance": dict(self.provenance)}, ensure_ascii=False, indent=1
        )

    @classmethod
    def from_json(cls, text: str) -> SharpenerContract:
        """Read what `to_json` writes; fields that later versions add are ignored.

        Raises:
            ModelError: if the text is not such a document, a field is missing or out of range.
        """
        document = parse_object(text)
        version = str(document.get("schema_version", ""))
        if version.partition(".")[0] != SCHEMA_VERSION.partition(".")[0]:
            raise ModelError(
                f"The sharpening network follows contract version '{version}'; this release reads {SCHEMA_VERSION}. "
                "Update the plugin."
            )
        known = {name: document[name] for name in cls.__dataclass_fields__ if name in document}
        for name in ("bands", "guides"):
            if isinstance(known.get(name), list):
                known[name] = tuple(known[name])
        try:
            return cls(**known)
        except TypeError as error:
            raise ModelError(f"The sharpening network's contract is incomplete ({error}).") from error


def read_sharpener_contract(path: Path) -> SharpenerContract:
    """Return the contract of a sharpening network's file; needs no onnxruntime.

    Raises:
        ModelError: if it is no ONNX file, or not that of a sharpening network.
    """
    text = read_metadata(path).get(METADATA_KEY)
    if text is None:
        raise ModelError(
            f"{path.name} is no sharpening network: its metadata has no '{METADATA_KEY}' entry. Train one with "
            "'python -m training sharpener', which writes it."
        )
    return SharpenerContract.from_json(text)


def _problems(contract: SharpenerContract) -> list[str]:
    found = []
    for name in ("name", "version", "license", "attribution"):
        value = getattr(contract, name)
        if not isinstance(value, str) or not value.strip():
            found.append(f"'{name}' is {value!r}; expected text.")
    for name in ("bands", "guides"):
        value = getattr(contract, name)
        if not isinstance(value, tuple) or not value or not all(band in BANDS for band in value):
            found.append(f"'{name}' is {value!r}; expected ids such as {', '.join(GUIDE_BANDS)}.")
        elif len(set(value)) < len(value):
            found.append(f"'{name}' names a band twice.")
    for name, least, most in (("factor", 2, 6), ("context", 0, _LARGEST_CONTEXT)):
        value = getattr(contract, name)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            found.append(f"'{name}' is {value!r}; expected a whole number from {least} to {most}.")
    if not isinstance(contract.provenance, Mapping):
        found.append("'provenance' is not an object.")
    return found
