# SPDX-License-Identifier: GPL-2.0-or-later
"""Algorithm `modelinfo`: what a model file says about itself, and what is wrong with it."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingOutputBoolean,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
)

from ..core.models.bundled import DEFAULT_MODEL, find_model
from ..core.models.report import ModelReport, examine
from ..core.models.report_page import write_report
from ..core.models.report_text import report_text
from ..core.outputs import check_distinct
from ..core.progress import Progress
from .base import LandCoverAlgorithm, Parameters


class ModelInfoAlgorithm(LandCoverAlgorithm):
    """Adapter of `core.models.report`."""

    MODEL = "MODEL"
    OUTPUT_HTML = "OUTPUT_HTML"
    TEXT = "TEXT"
    NAME = "NAME"
    VERSION = "VERSION"
    LICENSE = "LICENSE"
    BANDS = "BANDS"
    CLASSES = "CLASSES"
    GSD = "GSD"
    SHA256 = "SHA256"
    VALID = "VALID"
    PROBLEMS = "PROBLEMS"

    def name(self) -> str:
        """Return the id, frozen."""
        return "modelinfo"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return self.tr("Describe a model")

    def group(self) -> str:
        """Return the group's name."""
        return self.tr("Set up")

    def groupId(self) -> str:
        """Return the group's id."""
        return "setup"

    def tags(self) -> list[str]:
        """Return further words to search by."""
        return ["onnx", "model", "metadata", "contract", "bands", "classes", "licence", "Deepness", "Dynamic World"]

    def shortDescription(self) -> str:
        """Return what it does, in a sentence."""
        return self.tr("Shows what a model file wants, gives and comes from, and what is wrong with it.")

    def guide(self) -> tuple[str, ...]:
        """Return the help panel's paragraphs."""
        return (
            self.tr("Reads an ONNX model file and tells everything that it says about itself."),
            self.tr(
                "Input: the name of a model that comes with the plugin, or a file. A model of other people needs a "
                "description, a .json file of the same name next to it; one made for the plugin Deepness needs none."
            ),
            self.tr(
                "Output: in the log, and as a page if wanted: bands, pixel size, classes with their colours, licence, "
                "training data and accuracy, the graph's inputs and outputs, the checksum. A model that cannot be used "
                "is described too, with all that is wrong; VALID is false then."
            ),
            self.tr("Where onnxruntime is installed, the model is also run once on a small made-up image."),
        )

    def initAlgorithm(self, configuration: Parameters | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add(
            QgsProcessingParameterFile(
                self.MODEL,
                self.tr("Model"),
                defaultValue=DEFAULT_MODEL,
                optional=True,  # see `classify`
                fileFilter=self.tr("ONNX models (*.onnx)") + ";;" + self.tr("All files (*)"),
            ),
            self.tr("An ONNX file, or the name of a model that comes with the plugin."),
        )
        parameter = QgsProcessingParameterFileDestination(
            self.OUTPUT_HTML,
            self.tr("Page"),
            self.tr("HTML files (*.html *.htm)"),
            optional=True,
            createByDefault=False,
        )
        self.add(parameter, self.tr("The same as a page that stands alone, for people to read."))
        for name, label in (
            (self.TEXT, self.tr("Everything as text")),
            (self.NAME, self.tr("Name")),
            (self.VERSION, self.tr("Version")),
            (self.LICENSE, self.tr("Licence")),
            (self.BANDS, self.tr("Bands, in order")),
            (self.CLASSES, self.tr("Class names, by value")),
            (self.SHA256, self.tr("SHA-256 of the file")),
        ):
            self.addOutput(QgsProcessingOutputString(name, label))
        self.addOutput(QgsProcessingOutputNumber(self.GSD, self.tr("Pixel size that it was trained for (m)")))
        self.addOutput(QgsProcessingOutputBoolean(self.VALID, self.tr("Whether it can be used")))
        self.addOutput(QgsProcessingOutputNumber(self.PROBLEMS, self.tr("Number of things that are wrong")))

    def execute(self, parameters: Parameters, context: QgsProcessingContext, progress: Progress) -> Parameters:
        """Look at the model and tell."""
        path = find_model(self.parameterAsString(parameters, self.MODEL, context))
        page = self.parameterAsFileOutput(parameters, self.OUTPUT_HTML, context)
        if page:
            check_distinct(page, [path])
        report = examine(path, progress)
        text = report_text(report)
        for line in text.splitlines():
            progress.info(line)
        for problem in report.problems:
            progress.warning(problem)
        if page:
            write_report(report, page)
        return {**({self.OUTPUT_HTML: page} if page else {}), self.TEXT: text, **self._outputs(report)}

    def _outputs(self, report: ModelReport) -> Parameters:
        contract = report.contract
        return {
            self.NAME: report.name,
            self.VERSION: contract.version if contract else "",
            self.LICENSE: contract.license if contract else "",
            self.BANDS: " ".join(contract.bands) if contract else "",
            self.CLASSES: ", ".join(f"{item.value} {item.name}" for item in contract.legend) if contract else "",
            self.GSD: contract.gsd if contract else None,
            self.SHA256: report.sha256 or "",
            self.VALID: report.is_valid,
            self.PROBLEMS: len(report.problems),
        }
