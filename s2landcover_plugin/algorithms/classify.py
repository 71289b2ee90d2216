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
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
)

from ..core.bands import parse_band_list
from ..core.classification.augmentation import AUGMENTATIONS, NO_AUGMENTATION
from ..core.classification.engine import classify
from ..core.classification.request import ClassificationRequest, ClassificationResult
from ..core.models.bundled import DEFAULT_MODEL, find_model, read_contract
from ..core.models.dependencies import import_onnxruntime
from ..core.models.precision import AUTO, PRECISIONS
from ..core.models.session import PROVIDERS, SessionRequest
from ..core.progress import Progress
from .areas import AREA_TABLE, add_area_table, report_areas
from .base import LandCoverAlgorithm, Parameters, thread_count
from .limits import AREA, EXTENT, MASK, MASK_VALUES, add_limits, parse_values, read_limits
from .measures import (
    CLASSES,
    CONFIDENCE,
    ENTROPY,
    MARGIN,
    PROBABILITIES,
    add_measures,
    is_float,
    read_paths,
    show,
)
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
    TTA = "TTA"
    MEMORY = "MEMORY"
    BATCH = "BATCH"
    OUTPUT, CONFIDENCE, ENTROPY, MARGIN, PROBABILITIES = CLASSES, CONFIDENCE, ENTROPY, MARGIN, PROBABILITIES
    EXTENT, AREA, MASK, MASK_VALUES = EXTENT, AREA, MASK, MASK_VALUES
    MIN_MAPPING_UNIT, MAPPING_UNIT_IN, DIAGONALS = MIN_MAPPING_UNIT, MAPPING_UNIT_IN, DIAGONALS
    CONTEXT, NEIGHBOURHOOD, ROUND = CONTEXT, NEIGHBOURHOOD, ROUND
    AREA_TABLE = AREA_TABLE
    VALID_PIXELS = "VALID_PIXELS"
    NODATA_PIXELS = "NODATA_PIXELS"
    PROVIDER_USED = "PROVIDER_USED"
    PRECISION_USED = "PRECISION_USED"

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
                "wanted the confidence (the probability of the class shown, in per cent), the margin to the next "
                "class, the entropy, and the probability of every class, all from the same pass."
            ),
            self.tr(
                "An extent, polygons or a mask such as the scene classification limit what is mapped, not what the "
                "model sees: but for a few pixels in ten thousand the classes are those of a map of the whole image."
            ),
            self.tr(
                "Scattered pixels and objects below a minimum mapping unit can be removed in the same run, as by "
                "'Refine a class map'."
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
        add_limits(self)
        self._add_advanced()
        add_mapping_unit(self, 0.0, advanced=True)
        add_context(self, advanced=True)
        self._add_running()
        add_measures(self)
        add_area_table(self)
        self.addOutput(QgsProcessingOutputNumber(self.VALID_PIXELS, self.tr("Classified pixels")))
        self.addOutput(QgsProcessingOutputNumber(self.NODATA_PIXELS, self.tr("Pixels without data")))
        self.addOutput(QgsProcessingOutputString(self.PROVIDER_USED, self.tr("What the model ran on")))
        self.addOutput(QgsProcessingOutputString(self.PRECISION_USED, self.tr("With what numbers it computed")))

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
            self.tr(
                "How far neighbouring windows overlap; by default by the model's context. Twice the context makes the "
                "map independent of windows, memory and extent, which otherwise change a few pixels in ten thousand."
            ),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterEnum(
                self.TTA,
                self.tr("Ask the model more than once (test-time augmentation)"),
                list(AUGMENTATIONS),
                defaultValue=NO_AUGMENTATION,
                usesStaticStrings=True,
            ),
            self.tr(
                "Averages what the model says of the image and of its mirrored versions (flips, four times the time), "
                "or of its turned ones too (all, eight times). Often a little better."
            ),
            advanced=True,
        )

    def _add_running(self) -> None:
        kind = QgsProcessingParameterNumber.Type.Integer
        self.add(
            QgsProcessingParameterNumber(self.MEMORY, self.tr("Memory (MB)"), kind, 1400, minValue=100, maxValue=10**6),
            self.tr(
                "About what the run may take; windows are as large as it allows. Less takes longer, as windows overlap."
            ),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterNumber(
                self.BATCH, self.tr("Windows at a time (0 to choose)"), kind, 0, minValue=0, maxValue=64
            ),
            self.tr("By default several on a graphics card, as the memory allows, and one on a processor."),
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
        parse_values(self.parameterAsString(parameters, self.MASK_VALUES, context))
        read_refinement(self, parameters, context)
        read_contract(find_model(self.parameterAsString(parameters, self.MODEL, context)))
        import_onnxruntime()

    def execute(self, parameters: Parameters, context: QgsProcessingContext, progress: Progress) -> Parameters:
        """Classify."""
        request = ClassificationRequest(
            raster=self.raster(self.INPUT),
            model=self.parameterAsString(parameters, self.MODEL, context),
            outputs=read_paths(self, parameters, context),
            band_order=parse_band_list(self.parameterAsString(parameters, self.BAND_ORDER, context)),
            resample=self.parameterAsBool(parameters, self.RESAMPLE, context),
            window_size=self.parameterAsInt(parameters, self.WINDOW_SIZE, context),
            overlap=self.parameterAsInt(parameters, self.OVERLAP, context),
            limits=read_limits(self, parameters, context, self.raster(self.INPUT), progress),
            augmentation=self.parameterAsEnumString(parameters, self.TTA, context),
            is_float=is_float(self, parameters, context),
            refinement=read_refinement(self, parameters, context),
            memory=self.parameterAsInt(parameters, self.MEMORY, context),
            batch=self.parameterAsInt(parameters, self.BATCH, context),
            session=SessionRequest(
                self.parameterAsEnumString(parameters, self.PROVIDER, context),
                self.parameterAsEnumString(parameters, self.PRECISION, context),
                thread_count(),
            ),
        )
        result = classify(request, progress)
        if not request.refinement.does_nothing:
            progress.info(summary(self, result.refined_pixels, result.areas))
        table = report_areas(result.areas, self.parameterAsFileOutput(parameters, self.AREA_TABLE, context), progress)
        return {**show(request.outputs, context), **self._figures(result), **table}

    def _figures(self, result: ClassificationResult) -> Parameters:
        return {
            self.VALID_PIXELS: sum(result.class_pixels.values()),
            self.NODATA_PIXELS: result.nodata_pixels,
            self.PROVIDER_USED: result.provider,
            self.PRECISION_USED: result.precision,
        }
