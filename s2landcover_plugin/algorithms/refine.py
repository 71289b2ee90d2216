# SPDX-License-Identifier: GPL-2.0-or-later
"""Algorithm `refine`: a class map to a calmer one."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingOutputNumber,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
)

from ..core.progress import Progress
from ..core.refinement.context import LARGEST, Neighbourhood
from ..core.refinement.options import CONTEXTS, HECTARES, NO_CONTEXT, UNITS, MappingUnit, RefinementOptions
from ..core.refinement.refine import RefinementRequest, RefinementResult, refine
from .areas import AREA_TABLE, add_area_table, report_areas
from .base import LandCoverAlgorithm, Parameters
from .styling import style_class_map


class RefineAlgorithm(LandCoverAlgorithm):
    """Adapter of `core.refinement.refine`."""

    INPUT = "INPUT"
    MIN_MAPPING_UNIT = "MIN_MAPPING_UNIT"
    MAPPING_UNIT_IN = "MAPPING_UNIT_IN"
    DIAGONALS = "DIAGONALS"
    CONTEXT = "CONTEXT"
    NEIGHBOURHOOD = "NEIGHBOURHOOD"
    ROUND = "ROUND"
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
        self._add_mapping_unit()
        self._add_context()
        self.add(
            QgsProcessingParameterRasterDestination(self.OUTPUT, self.tr("Refined map")),
            self.tr("The GeoTIFF of class values to write; a style of the same name (.qml) is put beside it."),
        )
        add_area_table(self)
        self.addOutput(QgsProcessingOutputNumber(self.CHANGED_PIXELS, self.tr("Pixels that changed their class")))

    def _add_mapping_unit(self) -> None:
        kind = QgsProcessingParameterNumber.Type.Double
        self.add(
            QgsProcessingParameterNumber(
                self.MIN_MAPPING_UNIT, self.tr("Minimum mapping unit (0 for none)"), kind, 0.25, minValue=0
            ),
            self.tr("The smallest object to keep, in hectares unless chosen otherwise; 0 keeps all."),
        )
        self.add(
            QgsProcessingParameterEnum(
                self.MAPPING_UNIT_IN, self.tr("in"), list(UNITS), defaultValue=HECTARES, usesStaticStrings=True
            ),
            self.tr("Whether the minimum mapping unit is an area or a number of pixels."),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterBoolean(
                self.DIAGONALS, self.tr("Pixels that share only a corner belong together"), defaultValue=False
            ),
            self.tr("Off: only pixels that share a side make an object. On: pixels that share a corner do, too."),
            advanced=True,
        )

    def _add_context(self) -> None:
        self.add(
            QgsProcessingParameterEnum(
                self.CONTEXT,
                self.tr("Spatial context"),
                list(CONTEXTS),
                defaultValue=NO_CONTEXT,
                usesStaticStrings=True,
            ),
            self.tr(
                "What decides before small objects are looked for: nothing, the pixels around, or how sure they are."
            ),
        )
        self.add(
            QgsProcessingParameterRasterLayer(self.PROBABILITIES, self.tr("Class probabilities"), optional=True),
            self.tr(
                "For the context 'probability': the raster with a band for each class, of the same run as the map."
            ),
        )
        kind = QgsProcessingParameterNumber.Type.Integer
        self.add(
            QgsProcessingParameterNumber(
                self.NEIGHBOURHOOD, self.tr("Neighbourhood (pixels)"), kind, 5, minValue=3, maxValue=LARGEST
            ),
            self.tr("Width of what counts as around a pixel: an odd number of pixels."),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterBoolean(self.ROUND, self.tr("Round neighbourhood"), defaultValue=True),
            self.tr("A disk keeps shapes better than a square, which favours its corners."),
            advanced=True,
        )

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """See the base; something to do, and what it takes."""
        super().check(parameters, context)
        probabilities = "given" if parameters.get(self.PROBABILITIES) else ""
        RefinementRequest("", "", self._options(parameters, context), probabilities)

    def execute(self, parameters: Parameters, context: QgsProcessingContext, progress: Progress) -> Parameters:
        """Refine."""
        request = RefinementRequest(
            self.raster(self.INPUT),
            self.parameterAsOutputLayer(parameters, self.OUTPUT, context),
            self._options(parameters, context),
            self.raster(self.PROBABILITIES),
        )
        result = refine(request, progress)
        progress.info(self._summary(result))
        table = report_areas(result.areas, self.parameterAsFileOutput(parameters, self.AREA_TABLE, context), progress)
        style_class_map(request.output, context)
        return {self.OUTPUT: request.output, **table, self.CHANGED_PIXELS: result.changed_pixels}

    def _options(self, parameters: Parameters, context: QgsProcessingContext) -> RefinementOptions:
        return RefinementOptions(
            self.parameterAsEnumString(parameters, self.CONTEXT, context),
            Neighbourhood(
                self.parameterAsInt(parameters, self.NEIGHBOURHOOD, context),
                self.parameterAsBool(parameters, self.ROUND, context),
            ),
            MappingUnit(
                self.parameterAsDouble(parameters, self.MIN_MAPPING_UNIT, context),
                self.parameterAsEnumString(parameters, self.MAPPING_UNIT_IN, context),
                self.parameterAsBool(parameters, self.DIAGONALS, context),
            ),
        )

    def _summary(self, result: RefinementResult) -> str:
        share = result.changed_pixels / result.areas.pixels
        return self.tr("{} pixels changed their class ({:.1%}).").format(f"{result.changed_pixels:,}", share)
