# SPDX-License-Identifier: GPL-2.0-or-later
"""The plugin's life in QGIS: it adds a Processing provider and a page of options, and takes them away again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qgis.core import QgsApplication

from .algorithms.profile import profile_packages
from .core.installation.packages import activate, deactivate
from .provider import LandCoverProvider

if TYPE_CHECKING:
    from .options_page import OptionsFactory


class LandCoverPlugin:
    """What QGIS loads. What it does is in the Processing toolbox; a page of options helps to set it up."""

    def __init__(self, iface: Any) -> None:
        self.iface = iface
        self.provider: LandCoverProvider | None = None
        self.options: OptionsFactory | None = None

    def initProcessing(self) -> None:
        """Register the provider; all that `qgis_process` calls."""
        activate(profile_packages())
        self.provider = LandCoverProvider()
        QgsApplication.processingRegistry().addProvider(self.provider)

    def initGui(self) -> None:
        """Start in the desktop."""
        from .options_page import OptionsFactory  # widgets, which qgis_process has no use for

        self.initProcessing()
        self.options = OptionsFactory()
        self.iface.registerOptionsWidgetFactory(self.options)

    def unload(self) -> None:
        """Remove the page and the provider; the registry deletes the latter."""
        if self.options is not None:
            self.options.stop()
            self.iface.unregisterOptionsWidgetFactory(self.options)
            self.options = None
        if self.provider is not None:
            QgsApplication.processingRegistry().removeProvider(self.provider)
            self.provider = None
            deactivate(profile_packages())
