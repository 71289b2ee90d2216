# SPDX-License-Identifier: GPL-2.0-or-later
"""Algorithm `refine`: a class map to a calmer one."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingOutputNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
)

from ..core.progress import Progress
from ..core.refinement.refine import RefinementRequest, refine
from .areas import AREA_TABLE, add_area_table, report_areas
from .base import LandCoverAlgorithm, Parameters
from .refinement import (
    CONTEXT,
    DIAGONALS,
    MAPPING_UNIT_IN,
    MIN_MAPPING_UNIT,
    NEIGHBOURHOOD,
    ROUND,
    add_context,
    add_mapping_unit,
    read_refinement,
    summary,
)
from .styling import style_class_map


class RefineAlgorithm(LandCoverAlgorithm):
    """Adapter of `core.refinement.refine`."""

    INPUT = "INPUT"
    MIN_MAPPING_UNIT, MAPPING_UNIT_IN, DIAGONALS = MIN_MAPPING_UNIT, MAPPING_UNIT_IN, DIAGONALS
    CONTEXT, NEIGHBOURHOOD, ROUND = CONTEXT, NEIGHBOURHOOD, ROUND
    PROBABILITIES = "PROBABILITIES"
    OUTPUT = "OUTPUT"
    AREA_TABLE = AREA_TABLE
    CHANGED_PIXELS = "CHANGED_PIXELS"

    def name(self) -> str:
        """Return the id, frozen."""
        return "refine"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return self.tr("Refine a class map")

    def group(self) -> str:
        """Return the group's name."""
        return self.tr("Map and assess")

    def groupId(self) -> str:
        """Return the group's id."""
        return "map"

    def tags(self) -> list[str]:
        """Return further words to search by."""
        return ["sieve", "majority filter", "minimum mapping unit", "MMU", "generalise", "clump", "salt and pepper"]

    def shortDescription(self) -> str:
        """Return what it does, in a sentence."""
        return self.tr("Removes scattered pixels and small objects from a class map, without inventing a class.")

    def guide(self) -> tuple[str, ...]:
        """Return the help panel's paragraphs."""
        return (
            self.tr("Makes a class map calmer in two steps, of which either can be left out."),
            self.tr(
                "Spatial context: each pixel takes the class that is most frequent around it (majority), or most "
                "probable (probability, which needs the class probabilities of 'Classify land cover'). On a tie its "
                "own class stays."
            ),
            self.tr(
                "Minimum mapping unit: objects of one class that are smaller are given to the neighbouring class that "
                "they share the longest boundary with; the smallest object first, until none is left. Objects that "
                "touch nothing but pixels without data stay."
            ),
            self.tr(
                "Output: a class raster with the same names, colours and metadata. Pixels without data are neither "
                "changed nor counted."
            ),
            self.tr("Tip: 0.25 ha are 25 pixels of 10 m. Assess the accuracy before and after: calmer is not truer."),
        )

    def initAlgorithm(self, configuration: Parameters | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add(
            QgsProcessingParameterRasterLayer(self.INPUT, self.tr("Class map")),
            self.tr("One band of class values from 1 to 255; 0 and the declared nodata value are no data."),
        )
        add_mapping_unit(self, 0.25)
        add_context(self)
        self.add(
            QgsProcessingParameterRasterLayer(self.PROBABILITIES, self.tr("Class probabilities"), optional=True),
            self.tr(
                "For the context 'probability': the raster with a band for each class, of the same run as the map."
            ),
        )
        self.add(
            QgsProcessingParameterRasterDestination(self.OUTPUT, self.tr("Refined map")),
            self.tr("The GeoTIFF of class values to write; a style of the same name (.qml) is put beside it."),
        )
        add_area_table(self)
        self.addOutput(QgsProcessingOutputNumber(self.CHANGED_PIXELS, self.tr("Pixels that changed their class")))

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """See the base; something to do, and what it takes."""
        super().check(parameters, context)
        probabilities = "given" if parameters.get(self.PROBABILITIES) else ""
        RefinementRequest("", "", read_refinement(self, parameters, context), probabilities)

    def execute(self, parameters: Parameters, context: QgsProcessingContext, progress: Progress) -> Parameters:
        """Refine."""
        request = RefinementRequest(
            self.raster(self.INPUT),
            self.parameterAsOutputLayer(parameters, self.OUTPUT, context),
            read_refinement(self, parameters, context),
            self.raster(self.PROBABILITIES),
        )
        result = refine(request, progress)
        progress.info(summary(self, result.changed_pixels, result.areas))
        table = report_areas(result.areas, self.parameterAsFileOutput(parameters, self.AREA_TABLE, context), progress)
        style_class_map(request.output, context)
        return {self.OUTPUT: request.output, **table, self.CHANGED_PIXELS: result.changed_pixels}
