# SPDX-License-Identifier: GPL-2.0-or-later
"""Run the plugin's algorithms as a server would: `qgis_process`, no display, a profile of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
import time
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_STAGE = _ROOT / "build" / "stage"
_PLUGIN = "s2landcover_plugin"


class StepFailed(Exception):
    """An algorithm ended with an error; the message is the algorithm's own."""


class QgisProcess:
    """The `qgis_process` command with the plugin enabled.

    Args:
        profile: an empty folder for a QGIS profile; the user's own is not touched.

    Raises:
        StepFailed: if there is no `qgis_process`, or the plugin does not load.
    """

    def __init__(self, profile: Path) -> None:
        self._command = _find_command()
        self._environment = {
            **os.environ,
            "QT_QPA_PLATFORM": "offscreen",
            "QGIS_PLUGINPATH": str(_STAGE),
            "QGIS_CUSTOM_CONFIG_PATH": str(profile),
            # onnxruntime lies in the environment that runs this, beside QGIS's own Python packages.
            "PYTHONPATH": sysconfig.get_paths()["purelib"],
        }
        self._call(["plugins", "enable", _PLUGIN])

    def run(self, algorithm: str, **parameters: Path) -> None:
        """Run `s2landcover:<algorithm>` and print how long it took.

        Raises:
            StepFailed: if it ends with an error.
        """
        started = time.monotonic()
        print(f"{algorithm} ...", flush=True)
        arguments = [f"--{name}={value}" for name, value in parameters.items()]
        self._call(["run", f"s2landcover:{algorithm}", *arguments])
        print(f"{algorithm} took {time.monotonic() - started:.1f} s", flush=True)

    def _call(self, arguments: list[str]) -> None:
        done = subprocess.run(
            [self._command, *arguments], env=self._environment, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise StepFailed(_last_message(done.stdout + done.stderr))


def _find_command() -> str:
    # Debian wraps qgis_process in a script that passes it an option of the desktop, which it refuses.
    for name in ("qgis_process.bin", "qgis_process"):
        found = shutil.which(name)
        if found:
            return found
    raise StepFailed("There is no qgis_process on this machine. Install QGIS 3.22 or later.")


def _last_message(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith(("error", "unable", "algorithm"))]
    return "\n".join(errors or lines[-3:]) or "qgis_process ended with an error and no message."
