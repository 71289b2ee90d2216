# SPDX-License-Identifier: GPL-2.0-or-later
"""Algorithm `installruntime`: onnxruntime into a folder of the user's profile."""

from __future__ import annotations

import sys
from pathlib import Path

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingOutputFolder,
    QgsProcessingOutputString,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
)

from ..core.installation.install import install
from ..core.installation.packages import place_of_runtime
from ..core.installation.plan import RUNTIMES, Installation
from ..core.progress import Progress
from .base import LandCoverAlgorithm, Parameters
from .profile import profile_packages


class InstallRuntimeAlgorithm(LandCoverAlgorithm):
    """Adapter of `core.installation`; the button in QGIS's options runs it, and so does a server's command line."""

    RUNTIME = "RUNTIME"
    WHEELS = "WHEELS"
    FOLDER = "FOLDER"
    VERSION = "VERSION"

    def name(self) -> str:
        """Return the id, frozen."""
        return "installruntime"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return self.tr("Install onnxruntime")

    def group(self) -> str:
        """Return the group's name."""
        return self.tr("Set up")

    def groupId(self) -> str:
        """Return the group's id."""
        return "setup"

    def tags(self) -> list[str]:
        """Return further words to search by."""
        return ["install", "onnxruntime", "pip", "package", "dependencies", "GPU", "CUDA", "OpenVINO", "DirectML"]

    def shortDescription(self) -> str:
        """Return what it does, in a sentence."""
        return self.tr("Adds the Python package that runs models, and leaves QGIS's own packages as they are.")

    def guide(self) -> tuple[str, ...]:
        """Return the help panel's paragraphs."""
        return (
            self.tr(
                "Fetches onnxruntime and what it needs from the Python Package Index (about 25 MB), or from a folder, "
                "and puts it into a folder of your QGIS profile. QGIS's own packages come first, NumPy above all: the "
                "version of onnxruntime is chosen to go with it, and no other NumPy is brought in."
            ),
            self.tr(
                "The packages are tried out first, and put in place only if a model runs. What was installed "
                "here before is replaced."
            ),
            self.tr(
                "To undo it, delete the folder that the log names, or press Remove in Settings > Options > "
                "Sentinel-2 land cover."
            ),
            self.tr(
                "Without a network, fill a folder of wheel files on another computer with the same system and Python. "
                "If packages are missing there, the message says which command fetches them."
            ),
        )

    def initAlgorithm(self, configuration: Parameters | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add(
            QgsProcessingParameterEnum(
                self.RUNTIME,
                self.tr("What models can run on besides the CPU"),
                list(RUNTIMES),
                defaultValue="cpu",
                usesStaticStrings=True,
            ),
            self.tr(
                "cpu suits every computer; openvino is faster on Intel CPUs; cuda is for NVIDIA cards (with CUDA and "
                "cuDNN installed), directml for any card under Windows."
            ),
        )
        self.add(
            QgsProcessingParameterFile(
                self.WHEELS,
                self.tr("Folder of wheel files"),
                QgsProcessingParameterFile.Behavior.Folder,
                optional=True,
            ),
            self.tr("Take everything from this folder, without any network. Empty to fetch it from the package index."),
        )
        self.addOutput(QgsProcessingOutputFolder(self.FOLDER, self.tr("Folder of packages")))
        self.addOutput(QgsProcessingOutputString(self.VERSION, self.tr("Installed")))

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """See the base; a runtime that there is, and wheels in the folder."""
        super().check(parameters, context)
        self._installation(parameters, context)

    def execute(self, parameters: Parameters, context: QgsProcessingContext, progress: Progress) -> Parameters:
        """Install."""
        loaded = "onnxruntime" in sys.modules
        installation = self._installation(parameters, context)
        installed = install(installation, progress)
        progress.info(f"Installed {installed} in {installation.folder}")
        if loaded:
            progress.warning("Start QGIS again to use it: the onnxruntime that is loaded stays until then.")
        if place_of_runtime() != str(installation.folder):
            progress.warning(f"It is not used: {place_of_runtime()} holds another onnxruntime; uninstall that one.")
        return {self.FOLDER: str(installation.folder), self.VERSION: str(installed)}

    def _installation(self, parameters: Parameters, context: QgsProcessingContext) -> Installation:
        wheels = self.parameterAsFile(parameters, self.WHEELS, context)
        runtime = self.parameterAsEnumString(parameters, self.RUNTIME, context)
        return Installation(profile_packages(), runtime, Path(wheels) if wheels else None)
