# SPDX-License-Identifier: GPL-2.0-or-later
"""What this copy of the plugin runs on, what is missing, and how to add it."""

from __future__ import annotations

import configparser
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .errors import DependencyError, LandCoverError
from .installation.interpreter import interpreter
from .installation.packages import place_of_runtime
from .models.bundled import bundled_models, read_contract
from .models.dependencies import import_onnxruntime
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
        problem: what was found instead.
        purpose: what cannot be done without it.
        command: one line for a terminal that adds it and leaves QGIS's NumPy as it is.
    """

    name: str
    problem: str
    purpose: str
    command: str

    def to_lines(self) -> list[str]:
        """Return what is missing and how to add it, as lines for a log."""
        return [
            f"Missing: {self.name}, needed to {self.purpose}; it is {self.problem}.",
            "Add it in Settings > Options > Sentinel-2 land cover, or in a terminal with",
            f"  {self.command}",
        ]


@dataclass(frozen=True)
class Environment:
    """What this copy of the plugin runs on.

    Attributes:
        versions: by component; empty where a component is missing.
        raster_library: what reads and writes rasters.
        providers: execution providers that onnxruntime offers, best first.
        models: the bundled models.
        missing: packages that would have to be added.
        runtime_folder: where onnxruntime is imported from; empty if it is missing.
        packages_folder: where the plugin adds packages, and finds them; deleting it undoes the installation.
    """

    versions: Mapping[str, str]
    raster_library: str
    providers: tuple[str, ...]
    models: tuple[BundledModel, ...]
    missing: tuple[MissingPackage, ...]
    runtime_folder: str
    packages_folder: str

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain lists, dictionaries and texts."""
        return asdict(self)

    def to_text(self) -> str:
        """Return everything as lines for a log."""
        lines = [f"{name}: {version or 'not installed'}" for name, version in self.versions.items()]
        lines.append(f"Rasters through: {self.raster_library}")
        lines += [f"onnxruntime is in: {self.runtime_folder}"] if self.runtime_folder else []
        lines.append(f"Packages are added in: {self.packages_folder}")
        lines.append(f"Execution providers: {', '.join(self.providers) or 'none'}")
        lines.append("Bundled models:" if self.models else "Bundled models: none")
        lines += [f"  {_model_line(model)}" for model in self.models]
        for package in self.missing:
            lines += package.to_lines()
        if not self.missing:
            lines.append("Nothing is missing.")
        return "\n".join(lines)


def _model_line(model: BundledModel) -> str:
    return f"{model.name} {model.version} ({model.size / 1e6:.1f} MB)" + (f": {model.problem}" if model.problem else "")


def describe(host: Mapping[str, str], packages_folder: Path, install_command: str) -> Environment:
    """Look around.

    Args:
        host: versions that only the host knows, by component, such as `QGIS` and `GDAL`.
        packages_folder: where the plugin adds packages.
        install_command: one line for a terminal that adds onnxruntime there.
    """
    runtime = ""
    providers: tuple[str, ...] = ()
    missing: tuple[MissingPackage, ...] = ()
    try:
        runtime, providers = import_onnxruntime().__version__, available_providers()
    except DependencyError as error:
        missing = (MissingPackage("onnxruntime", _problem(error), "run models (classify)", install_command),)
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
        runtime_folder="" if missing else place_of_runtime(),
        packages_folder=str(packages_folder),
    )


def _problem(error: DependencyError) -> str:
    missing = isinstance(error.__cause__, ModuleNotFoundError)
    return "not installed" if missing else f"installed and does not load: {error.__cause__}"


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
