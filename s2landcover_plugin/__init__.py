# SPDX-License-Identifier: GPL-2.0-or-later
"""Sentinel-2 land cover: a QGIS Processing provider. The package imports without QGIS."""

from __future__ import annotations

from typing import Any


def classFactory(iface: Any) -> Any:
    """Return the plugin; QGIS calls this, with no `iface` under `qgis_process`."""
    from .plugin import LandCoverPlugin

    return LandCoverPlugin(iface)
