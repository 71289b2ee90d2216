# SPDX-License-Identifier: GPL-2.0-or-later
"""The real `qgis_process`, in a profile of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Finished:
    code: int
    output: str
    errors: str

    @property
    def results(self) -> dict[str, str]:
        """The lines below `Results`, by output name."""
        _, _, tail = self.output.partition("Results\n----------------\n")
        pairs = (line.partition(":\t") for line in tail.splitlines() if ":\t" in line)
        return {name: value for name, _, value in pairs}


class QgisProcess:
    """Runs commands.

    `plugin_path` is a folder with the plugin in it, empty for the profile's own plugins; `packages` one with Python
    packages besides QGIS's, those of the tests unless told otherwise.
    """

    def __init__(self, profile: Path, plugin_path: str = "", packages: str | None = None) -> None:
        # Debian's qgis_process passes an option of the desktop, which it refuses itself.
        found = shutil.which("qgis_process.bin") or shutil.which("qgis_process")
        if found is None:
            pytest.skip("there is no qgis_process on this machine")
        self._command = found
        self._environment = {
            **os.environ,
            "QT_QPA_PLATFORM": "offscreen",
            "QGIS_CUSTOM_CONFIG_PATH": str(profile),
            "QGIS_PLUGINPATH": plugin_path,
            "PYTHONPATH": sysconfig.get_paths()["purelib"] if packages is None else packages,
        }
        assert self("plugins", "enable", "s2landcover_plugin").code == 0

    def __call__(self, *arguments: str) -> Finished:
        done = subprocess.run(
            [self._command, *arguments], env=self._environment, capture_output=True, text=True, check=False
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    def run(self, algorithm: str, **parameters: object) -> Finished:
        given = [f"--{name}={value}" for name, value in parameters.items()]
        return self("run", f"s2landcover:{algorithm}", *given)
