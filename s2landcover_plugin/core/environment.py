# SPDX-License-Identifier: GPL-2.0-or-later
"""What this copy of the plugin runs on, what is missing, and the command that adds it."""

from __future__ import annotations

import configparser
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .errors import DependencyError, LandCoverError
from .models.bundled import bundled_models, read_contract
from .models.dependencies import import_onnxruntime, interpreter, onnxruntime_command
from .models.session import available_providers
from .raster import backend_name

_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class BundledModel:
    """A model file that comes with the plugin.

    Attributes:
        name: file name without ending.
        version: the model's own version; empty if the file is broken.
        size: bytes.
        problem: what is wrong with the file; empty if nothing is.
    """

    name: str
    version: str
    size: int
    problem: str = ""


@dataclass(frozen=True)
class MissingPackage:
    """A Python package that is not there.

    Attributes:
        name: what it is called on the package index.
        purpose: what cannot be done without it.
        command: one line for a terminal that adds it and leaves QGIS's NumPy as it is.
    """

    name: str
    purpose: str
    command: str


@dataclass(frozen=True)
class Environment:
    """What this copy of the plugin runs on.

    Attributes:
        versions: by component; empty where a component is missing.
        raster_library: what reads and writes rasters.
        providers: execution providers that onnxruntime offers, best first.
        models: the bundled models.
        missing: packages that would have to be added.
    """

    versions: Mapping[str, str]
    raster_library: str
    providers: tuple[str, ...]
    models: tuple[BundledModel, ...]
    missing: tuple[MissingPackage, ...]

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain lists, dictionaries and texts."""
        return asdict(self)

    def to_text(self) -> str:
        """Return everything as lines for a log."""
        lines = [f"{name}: {version or 'not installed'}" for name, version in self.versions.items()]
        lines.append(f"Rasters through: {self.raster_library}")
        lines.append(f"Execution providers: {', '.join(self.providers) or 'none'}")
        lines.append("Bundled models:" if self.models else "Bundled models: none")
        lines += [f"  {_model_line(model)}" for model in self.models]
        for package in self.missing:
            lines += [f"Missing: {package.name}, needed to {package.purpose}. Add it with", f"  {package.command}"]
        if not self.missing:
            lines.append("Nothing is missing.")
        return "\n".join(lines)


def _model_line(model: BundledModel) -> str:
    return f"{model.name} {model.version} ({model.size / 1e6:.1f} MB)" + (f": {model.problem}" if model.problem else "")


def describe(host: Mapping[str, str]) -> Environment:
    """Look around.

    Args:
        host: versions that only the host knows, by component, such as `QGIS` and `GDAL`.
    """
    runtime = ""
    providers: tuple[str, ...] = ()
    missing: tuple[MissingPackage, ...] = ()
    try:
        runtime, providers = import_onnxruntime().__version__, available_providers()
    except DependencyError:
        missing = (MissingPackage("onnxruntime", "run models (classify)", onnxruntime_command()),)
    versions = {
        "Plugin": plugin_version(),
        **host,
        "Python": f"{platform.python_version()} ({interpreter()})",
        "Operating system": platform.platform(),
        "NumPy": np.__version__,
        "onnxruntime": runtime,
    }
    return Environment(
        versions=versions,
        raster_library=_raster_library(),
        providers=providers,
        models=tuple(_describe_model(path) for path in bundled_models()),
        missing=missing,
    )


def plugin_version() -> str:
    """Return the version in metadata.txt, which lies in the installed plugin and, in a checkout, one folder up."""
    for folder in (_PACKAGE, _PACKAGE.parent):
        parser = configparser.ConfigParser(interpolation=None)
        if parser.read(folder / "metadata.txt", encoding="utf-8") and parser.has_option("general", "version"):
            return parser.get("general", "version")
    return "unknown"


def _raster_library() -> str:
    try:
        return backend_name()
    except LandCoverError as error:
        return str(error)


def _describe_model(path: Path) -> BundledModel:
    size = path.stat().st_size
    try:
        return BundledModel(path.stem, read_contract(path).version, size)
    except LandCoverError as error:
        return BundledModel(path.stem, "", size, str(error))
