# SPDX-License-Identifier: GPL-2.0-or-later
"""Telling pip which NumPy there is, so that it chooses packages that go with it and brings no other.

`pip install --target` looks at an empty folder: it would put a second NumPy there. Leaving out all dependencies would
choose an onnxruntime that may need another NumPy. So pip is offered an empty package that has the name and the version
of the host's NumPy, and is forbidden any other.
"""

from __future__ import annotations

import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import DependencyError

_WHEEL = "Wheel-Version: 1.0\nGenerator: s2landcover\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


@dataclass(frozen=True)
class HostNumpy:
    """An empty package that stands for the host's NumPy.

    Attributes:
        version: the host's NumPy.
    """

    version: str = np.__version__

    @property
    def stand_in(self) -> str:
        """Version of the empty package: a local one (PEP 440), which satisfies the same demands and is on no index."""
        return f"{self.version.partition('+')[0]}+host"

    def write(self, folder: Path) -> Path:
        """Write the empty package as a wheel, and beside it the constraint that allows no other; return the latter."""
        folder.mkdir(parents=True)
        metadata = f"numpy-{self.stand_in}.dist-info"
        files = {
            f"{metadata}/METADATA": f"Metadata-Version: 2.1\nName: numpy\nVersion: {self.stand_in}\n",
            f"{metadata}/WHEEL": _WHEEL,
        }
        files[f"{metadata}/RECORD"] = "".join(f"{name},,\n" for name in [*files, f"{metadata}/RECORD"])
        with zipfile.ZipFile(folder / f"numpy-{self.stand_in}-py3-none-any.whl", "w") as wheel:
            for name, text in files.items():
                wheel.writestr(name, text)
        constraint = folder / "constraints.txt"
        constraint.write_text(f"numpy=={self.stand_in}\n", encoding="utf-8")
        return constraint

    def clear_away(self, packages: Path) -> None:
        """Delete what pip installed of the empty package.

        Raises:
            DependencyError: if another NumPy has come along.
        """
        shutil.rmtree(packages / f"numpy-{self.stand_in}.dist-info", ignore_errors=True)
        if any(packages.glob("numpy")) or any(packages.glob("numpy-*")):
            raise DependencyError(
                f"What was to be installed brings a NumPy of its own, which could take the place of NumPy "
                f"{self.version} of QGIS. Nothing was installed; use the packages of the Python Package Index."
            )
