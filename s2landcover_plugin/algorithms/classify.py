# SPDX-License-Identifier: GPL-2.0-or-later
"""Algorithm `classify`: a raster and a model to a land-cover map."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
)

from ..core.areas import class_areas, write_attribute_table
from ..core.bands import parse_band_list
from ..core.classification.engine import classify
from ..core.classification.request import ClassificationRequest, ClassificationResult, MapPaths
from ..core.models.bundled import DEFAULT_MODEL, find_model, read_contract
from ..core.models.dependencies import import_onnxruntime
from ..core.models.precision import AUTO, PRECISIONS
from ..core.models.session import PROVIDERS, SessionRequest
from ..core.progress import Progress
from .areas import AREA_TABLE, add_area_table, report_areas
from .base import LandCoverAlgorithm, Parameters, thread_count
from .styling import style_class_map, style_confidence


class ClassifyAlgorithm(LandCoverAlgorithm):
    """Adapter of `core.classification.engine`."""

    INPUT = "INPUT"
    MODEL = "MODEL"
    BAND_ORDER = "BAND_ORDER"
    RESAMPLE = "RESAMPLE"
    WINDOW_SIZE = "WINDOW_SIZE"
    OVERLAP = "OVERLAP"
    PROVIDER = "PROVIDER"
    PRECISION = "PRECISION"
    OUTPUT = "OUTPUT"
    CONFIDENCE = "CONFIDENCE"
    AREA_TABLE = AREA_TABLE
    VALID_PIXELS = "VALID_PIXELS"
    NODATA_PIXELS = "NODATA_PIXELS"
    PROVIDER_USED = "PROVIDER_USED"

    def name(self) -> str:
        """Return the id, frozen."""
        return "classify"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return self.tr("Classify land cover")

    def group(self) -> str:
        """Return the group's name."""
        return self.tr("Map and assess")

    def groupId(self) -> str:
        """Return the group's id."""
        return "map"

    def tags(self) -> list[str]:
        """Return further words to search by."""
        return ["land use", "segmentation", "deep learning", "neural network", "onnx", "model", "U-Net", "inference"]

    def shortDescription(self) -> str:
        """Return what it does, in a sentence."""
        return self.tr("Maps land cover with a trained model: every pixel of an image gets a class.")

    def guide(self) -> tuple[str, ...]:
        """Return the help panel's paragraphs."""
        return (
            self.tr(
                "Runs a neural network over an image and writes the class that it finds most probable at each pixel."
            ),
            self.tr(
                "Input: a raster that holds the bands that the model wants, in any order, recognised by their "
                "descriptions; 'Pansharpen to 10 m' makes one. The model that comes with the plugin maps nine "
                "classes from the ten 10 m and 20 m bands of level 1C or 2A. Models of your own are ONNX files."
            ),
            self.tr(
                "Output: a class raster with the model's class names and colours (0 without data), and if "
                "wanted the confidence: the probability of the class shown, in per cent."
            ),
            self.tr(
                "The image is read in overlapping windows whose probabilities are blended, so that no seams show and "
                "images of any size fit into memory. It runs on a graphics card where onnxruntime finds one."
            ),
            self.tr(
                "Tip: doubtful places are pale in the confidence raster; look there first. To know how good a "
                "map is, compare it with a reference: 'Assess accuracy'."
            ),
        )

    def initAlgorithm(self, configuration: Parameters | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add(
            QgsProcessingParameterRasterLayer(self.INPUT, self.tr("Image")),
            self.tr("A raster of Sentinel-2 bands, named in their descriptions, with a coordinate reference system."),
        )
        self.add(
            QgsProcessingParameterFile(
                self.MODEL,
                self.tr("Model"),
                defaultValue=DEFAULT_MODEL,
                # Empty is the default model too: qgis_process applies no defaults to files.
                optional=True,
                # Without the second entry Processing would refuse the name of a bundled model.
                fileFilter=self.tr("ONNX models (*.onnx)") + ";;" + self.tr("All files (*)"),
            ),
            self.tr("An ONNX file that says which bands it wants, or the name of a model that comes with the plugin."),
        )
        self._add_advanced()
        self.add(
            QgsProcessingParameterRasterDestination(self.OUTPUT, self.tr("Land cover")),
            self.tr("The GeoTIFF of class values to write; a style of the same name (.qml) is put beside it."),
        )
        self.add(
            QgsProcessingParameterRasterDestination(
                self.CONFIDENCE, self.tr("Confidence"), optional=True, createByDefault=False
            ),
            self.tr("A GeoTIFF with the probability of the class shown, 0-100 %, 255 without data."),
        )
        add_area_table(self)
        self.addOutput(QgsProcessingOutputNumber(self.VALID_PIXELS, self.tr("Classified pixels")))
        self.addOutput(QgsProcessingOutputNumber(self.NODATA_PIXELS, self.tr("Pixels without data")))
        self.addOutput(QgsProcessingOutputString(self.PROVIDER_USED, self.tr("What the model ran on")))

    def _add_advanced(self) -> None:
        self.add(
            QgsProcessingParameterString(self.BAND_ORDER, self.tr("Bands of the image, in order"), optional=True),
            self.tr("Which bands the image holds, such as: B02 B03 B04 B08. Only if their descriptions do not say."),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterBoolean(
                self.RESAMPLE, self.tr("Resample to the model's pixel size"), defaultValue=False
            ),
            self.tr(
                "If the image's pixels are of another size than those the model was trained on, map at the model's: "
                "larger pixels are means of the image's, smaller ones interpolated. Otherwise there is a warning."
            ),
            advanced=True,
        )
        kind = QgsProcessingParameterNumber.Type.Integer
        self.add(
            QgsProcessingParameterNumber(
                self.WINDOW_SIZE, self.tr("Window size (pixels, 0 to choose)"), kind, 0, minValue=0, maxValue=16384
            ),
            self.tr("Side of the windows that the model sees at a time. Smaller ones take less memory."),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterNumber(
                self.OVERLAP, self.tr("Overlap (pixels, -1 to choose)"), kind, -1, minValue=-1, maxValue=8192
            ),
            self.tr("How far neighbouring windows overlap; by default as far as the model's context asks for."),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterEnum(
                self.PROVIDER, self.tr("Run on"), [AUTO, *PROVIDERS], defaultValue=AUTO, usesStaticStrings=True
            ),
            self.tr("What runs the model; auto takes the best that works here. The log says what was used."),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterEnum(
                self.PRECISION, self.tr("Precision"), list(PRECISIONS), defaultValue=AUTO, usesStaticStrings=True
            ),
            self.tr(
                "fast computes with 16 bits where the hardware has them (OpenVINO on recent Intel and AMD processors, "
                "TensorRT, CoreML); the log then says how far the map agrees with accurate, which computes with 32."
            ),
            advanced=True,
        )

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """See the base; a model with a contract, and onnxruntime to run it."""
        super().check(parameters, context)
        parse_band_list(self.parameterAsString(parameters, self.BAND_ORDER, context))
        read_contract(find_model(self.parameterAsString(parameters, self.MODEL, context)))
        import_onnxruntime()

    def execute(self, parameters: Parameters, context: QgsProcessingContext, progress: Progress) -> Parameters:
        """Classify."""
        request = ClassificationRequest(
            raster=self.raster(self.INPUT),
            model=self.parameterAsString(parameters, self.MODEL, context),
            outputs=MapPaths(
                self.parameterAsOutputLayer(parameters, self.OUTPUT, context),
                self.parameterAsOutputLayer(parameters, self.CONFIDENCE, context),
            ),
            band_order=parse_band_list(self.parameterAsString(parameters, self.BAND_ORDER, context)),
            resample=self.parameterAsBool(parameters, self.RESAMPLE, context),
            window_size=self.parameterAsInt(parameters, self.WINDOW_SIZE, context),
            overlap=self.parameterAsInt(parameters, self.OVERLAP, context),
            session=SessionRequest(
                self.parameterAsEnumString(parameters, self.PROVIDER, context),
                self.parameterAsEnumString(parameters, self.PRECISION, context),
                thread_count(),
            ),
        )
        result = classify(request, progress)
        areas = class_areas(request.outputs.classes, result.legend)
        write_attribute_table(areas, request.outputs.classes)
        table = report_areas(areas, self.parameterAsFileOutput(parameters, self.AREA_TABLE, context), progress)
        style_class_map(request.outputs.classes, context)
        style_confidence(request.outputs.confidence, context)
        return {**self._outputs(request, result), **table}

    def _outputs(self, request: ClassificationRequest, result: ClassificationResult) -> Parameters:
        confidence = {self.CONFIDENCE: request.outputs.confidence} if request.outputs.confidence else {}
        return {
            self.OUTPUT: request.outputs.classes,
            **confidence,
            self.VALID_PIXELS: sum(result.class_pixels.values()),
            self.NODATA_PIXELS: result.nodata_pixels,
            self.PROVIDER_USED: result.provider,
        }
