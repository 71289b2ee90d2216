# SPDX-License-Identifier: GPL-2.0-or-later
"""The programs beside the host that runs this: its Python, and `qgis_process`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path


def interpreter() -> str:
    """Return the Python that can install packages for this process.

    `sys.executable` is no answer inside a host: on Windows and macOS it is QGIS itself, and on Linux whichever python3
    comes first on the PATH. The interpreter lies where the standard library's prefix says.
    """
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    names = ("python.exe", "python3.exe") if os.name == "nt" else (f"python{version}", "python3", "python")
    folders = [Path(sys.prefix), Path(sys.prefix, "bin"), Path(sys.exec_prefix, "bin")]
    return _first_file(folder / name for folder in folders for name in names) or sys.executable or "python3"


def qgis_process(application_folder: Path) -> str:
    """Return the `qgis_process` that belongs to a QGIS, by its full path; only its name where none is found.

    Args:
        application_folder: where QGIS's own program lies.
    """
    starters = sorted(application_folder.glob("qgis_process-*.bat"))  # Windows: it sets up the paths first
    names = (
        "bin/qgis_process",  # macOS: inside the bundle
        "qgis_process.bin",  # Debian's qgis_process passes an option of the desktop, which it then refuses
        "qgis_process",
    )
    return _first_file([*starters, *(application_folder / name for name in names)]) or "qgis_process"


def _first_file(paths: Iterable[Path]) -> str:
    return next((str(path) for path in paths if path.is_file()), "")
