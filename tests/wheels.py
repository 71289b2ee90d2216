# SPDX-License-Identifier: GPL-2.0-or-later
"""Packages made by hand, as wheel files, for tests that install without a network."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

RUNTIME = """
__version__ = "{version}"

def get_available_providers():
    return ["CPUExecutionProvider"]

class InferenceSession:
    def __init__(self, model, providers):
        assert model and providers == ["CPUExecutionProvider"]

    def run(self, names, feed):
        return [feed["x"].copy()]
"""
"""An onnxruntime that runs models of one node, y = Identity(x)."""


def write_wheel(
    folder: Path,
    name: str,
    version: str,
    code: str,
    requires: tuple[str, ...] = (),
    more: Mapping[str, str] = MappingProxyType({}),
) -> Path:
    """Write a pure Python package of one module, `{version}` in its code filled in, and of whatever `more` files."""
    folder.mkdir(parents=True, exist_ok=True)
    metadata = f"{name}-{version}.dist-info"
    needs = "".join(f"Requires-Dist: {need}\n" for need in requires)
    files = {
        **more,
        f"{name}/__init__.py": code.replace("{version}", version),
        f"{metadata}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}",
        f"{metadata}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{metadata}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{metadata}/RECORD"])
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        for path, text in files.items():
            file.writestr(path, text)
    return wheel
