# SPDX-License-Identifier: GPL-2.0-or-later
"""Which model files there are: those that come with the plugin, and the user's own."""

from __future__ import annotations

from pathlib import Path

from ..errors import ModelError
from .contract import ModelContract
from .contract_source import find_contract

MODELS_FOLDER = Path(__file__).resolve().parents[2] / "models"

DEFAULT_MODEL = "s2-landcover-10band"
"""The bundled model that is taken when none is named."""


def bundled_models() -> tuple[Path, ...]:
    """Return the model files that come with the plugin, by name."""
    return tuple(sorted(MODELS_FOLDER.glob("*.onnx")))


def find_model(text: str) -> Path:
    """Return the model file that a user means.

    Args:
        text: empty for the default model, the name of a bundled one (with or without `.onnx`), or a path.

    Raises:
        ModelError: if there is no such model.
    """
    wanted = text.strip() or DEFAULT_MODEL
    bundled = {path.stem: path for path in bundled_models()}
    found = bundled.get(wanted[: -len(".onnx")] if wanted.lower().endswith(".onnx") else wanted)
    if found is not None:
        return found
    path = Path(wanted).expanduser()
    if path.is_file():
        return path
    known = f"the bundled models are {', '.join(bundled)}" if bundled else "no models are bundled with this copy"
    raise ModelError(f"There is no model '{wanted}'; {known}. Give one of those names or the path of an .onnx file.")


def read_contract(path: Path) -> ModelContract:
    """Return the contract of a model file, wherever it is; needs no onnxruntime.

    Raises:
        ModelError: if it is no ONNX file, has no contract, or a broken one.
    """
    return find_contract(path).contract
