# SPDX-License-Identifier: GPL-2.0-or-later
"""The Processing provider: the algorithms, under one name and icon."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtCore import QCoreApplication
from qgis.PyQt.QtGui import QIcon

from .algorithms import ALGORITHMS

_ICON = Path(__file__).parent / "icons" / "provider.svg"


class LandCoverProvider(QgsProcessingProvider):
    """Provider `s2landcover`."""

    def id(self) -> str:
        """Return the id, which scripts and models refer to: never change it."""
        return "s2landcover"

    def name(self) -> str:
        """Return the name in the toolbox."""
        return QCoreApplication.translate("s2landcover", "Sentinel-2 land cover")

    def icon(self) -> QIcon:
        """Return the icon, from its file: compiled resources differ between Qt versions."""
        return QIcon(self.svgIconPath())

    def svgIconPath(self) -> str:
        """Return the icon's file, for the model designer."""
        return str(_ICON)

    def loadAlgorithms(self) -> None:
        """Add every algorithm."""
        for algorithm in ALGORITHMS:
            self.addAlgorithm(algorithm())

    def defaultRasterFileExtension(self) -> str:
        """Return what temporary rasters are called."""
        return "tif"

    def supportedOutputRasterLayerExtensions(self) -> list[str]:
        """Return the raster formats that can be written: GeoTIFF only."""
        return ["tif", "tiff"]

    def defaultVectorFileExtension(self, has_geometry: bool = True) -> str:
        """Return what temporary vector layers are called."""
        return "gpkg"

    def supportedOutputVectorLayerExtensions(self) -> list[str]:
        """Return the vector formats that can be written: GeoPackage only."""
        return ["gpkg"]
