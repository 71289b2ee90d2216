# SPDX-License-Identifier: GPL-2.0-or-later
"""Algorithm `status`: what the plugin runs on, and what is missing."""

from __future__ import annotations

import json

from osgeo import gdal
from qgis.core import (
    Qgis,
    QgsProcessingContext,
    QgsProcessingOutputBoolean,
    QgsProcessingOutputString,
    QgsProcessingParameterFileDestination,
)
from qgis.PyQt.QtCore import QT_VERSION_STR

from ..core.environment import Environment, describe
from ..core.outputs import write_text
from ..core.progress import Progress
from .base import LandCoverAlgorithm, Parameters
from .profile import install_command, profile_packages


class StatusAlgorithm(LandCoverAlgorithm):
    """Adapter of `core.environment`."""

    OUTPUT_JSON = "OUTPUT_JSON"
    TEXT = "TEXT"
    READY = "READY"

    def name(self) -> str:
        """Return the id, frozen."""
        return "status"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return self.tr("Check the installation")

    def group(self) -> str:
        """Return the group's name."""
        return self.tr("Set up")

    def groupId(self) -> str:
        """Return the group's id."""
        return "setup"

    def tags(self) -> list[str]:
        """Return further words to search by."""
        return ["status", "version", "install", "onnxruntime", "GPU", "CUDA", "dependencies", "help"]

    def shortDescription(self) -> str:
        """Return what it does, in a sentence."""
        return self.tr("Shows versions, what models can run on, and the command that adds whatever is missing.")

    def guide(self) -> tuple[str, ...]:
        """Return the help panel's paragraphs."""
        return (
            self.tr("Lists what the plugin runs on: versions, bundled models, and the processors models can use."),
            self.tr(
                "Only 'Classify land cover' needs something that QGIS does not bring: the Python package "
                "'onnxruntime'. If it is missing, add it in Settings > Options > Sentinel-2 land cover, or with the "
                "command that the log shows. Both leave QGIS's NumPy as it is; a plain pip install may break QGIS."
            ),
            self.tr("Tip: put this text into every question or problem report."),
        )

    def initAlgorithm(self, configuration: Parameters | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add(
            QgsProcessingParameterFileDestination(
                self.OUTPUT_JSON,
                self.tr("Status as JSON"),
                self.tr("JSON files (*.json)"),
                optional=True,
                createByDefault=False,
            ),
            self.tr("The same, for programs to read."),
        )
        self.addOutput(QgsProcessingOutputString(self.TEXT, self.tr("Status")))
        self.addOutput(QgsProcessingOutputBoolean(self.READY, self.tr("Nothing is missing")))

    def execute(self, parameters: Parameters, context: QgsProcessingContext, progress: Progress) -> Parameters:
        """Look around and tell."""
        host = {"QGIS": Qgis.QGIS_VERSION, "GDAL": gdal.VersionInfo("RELEASE_NAME"), "Qt": QT_VERSION_STR}
        environment = describe(host, profile_packages(), install_command())
        for line in environment.to_text().splitlines():
            progress.info(line)
        results = {self.TEXT: environment.to_text(), self.READY: not environment.missing}
        path = self.parameterAsFileOutput(parameters, self.OUTPUT_JSON, context)
        if path:
            _write_json(environment, path)
            results[self.OUTPUT_JSON] = path
        return results


def _write_json(environment: Environment, path: str) -> None:
    write_text(path, json.dumps(environment.to_json(), ensure_ascii=False, indent=1))
