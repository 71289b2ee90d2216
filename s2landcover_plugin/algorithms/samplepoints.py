# SPDX-License-Identifier: GPL-2.0-or-later
"""Algorithm `samplepoints`: a class map to validation points that are ready to be labelled."""

from __future__ import annotations

import math

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingOutputNumber,
    QgsProcessingParameterDistance,
    QgsProcessingParameterEnum,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsProcessingParameterVectorDestination,
)

from ..core.progress import Progress
from ..core.sampling.design import Allocation, ExpectedAccuracy, Method, SampleDesign
from ..core.sampling.samplepoints import SamplePointsRequest, sample_points
from .base import LandCoverAlgorithm, Parameters
from .styling import style_vector


class SamplePointsAlgorithm(LandCoverAlgorithm):
    """Adapter of `core.sampling.samplepoints`."""

    INPUT = "INPUT"
    METHOD = "METHOD"
    COUNT = "COUNT"
    ALLOCATION = "ALLOCATION"
    MIN_PER_STRATUM = "MIN_PER_STRATUM"
    STRATA = "STRATA"
    EXPECTED_ACCURACY = "EXPECTED_ACCURACY"
    TARGET_ERROR = "TARGET_ERROR"
    CLASS_TARGET_ERROR = "CLASS_TARGET_ERROR"
    MIN_DISTANCE = "MIN_DISTANCE"
    SEED = "SEED"
    OUTPUT = "OUTPUT"
    POINTS = "POINTS"
    EXPECTED_ERROR = "EXPECTED_ERROR"

    def name(self) -> str:
        """Return the id, frozen."""
        return "samplepoints"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return self.tr("Draw validation points")

    def group(self) -> str:
        """Return the group's name."""
        return self.tr("Map and assess")

    def groupId(self) -> str:
        """Return the group's id."""
        return "map"

    def tags(self) -> list[str]:
        """Return further words to search by."""
        return [
            "sample",
            "stratified random",
            "Neyman",
            "allocation",
            "accuracy",
            "validation",
            "reference",
            "labelling",
        ]

    def shortDescription(self) -> str:
        """Return what it does, in a sentence."""
        return self.tr("Draws a random sample of a class map, as points that are labelled by picking from a list.")

    def guide(self) -> tuple[str, ...]:
        """Return the help panel's paragraphs."""
        return (
            self.tr(
                "Draws the points whose true class you then look up. From a sample that was drawn at random, the "
                "map's accuracy and the area of its classes can be estimated with confidence intervals."
            ),
            self.tr(
                "Input: a class map, for instance from 'Classify land cover'. Points never fall where it has no data."
            ),
            self.tr(
                "Output: a GeoPackage of points at pixel centres. Each knows its class on the map, its stratum, the "
                "stratum's size and its own inclusion probability. The log says how many points each stratum "
                "got, and the standard error to expect."
            ),
            self.tr(
                "To label: load the points, toggle editing, identify a point, and pick its class from the list in "
                "the field 'reference'. Leave it empty if the class cannot be told."
            ),
            self.tr(
                "Tip: 'stratified' with 25 to 50 points at least in each stratum finds the errors of rare classes, "
                "which a simple random sample hardly meets."
            ),
        )

    def initAlgorithm(self, configuration: Parameters | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add(
            QgsProcessingParameterRasterLayer(self.INPUT, self.tr("Class map")),
            self.tr("The map to draw points from: one band of class values, 0 without data."),
        )
        self._add_design()
        self._add_precision()
        self._add_tuning()
        self.add(
            QgsProcessingParameterVectorDestination(
                self.OUTPUT, self.tr("Validation points"), QgsProcessing.SourceType.TypeVectorPoint
            ),
            self.tr("The points, a GeoPackage (.gpkg) that brings its labelling form along."),
        )
        self.addOutput(QgsProcessingOutputNumber(self.POINTS, self.tr("Points drawn")))
        self.addOutput(QgsProcessingOutputNumber(self.EXPECTED_ERROR, self.tr("Expected standard error (0-1)")))

    def _add_design(self) -> None:
        self._add_choice(
            self.METHOD,
            self.tr("Kind of sample"),
            [method.value for method in Method],
            self.tr(
                "Simple random within each stratum, simple random over the whole map, or a grid with random start."
            ),
        )
        number = QgsProcessingParameterNumber.Type.Integer
        self.add(
            QgsProcessingParameterNumber(self.COUNT, self.tr("Points"), number, 500, minValue=1),
            self.tr("How many points to draw, if no target standard error is given."),
        )
        self._add_choice(
            self.ALLOCATION,
            self.tr("Points per stratum"),
            [allocation.value for allocation in Allocation],
            self.tr("Like the strata's areas, the same for each, or Neyman: more where more errors are expected."),
        )
        self.add(
            QgsProcessingParameterNumber(
                self.MIN_PER_STRATUM, self.tr("Least points per stratum"), number, 25, minValue=2
            ),
            self.tr("Every stratum of a stratified sample gets as many; all its pixels if it has fewer."),
        )

    def _add_precision(self) -> None:
        self.add(
            QgsProcessingParameterString(
                self.EXPECTED_ACCURACY, self.tr("Expected user's accuracy"), "0.85", optional=True
            ),
            self.tr("A guess for all classes, and exceptions by class value: 0.85, 1: 0.95, 7: 0.7."),
        )
        for name, label, text in (
            (
                self.TARGET_ERROR,
                self.tr("Target standard error of the overall accuracy"),
                self.tr("Such as 0.01. It decides how many points are drawn, if the accuracies are as expected."),
            ),
            (
                self.CLASS_TARGET_ERROR,
                self.tr("Target standard error of each user's accuracy"),
                self.tr("Such as 0.05. Each stratum gets as many points as that takes, beyond the number of points."),
            ),
        ):
            kind = QgsProcessingParameterNumber.Type.Double
            limits = {"optional": True, "minValue": 0.0001, "maxValue": 0.4999}
            self.add(QgsProcessingParameterNumber(name, label, kind, None, **limits), text)

    def _add_tuning(self) -> None:
        self.add(
            QgsProcessingParameterRasterLayer(
                self.STRATA, self.tr("Strata other than the map's classes"), optional=True
            ),
            self.tr("A raster of stratum values, 1-255; any grid. Points fall only where it has data, too."),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterDistance(
                self.MIN_DISTANCE, self.tr("Least distance between points"), 0.0, self.INPUT, minValue=0.0
            ),
            self.tr("Within and across strata, in units of the map. A stratum without room gets fewer points."),
            advanced=True,
        )
        number = QgsProcessingParameterNumber.Type.Integer
        self.add(
            QgsProcessingParameterNumber(self.SEED, self.tr("Random seed"), number, 0, minValue=0, maxValue=2**31 - 1),
            self.tr("The same seed gives the same points."),
            advanced=True,
        )

    def _add_choice(self, name: str, label: str, options: list[str], text: str) -> None:
        choice = QgsProcessingParameterEnum(name, label, options, defaultValue=options[0], usesStaticStrings=True)
        self.add(choice, text)

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """See the base; numbers that go together."""
        super().check(parameters, context)
        self._design(parameters, context)

    def execute(self, parameters: Parameters, context: QgsProcessingContext, progress: Progress) -> Parameters:
        """Draw."""
        request = SamplePointsRequest(
            map=self.raster(self.INPUT),
            output=self.parameterAsOutputLayer(parameters, self.OUTPUT, context),
            design=self._design(parameters, context),
            strata=self.raster(self.STRATA),
        )
        drawn = sample_points(request, progress)
        style_vector(drawn.path, context)
        error = None if math.isinf(drawn.expected_error) else drawn.expected_error
        return {self.OUTPUT: drawn.path, self.POINTS: drawn.points, self.EXPECTED_ERROR: error}

    def _design(self, parameters: Parameters, context: QgsProcessingContext) -> SampleDesign:
        def number(name: str) -> int:
            return self.parameterAsInt(parameters, name, context)

        def target(name: str) -> float | None:
            given = parameters.get(name) not in (None, "")
            return self.parameterAsDouble(parameters, name, context) if given else None

        return SampleDesign(
            method=Method(self.parameterAsEnumString(parameters, self.METHOD, context)),
            count=number(self.COUNT),
            allocation=Allocation(self.parameterAsEnumString(parameters, self.ALLOCATION, context)),
            least=number(self.MIN_PER_STRATUM),
            target_error=target(self.TARGET_ERROR),
            class_target_error=target(self.CLASS_TARGET_ERROR),
            expected=ExpectedAccuracy.parse(self.parameterAsString(parameters, self.EXPECTED_ACCURACY, context)),
            least_distance=self.parameterAsDouble(parameters, self.MIN_DISTANCE, context),
            seed=number(self.SEED),
        )
