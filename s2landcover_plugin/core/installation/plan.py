# SPDX-License-Identifier: GPL-2.0-or-later
"""What to install, and what pip has to be told for it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import InputError

VERSIONS = ">=1.16,<2"
"""The versions of onnxruntime that the plugin works with."""

RUNTIMES = {
    "cpu": "onnxruntime",
    "openvino": "onnxruntime-openvino",
    "cuda": "onnxruntime-gpu",
    "directml": "onnxruntime-directml",
}
"""What models can run on, and the package for it; each runs on the CPU as well."""


@dataclass(frozen=True)
class Installation:
    """What to install, and where.

    Attributes:
        folder: the folder of packages; replaced if it exists.
        runtime: one of `RUNTIMES`.
        wheels: a folder of wheel files to take everything from, without network; None for the package index.
    """

    folder: Path
    runtime: str = "cpu"
    wheels: Path | None = None

    def __post_init__(self) -> None:
        if self.runtime not in RUNTIMES:
            raise InputError(f"There is no runtime '{self.runtime}'; choose one of {', '.join(RUNTIMES)}.")
        if self.wheels is not None and not any(self.wheels.glob("*.whl")):
            raise InputError(
                f"There is no wheel file (.whl) in {self.wheels}. Fill it on a computer with a network: "
                f"{download_command(self.runtime)}"
            )

    def pip_arguments(self, target: Path, stand_in: Path, constraint: Path) -> list[str]:
        """Return what `python -m pip` is to do.

        Args:
            target: folder to install into.
            stand_in: folder with the empty package that stands for the host's NumPy.
            constraint: file that allows no other NumPy.
        """
        # A compiler is rarely at hand where QGIS is: ready-made packages only.
        options = ["--target", str(target), "--only-binary", ":all:", "--constraint", str(constraint)]
        quiet = ["--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
        links = ["--find-links", str(stand_in)]
        if self.wheels is not None:
            quiet.append("--isolated")
            links += ["--find-links", str(self.wheels), "--no-index"]
        return ["install", *options, *quiet, *links, RUNTIMES[self.runtime] + VERSIONS]

    def environment(self) -> Mapping[str, str]:
        """Return variables that keep the user's settings of pip out of the way; proxies and mirrors stay."""
        settings = {"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"}
        return {**settings, "PIP_CONFIG_FILE": os.devnull} if self.wheels is not None else settings


def download_command(runtime: str = "cpu") -> str:
    """Return the command that fills a folder `wheels`, on a computer with a network and the same Python and system."""
    packages = f'"{RUNTIMES[runtime]}{VERSIONS}" "numpy=={np.__version__}"'
    return f"python3 -m pip download --only-binary :all: -d wheels {packages}"
