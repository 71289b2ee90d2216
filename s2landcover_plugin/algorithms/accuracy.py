# SPDX-License-Identifier: GPL-2.0-or-later
"""Algorithm `accuracy`: a class map against a reference to a report."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterRasterLayer,
)

from ..core.accuracy.assessment import AssessmentRequest, assess
from ..core.accuracy.figures import HeadlineFigures
from ..core.accuracy.report import write_csv, write_html, write_json
from ..core.outputs import check_distinct
from ..core.progress import Progress
from .base import LandCoverAlgorithm, Parameters


class AccuracyAlgorithm(LandCoverAlgorithm):
    """Adapter of `core.accuracy.assessment` and `core.accuracy.report`."""

    INPUT = "INPUT"
    REFERENCE = "REFERENCE"
    OUTPUT_HTML = "OUTPUT_HTML"
    OUTPUT_CSV = "OUTPUT_CSV"
    OUTPUT_JSON = "OUTPUT_JSON"
    OVERALL_ACCURACY = "OVERALL_ACCURACY"
    KAPPA = "KAPPA"
    MEAN_IOU = "MEAN_IOU"
    MACRO_F1 = "MACRO_F1"
    PIXELS = "PIXELS"

    def name(self) -> str:
        """Return the id, frozen."""
        return "accuracy"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return self.tr("Assess accuracy")

    def group(self) -> str:
        """Return the group's name."""
        return self.tr("Map and assess")

    def groupId(self) -> str:
        """Return the group's id."""
        return "map"

    def tags(self) -> list[str]:
        """Return further words to search by."""
        return ["confusion matrix", "validation", "kappa", "F1", "IoU", "producer's accuracy", "user's accuracy"]

    def shortDescription(self) -> str:
        """Return what it does, in a sentence."""
        return self.tr("Compares a class map with a reference, pixel by pixel, and writes an accuracy report.")

    def guide(self) -> tuple[str, ...]:
        """Return the help panel's paragraphs."""
        return (
            self.tr("Tells how far a land-cover map agrees with what is known to be true, class by class."),
            self.tr(
                "Input: two rasters of class values. Classes are matched by value; by name where both rasters name the "
                "same classes but number them differently. A reference on another grid is brought onto the map's by "
                "nearest neighbour."
            ),
            self.tr(
                "Output: an HTML page that stands alone (confusion matrix, overall accuracy, kappa; per class "
                "user's and producer's accuracy, F1 and IoU), the same as CSV and JSON if wanted, and the headline "
                "figures as outputs for models and scripts."
            ),
            self.tr("Pixels without data in either raster are left out, and the report says how many."),
            self.tr(
                "Tip: a reference that was drawn on the same image tells how well the map follows that "
                "drawing. For an accuracy to publish, use a sample that was chosen at random."
            ),
        )

    def initAlgorithm(self, configuration: Parameters | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add(
            QgsProcessingParameterRasterLayer(self.INPUT, self.tr("Class map")),
            self.tr("The map to assess: one band of class values, 0 without data."),
        )
        self.add(
            QgsProcessingParameterRasterLayer(self.REFERENCE, self.tr("Reference")),
            self.tr("What is taken as the truth: one band of class values, 0 without data; any grid that overlaps."),
        )
        self.add(
            QgsProcessingParameterFileDestination(
                self.OUTPUT_HTML, self.tr("Report"), self.tr("HTML files (*.html *.htm)")
            ),
            self.tr("The report, one page with everything inside it."),
        )
        for name, label, files in (
            (self.OUTPUT_CSV, self.tr("Confusion matrix and figures as CSV"), self.tr("CSV files (*.csv)")),
            (self.OUTPUT_JSON, self.tr("Everything as JSON"), self.tr("JSON files (*.json)")),
        ):
            parameter = QgsProcessingParameterFileDestination(name, label, files, optional=True, createByDefault=False)
            self.add(parameter, self.tr("The same figures, for other programs to read."))
        self._declare_figures()

    def _declare_figures(self) -> None:
        for name, label in (
            (self.OVERALL_ACCURACY, self.tr("Overall accuracy (0-1)")),
            (self.KAPPA, self.tr("Cohen's kappa")),
            (self.MEAN_IOU, self.tr("Mean intersection over union (0-1)")),
            (self.MACRO_F1, self.tr("Mean F1 of the classes (0-1)")),
            (self.PIXELS, self.tr("Pixels compared")),
        ):
            self.addOutput(QgsProcessingOutputNumber(name, label))

    def execute(self, parameters: Parameters, context: QgsProcessingContext, progress: Progress) -> Parameters:
        """Compare and report."""
        writers = {self.OUTPUT_HTML: write_html, self.OUTPUT_CSV: write_csv, self.OUTPUT_JSON: write_json}
        paths = {name: self.parameterAsFileOutput(parameters, name, context) for name in writers}
        wanted = {name: path for name, path in paths.items() if path}
        inputs = (self.raster(self.INPUT), self.raster(self.REFERENCE))
        for path in wanted.values():
            check_distinct(path, inputs)
        assessment = assess(AssessmentRequest(*inputs), progress)
        for name, path in wanted.items():
            writers[name](assessment, path)
        self._log(assessment.headline, progress)
        return {**wanted, **self._figures(assessment.headline)}

    def _figures(self, headline: HeadlineFigures) -> Parameters:
        return {
            self.OVERALL_ACCURACY: headline.overall_accuracy,
            self.KAPPA: headline.kappa,
            self.MEAN_IOU: headline.mean_iou,
            self.MACRO_F1: headline.macro_f1,
            self.PIXELS: headline.pixels,
        }

    def _log(self, headline: HeadlineFigures, progress: Progress) -> None:
        for name, value in self._figures(headline).items():
            if name != self.PIXELS:
                label = self.outputDefinition(name).description()
                progress.info(f"{label}: " + ("undefined" if value is None else f"{value:.4f}"))
