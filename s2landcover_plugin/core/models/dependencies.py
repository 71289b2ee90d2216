# SPDX-License-Identifier: GPL-2.0-or-later
"""The one optional package, onnxruntime: its import, and the command that adds it without touching QGIS's NumPy."""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
import sys
import sysconfig
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import DependencyError

_ONNXRUNTIME = "onnxruntime>=1.16,<2"


def import_onnxruntime() -> Any:
    """Return the onnxruntime module.

    Raises:
        DependencyError: if it is not installed, or installed and broken.
    """
    try:
        return importlib.import_module("onnxruntime")
    except ModuleNotFoundError as error:
        raise DependencyError(
            "Models are run by the Python package onnxruntime, which is not installed. Close QGIS, run this in a "
            f"terminal{_terminal()}, and start QGIS again: {onnxruntime_command()}"
        ) from error
    except ImportError as error:
        raise DependencyError(
            f"The Python package onnxruntime is installed but does not load ({error}). Close QGIS and install it again "
            f"in a terminal{_terminal()}: {onnxruntime_command('--force-reinstall --no-deps')}"
        ) from error


def _terminal() -> str:
    return " (OSGeo4W Shell)" if os.name == "nt" else ""


def onnxruntime_command(option: str = "") -> str:
    """Return the command that adds onnxruntime to the interpreter that runs this, and leaves its NumPy as it is.

    Naming the NumPy that is there keeps pip from choosing another one, or an onnxruntime that does not go with it.

    Args:
        option: something more for `pip install`.
    """
    packages = [f'"{_ONNXRUNTIME}"', f'"numpy=={np.__version__}"']
    command = " ".join([f'"{interpreter()}" -m pip install', *_pip_options(), *option.split(), *packages])
    if importlib.util.find_spec("pip") is None and shutil.which("apt-get"):
        return f"sudo apt-get install python3-pip && {command}"
    return command


def _pip_options() -> list[str]:
    if sys.prefix != sys.base_prefix or Path(sys.prefix, "conda-meta").is_dir():
        return []  # an environment of its own: packages belong into it
    if Path(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED").is_file():
        # The distribution guards its own folders (PEP 668); the user's folder is not among them.
        return ["--user", "--break-system-packages"]
    return ["--user"]


def interpreter() -> str:
    """Return the Python that can install packages for this process.

    `sys.executable` is no answer inside a host: on Windows and macOS it is QGIS itself, and on Linux whichever python3
    comes first on the PATH. The interpreter lies where the standard library's prefix says.
    """
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    names = ("python.exe", "python3.exe") if os.name == "nt" else (f"python{version}", "python3", "python")
    folders = [Path(sys.prefix), Path(sys.prefix, "bin"), Path(sys.exec_prefix, "bin")]
    for path in (folder / name for folder in folders for name in names):
        if path.is_file():
            return str(path)
    return sys.executable or "python3"
