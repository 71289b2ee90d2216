# SPDX-License-Identifier: GPL-2.0-or-later
"""The plugin's life in QGIS: it adds a Processing provider, and takes it away again."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsApplication

from .provider import LandCoverProvider


class LandCoverPlugin:
    """What QGIS loads. Everything it offers is in the Processing toolbox, so it needs no window."""

    def __init__(self, iface: Any) -> None:
        self.iface = iface
        self.provider: LandCoverProvider | None = None

    def initProcessing(self) -> None:
        """Register the provider; all that `qgis_process` calls."""
        self.provider = LandCoverProvider()
        QgsApplication.processingRegistry().addProvider(self.provider)

    def initGui(self) -> None:
        """Start in the desktop."""
        self.initProcessing()

    def unload(self) -> None:
        """Remove the provider; the registry deletes it."""
        if self.provider is not None:
            QgsApplication.processingRegistry().removeProvider(self.provider)
            self.provider = None
