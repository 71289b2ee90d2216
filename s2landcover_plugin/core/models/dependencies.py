# SPDX-License-Identifier: GPL-2.0-or-later
"""The one optional package, onnxruntime: its import, and what to do where it is missing."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import numpy as np

from ..errors import DependencyError
from ..installation.interpreter import interpreter
from ..installation.plan import VERSIONS

_IN_QGIS = (
    "Install it in Settings > Options > Sentinel-2 land cover, or in a terminal with: "
    "qgis_process run s2landcover:installruntime"
)


def import_onnxruntime() -> Any:
    """Return the onnxruntime module.

    Raises:
        DependencyError: if it is not installed, or installed and broken.
    """
    try:
        return importlib.import_module("onnxruntime")
    except ModuleNotFoundError as error:
        raise DependencyError(
            f"Models are run by the Python package onnxruntime, which is not installed. {_advice()}"
        ) from error
    except ImportError as error:
        raise DependencyError(
            f"The Python package onnxruntime is installed but does not load ({error}). {_advice()}"
        ) from error


def _advice() -> str:
    # pip's own command would put packages where QGIS's other plugins find them too.
    return _IN_QGIS if "qgis.core" in sys.modules else f"Install it with: {onnxruntime_command()}"


def onnxruntime_command() -> str:
    """Return the command that adds onnxruntime to an environment without QGIS, and leaves its NumPy as it is.

    Naming the NumPy that is there keeps pip from choosing another one, or an onnxruntime that does not go with it.
    """
    return f'"{interpreter()}" -m pip install "onnxruntime{VERSIONS}" "numpy=={np.__version__}"'
