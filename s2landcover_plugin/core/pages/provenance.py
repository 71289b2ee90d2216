# SPDX-License-Identifier: GPL-2.0-or-later
"""When and with what a page was made."""

from __future__ import annotations

import datetime
import importlib

import numpy as np

from ..environment import plugin_version
from ..raster import backend_name


def now() -> str:
    """Return the time, UTC, ISO 8601."""
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


def software() -> dict[str, str]:
    """Return the versions of what computes figures, by component."""
    package = {"gdal": "osgeo", "rasterio": "rasterio"}[backend_name()]
    library = importlib.import_module(package).__version__
    return {"Sentinel-2 Land Cover": plugin_version(), package: library, "NumPy": np.__version__}
