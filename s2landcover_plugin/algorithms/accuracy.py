# SPDX-License-Identifier: GPL-2.0-or-later
"""Algorithm `accuracy`: a class map against a reference to a report."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
)

from ..core.accuracy.assessment import AssessmentRequest, assess
from ..core.accuracy.class_matching import Matching
from ..core.accuracy.point_design import PointDesign
from ..core.accuracy.points import PointRequest, ReferencePoints, assess_points
from ..core.accuracy.polygons import ReferencePolygons, assess_polygons
from ..core.accuracy.report import write_csv, write_html, write_json
from ..core.accuracy.result import Assessment
from ..core.outputs import check_distinct
from ..core.progress import Progress
from .accuracy_outputs import add_figures, figures_of, log_figures
from .accuracy_reference import (
    DESIGN,
    MATCHING,
    REFERENCE,
    REFERENCE_FIELD,
    REFERENCE_LAYER,
    REMAP_FILE,
    REMAP_PRESET,
    REMAP_TABLE,
    add_matching,
    add_reference,
    check_one_reference,
    read_table,
)
from .base import LandCoverAlgorithm, Parameters
from .reference_layer import layer_path, read_reference, reference_source
from .styling import style_class_map


class AccuracyAlgorithm(LandCoverAlgorithm):
    """Adapter of `core.accuracy`."""

    INPUT = "INPUT"
    REFERENCE, REFERENCE_LAYER, REFERENCE_FIELD = REFERENCE, REFERENCE_LAYER, REFERENCE_FIELD
    DESIGN, MATCHING = DESIGN, MATCHING
    REMAP_FILE, REMAP_TABLE, REMAP_PRESET = REMAP_FILE, REMAP_TABLE, REMAP_PRESET
    CONFIDENCE = "CONFIDENCE"
    BLOCK_SIZE = "BLOCK_SIZE"
    SEED = "SEED"
    ERRORS = "ERRORS"
    OUTPUT_HTML = "OUTPUT_HTML"
    OUTPUT_CSV = "OUTPUT_CSV"
    OUTPUT_JSON = "OUTPUT_JSON"

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
        return [
            *("confusion matrix", "validation", "kappa", "F1", "IoU", "producer's accuracy", "user's accuracy"),
            *("area estimation", "Olofsson", "sample", "confidence interval", "calibration", "error matrix"),
        ]

    def shortDescription(self) -> str:
        """Return what it does, in a sentence."""
        return self.tr("Compares a class map with reference pixels, points or polygons, and writes an accuracy report.")

    def guide(self) -> tuple[str, ...]:
        """Return the help panel's paragraphs."""
        return (
            self.tr("Tells how far a land-cover map agrees with what is known to be true, class by class."),
            self.tr(
                "Points from 'Draw validation points', once labelled, give estimates for the whole map: accuracies and "
                "the area of each class with 95 % confidence intervals (Olofsson et al. 2014, Stehman 2014)."
            ),
            self.tr(
                "A raster, or polygons (pixels whose centre lies in one; later ones lie on top), are compared pixel by "
                "pixel. A raster on another grid is brought onto the map's by nearest neighbour. These are no sample "
                "estimates; intervals come from drawing whole blocks of ground again and again."
            ),
            self.tr(
                "Output: an HTML page that stands alone, the same as CSV and JSON if wanted, and every headline figure "
                "as an output for models and scripts."
            ),
            self.tr("What lacks data or a label is left out, and the report says how much."),
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
        add_reference(self)
        self.add(
            QgsProcessingParameterRasterLayer(self.CONFIDENCE, self.tr("Confidence of the map"), optional=True),
            self.tr("Per cent, as 'Classify land cover' writes it: the report then says whether it can be trusted."),
        )
        add_matching(self)
        self._add_blocks()
        self._add_files()
        add_figures(self)

    def _add_blocks(self) -> None:
        number = QgsProcessingParameterNumber.Type.Integer
        self.add(
            QgsProcessingParameterNumber(self.BLOCK_SIZE, self.tr("Block size (pixels)"), number, 100, minValue=1),
            self.tr(
                "Side of the blocks of ground that intervals of a comparison of pixels rest on; larger than fields."
            ),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterNumber(self.SEED, self.tr("Random seed"), number, 0, minValue=0, maxValue=2**31 - 1),
            self.tr("The same seed gives the same intervals."),
            advanced=True,
        )

    def _add_files(self) -> None:
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
        self.add(
            QgsProcessingParameterRasterDestination(
                self.ERRORS, self.tr("Error raster"), optional=True, createByDefault=False
            ),
            self.tr(
                "Which class was taken for which, for rasters and polygons: 1 where both agree, then a value for each "
                "pair, with names such as 'forest mapped as crops'."
            ),
        )

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """See the base; one reference, its field, and the class table."""
        super().check(parameters, context)
        check_one_reference(parameters)
        read_table(self, parameters, context)
        if parameters.get(REFERENCE_LAYER):
            reference_source(self, parameters, REFERENCE_LAYER, self._field(parameters, context), context)

    def execute(self, parameters: Parameters, context: QgsProcessingContext, progress: Progress) -> Parameters:
        """Compare and report."""
        writers = {self.OUTPUT_HTML: write_html, self.OUTPUT_CSV: write_csv, self.OUTPUT_JSON: write_json}
        paths = {name: self.parameterAsFileOutput(parameters, name, context) for name in writers}
        wanted = {name: path for name, path in paths.items() if path}
        inputs = [self.raster(name) for name in (self.INPUT, REFERENCE, self.CONFIDENCE)]
        errors = self.parameterAsOutputLayer(parameters, self.ERRORS, context)
        for path in filter(None, (*wanted.values(), errors)):
            check_distinct(path, inputs)
        assessment = self._assessment(parameters, context, progress)
        for name, path in wanted.items():
            writers[name](assessment, path)
        figures = figures_of(assessment)
        log_figures(self, figures, progress)
        return {**wanted, **self._errors(parameters, context, assessment, progress), **figures}

    def _errors(
        self, parameters: Parameters, context: QgsProcessingContext, assessment: Assessment, progress: Progress
    ) -> Parameters:
        path = self.parameterAsOutputLayer(parameters, self.ERRORS, context)
        if not path:
            return {}
        if assessment.noun == "points":
            progress.warning("Points give no error raster; the report shows where they are right and wrong.")
            return {}
        style_class_map(path, context)
        return {self.ERRORS: path}

    def _assessment(self, parameters: Parameters, context: QgsProcessingContext, progress: Progress) -> Assessment:
        request = AssessmentRequest(
            self.raster(self.INPUT),
            self.raster(REFERENCE),
            matching=Matching(self.parameterAsString(parameters, MATCHING, context)),
            remap=read_table(self, parameters, context),
            confidence=self.raster(self.CONFIDENCE),
            block_size=self.parameterAsInt(parameters, self.BLOCK_SIZE, context),
            seed=self.parameterAsInt(parameters, self.SEED, context),
            errors=self.parameterAsOutputLayer(parameters, self.ERRORS, context),
        )
        if request.reference:
            return assess(request, progress)
        features = self._features(parameters, context, progress)
        if isinstance(features, ReferencePolygons):
            return assess_polygons(request, features, progress)
        design = PointDesign(self.parameterAsString(parameters, DESIGN, context))
        points = PointRequest(request.map, design, request.remap, request.matching, request.confidence)
        return assess_points(points, features, progress)

    def _features(
        self, parameters: Parameters, context: QgsProcessingContext, progress: Progress
    ) -> ReferencePoints | ReferencePolygons:
        field = self._field(parameters, context)
        source = reference_source(self, parameters, REFERENCE_LAYER, field, context)
        path = layer_path(parameters[REFERENCE_LAYER], context)
        return read_reference(source, path, field, self.raster(self.INPUT), context, progress)

    def _field(self, parameters: Parameters, context: QgsProcessingContext) -> str:
        return "".join(self.parameterAsFields(parameters, REFERENCE_FIELD, context)[:1])
