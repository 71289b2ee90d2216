# SPDX-License-Identifier: GPL-2.0-or-later
"""Algorithm `alignlabels`: a label raster, a colour mask or polygons onto an image's grid."""

from __future__ import annotations

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingOutputNumber,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
)

from ..core.labels.align import align
from ..core.labels.request import AlignmentRequest, AlignmentResult
from ..core.labels.voting import Method, parse_weights
from ..core.progress import Progress
from .base import LandCoverAlgorithm, Parameters
from .class_table import add_class_table, read_recoding
from .styling import style_class_map

_METHODS = [method.value for method in (Method.MODE, Method.WEIGHTED, Method.NEAREST)]


class AlignLabelsAlgorithm(LandCoverAlgorithm):
    """Adapter of `core.labels.align`."""

    INPUT = "INPUT"
    LABELS = "LABELS"
    POLYGONS = "POLYGONS"
    FIELD = "FIELD"
    METHOD = "METHOD"
    WEIGHTS = "WEIGHTS"
    MIN_LABELLED = "MIN_LABELLED"
    OUTPUT = "OUTPUT"
    LABELLED_PIXELS = "LABELLED_PIXELS"
    NODATA_PIXELS = "NODATA_PIXELS"
    LABELLED_SHARE = "LABELLED_SHARE"
    UNKNOWN_LABELS = "UNKNOWN_LABELS"
    CLASSES = "CLASSES"
    vector_files = (POLYGONS,)

    def name(self) -> str:
        """Return the id, frozen."""
        return "alignlabels"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return self.tr("Align labels with an image")

    def group(self) -> str:
        """Return the group's name."""
        return self.tr("Prepare images")

    def groupId(self) -> str:
        """Return the group's id."""
        return "prepare"

    def tags(self) -> list[str]:
        """Return further words to search by."""
        return [
            *("ground truth", "mask", "rasterize", "rasterise", "reclassify", "remap", "resample", "majority", "mode"),
            *("CORINE", "WorldCover", "Dynamic World", "SCL", "training", "reference"),
        ]

    def shortDescription(self) -> str:
        """Return what it does, in a sentence."""
        return self.tr("Brings a label raster, a colour mask or polygons onto an image's pixels, class by class.")

    def guide(self) -> tuple[str, ...]:
        """Return the help panel's paragraphs."""
        return (
            self.tr(
                "Makes labels that fit an image pixel by pixel, for 'Cut into tiles for training' or as a reference."
            ),
            self.tr(
                "Input: a raster of class values of any resolution and coordinate reference system; a mask whose "
                "colours are the classes; or polygons with a field that holds the class. An image and a mask of the "
                "same size that both lie nowhere are taken pixel by pixel."
            ),
            self.tr(
                "Methods: 'mode' gives a pixel the class that covers most of it; 'weighted' multiplies the areas by "
                "weights first, so that rare or thin classes survive; 'nearest' takes the label at its centre. On a "
                "tie the larger weight wins, then the lower class value. Where polygons overlap, the last one counts."
            ),
            self.tr(
                "A class table says what values, names or colours become: merged, renamed, or dropped. Some come with "
                "the plugin; the user guide tells how to write one as CSV or JSON. What a table does not list is "
                "counted and told."
            ),
            self.tr(
                "Output: a class raster on the image's grid (0 without a label), with names, colours and a style. Tip: "
                "look at the log; a class that has hardly any pixels will not be learnt."
            ),
        )

    def initAlgorithm(self, configuration: Parameters | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add(
            QgsProcessingParameterRasterLayer(self.INPUT, self.tr("Image")),
            self.tr("The raster whose pixels the labels are brought to. Only its size and place matter."),
        )
        self._add_labels()
        self._add_method()
        add_class_table(self)
        self.add(
            QgsProcessingParameterRasterDestination(self.OUTPUT, self.tr("Aligned labels")),
            self.tr("The GeoTIFF of class values to write; a style of the same name (.qml) is put beside it."),
        )
        for name, label in (
            (self.LABELLED_PIXELS, self.tr("Pixels with a label")),
            (self.NODATA_PIXELS, self.tr("Pixels without a label")),
            (self.LABELLED_SHARE, self.tr("Share of pixels with a label (%)")),
            (self.UNKNOWN_LABELS, self.tr("Labels that the class table does not list")),
            (self.CLASSES, self.tr("Classes that occur")),
        ):
            self.addOutput(QgsProcessingOutputNumber(name, label))

    def _add_labels(self) -> None:
        self.add(
            QgsProcessingParameterRasterLayer(self.LABELS, self.tr("Label raster or mask"), optional=True),
            self.tr("One band of class values, or three bands (red, green, blue) whose colours are the classes."),
        )
        self.add(
            QgsProcessingParameterFeatureSource(
                self.POLYGONS,
                self.tr("Polygons, in place of a raster"),
                [QgsProcessing.SourceType.TypeVectorPolygon],
                optional=True,
            ),
            self.tr("A layer of polygons, in any coordinate reference system."),
        )
        self.add(
            QgsProcessingParameterField(
                self.FIELD,
                self.tr("Class field of the polygons"),
                parentLayerParameterName=self.POLYGONS,
                optional=True,
            ),
            self.tr(
                "Holds each polygon's class, as a whole number or a name. Without a class table, numbers stay as they "
                "are and names are numbered in alphabetical order."
            ),
        )

    def _add_method(self) -> None:
        self.add(
            QgsProcessingParameterEnum(
                self.METHOD, self.tr("Method"), _METHODS, defaultValue=_METHODS[0], usesStaticStrings=True
            ),
            self.tr("mode: the class that covers most; weighted: area times weight; nearest: at the pixel's centre."),
        )
        self.add(
            QgsProcessingParameterString(self.WEIGHTS, self.tr("Weights, for the method 'weighted'"), optional=True),
            self.tr("Classes by name or value with their weights, such as: Road: 3, 7: 0.5. Others have 1."),
        )
        kind = QgsProcessingParameterNumber.Type.Integer
        self.add(
            QgsProcessingParameterNumber(
                self.MIN_LABELLED, self.tr("Least labelled share of a pixel (%)"), kind, 50, minValue=0, maxValue=100
            ),
            self.tr("Pixels of which labels cover less get none; 0 if any label will do. Not for 'nearest'."),
        )

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """See the base; labels of one kind, and a class table that can be read."""
        super().check(parameters, context)
        self._request(parameters, context)

    def execute(self, parameters: Parameters, context: QgsProcessingContext, progress: Progress) -> Parameters:
        """Align."""
        request = self._request(parameters, context)
        result = align(request, progress)
        style_class_map(request.output, context)
        return {self.OUTPUT: request.output, **self._figures(result)}

    def _figures(self, result: AlignmentResult) -> Parameters:
        return {
            self.LABELLED_PIXELS: result.labelled_pixels,
            self.NODATA_PIXELS: result.nodata_pixels,
            self.LABELLED_SHARE: 100 * result.labelled_share,
            self.UNKNOWN_LABELS: sum(result.unlisted.values()),
            self.CLASSES: sum(1 for count in result.pixels.values() if count),
        }

    def _request(self, parameters: Parameters, context: QgsProcessingContext) -> AlignmentRequest:
        def text(name: str) -> str:
            return self.parameterAsString(parameters, name, context)

        def choice(name: str) -> str:
            return self.parameterAsEnumString(parameters, name, context)

        polygons, layer = self.vector(self.POLYGONS, parameters)
        return AlignmentRequest(
            image=self.raster(self.INPUT),
            output=self.parameterAsOutputLayer(parameters, self.OUTPUT, context),
            labels=self.raster(self.LABELS),
            polygons=polygons,
            layer=layer,
            class_field=text(self.FIELD),
            options=read_recoding(self, parameters, context),
            method=Method(choice(self.METHOD)),
            weights=parse_weights(text(self.WEIGHTS)),
            least=self.parameterAsInt(parameters, self.MIN_LABELLED, context),
        )
