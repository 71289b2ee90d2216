# SPDX-License-Identifier: GPL-2.0-or-later
"""Algorithm `vectorise`: a class map to polygons."""

from __future__ import annotations

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingOutputNumber,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterVectorDestination,
)

from ..core.class_polygons import PolygonRequest, write_class_polygons
from ..core.progress import Progress
from .base import LandCoverAlgorithm, Parameters
from .styling import style_vector


class VectoriseAlgorithm(LandCoverAlgorithm):
    """Adapter of `core.class_polygons`."""

    INPUT = "INPUT"
    SIMPLIFY = "SIMPLIFY"
    OUTPUT = "OUTPUT"
    POLYGONS = "POLYGONS"

    def name(self) -> str:
        """Return the id, frozen."""
        return "vectorise"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return self.tr("Class map to polygons")

    def group(self) -> str:
        """Return the group's name."""
        return self.tr("Map and assess")

    def groupId(self) -> str:
        """Return the group's id."""
        return "map"

    def tags(self) -> list[str]:
        """Return further words to search by."""
        return ["polygonize", "polygonise", "vectorize", "raster to vector", "simplify", "area", "hectares"]

    def shortDescription(self) -> str:
        """Return what it does, in a sentence."""
        return self.tr("Turns a class map into polygons with class names, colours and areas.")

    def guide(self) -> tuple[str, ...]:
        """Return the help panel's paragraphs."""
        return (
            self.tr("Writes a polygon for every object of a class map: pixels of one class that share sides."),
            self.tr(
                "Output: a GeoPackage with the fields value, class, colour and area_ha (hectares, before "
                "simplification), styled with the map's names and colours. Pixels without data become no polygon."
            ),
            self.tr("Simplification works on each polygon by itself: neighbours may then gap or overlap a little."),
            self.tr(
                "Tip: refine the map first. A scene with scattered pixels gives millions of polygons; with a minimum "
                "mapping unit it gives as many as a map can show."
            ),
        )

    def initAlgorithm(self, configuration: Parameters | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add(
            QgsProcessingParameterRasterLayer(self.INPUT, self.tr("Class map")),
            self.tr("One band of class values from 1 to 255; 0 and the declared nodata value are no data."),
        )
        kind = QgsProcessingParameterNumber.Type.Double
        self.add(
            QgsProcessingParameterNumber(
                self.SIMPLIFY, self.tr("Simplify by (pixels, 0 for not at all)"), kind, 0.0, minValue=0, maxValue=100
            ),
            self.tr("How far an outline may move; 1 turns the stairs of pixels into lines. 0 follows them exactly."),
        )
        self.add(
            QgsProcessingParameterVectorDestination(
                self.OUTPUT, self.tr("Polygons"), QgsProcessing.SourceType.TypeVectorPolygon
            ),
            self.tr("The polygons, a GeoPackage (.gpkg) that brings its style along."),
        )
        self.addOutput(QgsProcessingOutputNumber(self.POLYGONS, self.tr("Number of polygons")))

    def execute(self, parameters: Parameters, context: QgsProcessingContext, progress: Progress) -> Parameters:
        """Make polygons."""
        request = PolygonRequest(
            self.raster(self.INPUT),
            self.parameterAsOutputLayer(parameters, self.OUTPUT, context),
            self.parameterAsDouble(parameters, self.SIMPLIFY, context),
        )
        count = write_class_polygons(request, progress)
        style_vector(request.output, context)
        return {self.OUTPUT: request.output, self.POLYGONS: count}
