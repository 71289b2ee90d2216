# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a model's contract is: in the file itself, next to it, or in the metadata that another plugin reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import ModelError
from .contract import METADATA_KEY, ModelContract
from .deepness import deepness_contract, is_deepness
from .onnx_file import read_metadata
from .onnx_graph import read_graph

EMBEDDED, SIDECAR, DEEPNESS = "its own metadata", "the .json file next to it", "its metadata for Deepness"
"""The places, as they are named to users."""

_LONGEST = 1 << 20  # bytes; a sidecar has a few thousand


@dataclass(frozen=True)
class FoundContract:
    """A contract, and where it was.

    Attributes:
        contract: what the model says about itself.
        origin: one of `EMBEDDED`, `SIDECAR` and `DEEPNESS`.
    """

    contract: ModelContract
    origin: str


def sidecar_path(path: Path) -> Path:
    """Return where the contract of a model file that carries none is looked for."""
    return path.with_suffix(".json")


def find_contract(path: Path) -> FoundContract:
    """Return a model's contract; needs no onnxruntime.

    What the file itself says counts; then what lies next to it; then what was written for Deepness.

    Raises:
        ModelError: if it is no ONNX file, has no contract, or a broken one.
    """
    metadata = read_metadata(path)
    origin = contract_origin(path, metadata)
    if origin == EMBEDDED:
        return FoundContract(ModelContract.from_json(metadata[METADATA_KEY]), origin)
    if origin == SIDECAR:
        return FoundContract(ModelContract.from_json(_read_sidecar(sidecar_path(path))), origin)
    if origin == DEEPNESS:
        return FoundContract(deepness_contract(path.stem, metadata, read_graph(path)), origin)
    raise ModelError(
        f"{path.name} does not say which bands it wants and which classes it gives: its metadata has no "
        f"'{METADATA_KEY}' entry, and there is no {sidecar_path(path).name} next to it. Write that file as the user "
        "guide shows under 'Models of other people', or export the model with 'python -m training export'."
    )


def contract_origin(path: Path, metadata: Mapping[str, str]) -> str:
    """Return where the contract of a model file with these metadata is; empty if there is none."""
    if METADATA_KEY in metadata:
        return EMBEDDED
    if sidecar_path(path).is_file():
        return SIDECAR
    return DEEPNESS if is_deepness(metadata) else ""


def _read_sidecar(path: Path) -> str:
    try:
        if path.stat().st_size > _LONGEST:
            raise ModelError(f"{path} is too large for a model's description; expected a few kilobytes of JSON.")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise ModelError(f"{path} is not a text file in UTF-8; save the model's description again.") from error
