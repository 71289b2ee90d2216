# SPDX-License-Identifier: GPL-2.0-or-later
"""Algorithm `pansharpen`: a Sentinel-2 product to one 10 m raster."""

from __future__ import annotations

from collections.abc import Sequence

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterString,
)

from ..core.bands import parse_band_list
from ..core.errors import InputError
from ..core.models.dependencies import import_onnxruntime
from ..core.progress import Progress
from ..core.sharpening.methods import METHODS
from ..core.sharpening.network import find_sharpener
from ..core.sharpening.network_contract import read_sharpener_contract
from ..core.sharpening.pansharpen import pansharpen, scene_crs
from ..core.sharpening.request import PansharpenRequest
from ..core.sharpening.stack import Bounds
from .base import LandCoverAlgorithm, Parameters
from .file_format import COMPRESS, FORMAT, add_file_format
from .quality_outputs import add_quality_outputs, quality_outputs
from .scene_masks import (
    MASK_CLASSES,
    MASK_GROWTH,
    SCL,
    VALIDITY,
    add_cover_outputs,
    add_mask_growth,
    add_mask_outputs,
    add_masking,
    cover_outputs,
    read_mask_classes,
)
from .styling import style_class_map, style_stack


class PansharpenAlgorithm(LandCoverAlgorithm):
    """Adapter of `core.sharpening.pansharpen`."""

    INPUT = "INPUT"
    BAND_FILES = "BAND_FILES"
    BANDS = "BANDS"
    METHOD = "METHOD"
    NETWORK = "NETWORK"
    EXTENT = "EXTENT"
    MASK_CLASSES, MASK_GROWTH = MASK_CLASSES, MASK_GROWTH
    ALIGN = "ALIGN"
    FORMAT, COMPRESS = FORMAT, COMPRESS
    OUTPUT = "OUTPUT"
    SCL, VALIDITY = SCL, VALIDITY
    QUALITY = "QUALITY"
    BANDS_WRITTEN = "BANDS_WRITTEN"
    LEVEL = "LEVEL"

    def name(self) -> str:
        """Return the id, frozen."""
        return "pansharpen"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return self.tr("Pansharpen to 10 m")

    def group(self) -> str:
        """Return the group's name."""
        return self.tr("Prepare images")

    def groupId(self) -> str:
        """Return the group's id."""
        return "prepare"

    def tags(self) -> list[str]:
        """Return further words to search by."""
        return ["sentinel-2", "SAFE", "superresolution", "stack", "bands", "L1C", "L2A", "reflectance"]

    def shortDescription(self) -> str:
        """Return what it does, in a sentence."""
        return self.tr("Turns a Sentinel-2 product into one GeoTIFF with all bands at 10 m, as reflectance.")

    def guide(self) -> tuple[str, ...]:
        """Return the help panel's paragraphs."""
        return (
            self.tr(
                "Sentinel-2 takes four bands at 10 m, six at 20 m and three at 60 m. This puts them all, or those you "
                "name, on the 10 m grid, and sharpens the coarser ones with what the 10 m bands show."
            ),
            self.tr(
                "Input: a product as it is delivered, level 1C or 2A: its '….SAFE' folder, the '.zip' as downloaded "
                "(it is read in place), its 'MTD_….xml', or a folder of band files; or else a list of band rasters. "
                "Bands are recognised by their descriptions or file names, such as "
                "'T33UUB_20201005T101031_B05.jp2' or 'R20m/B05.tif'. Of a band that is there in several resolutions, "
                "the native one is taken."
            ),
            self.tr(
                "Output: one raster on the grid of the 10 m bands, with band names, reflectance x 10000 "
                "(scale 0.0001 is set, so QGIS shows 0 to 1), and 0 where there is no data. The offset that newer "
                "products add to their numbers is taken from the product's metadata."
            ),
            self.tr(
                "Method: 'regression' is the one to use; 'learned' corrects it by a network of your own, which needs "
                "onnxruntime; 'brovey' and 'none' (cubic resampling) are there to compare with."
            ),
            self.tr(
                "Level 2A products bring a scene classification: it can be written on the same grid, and pixels of "
                "classes such as 'Cloud high probability' can be masked in all bands. The log and the outputs tell how "
                "much of the scene lies under cloud, shadow and snow."
            ),
            self.tr(
                "How well did it work here? The quality page restores the scene's own bands from one scale down, where "
                "the truth is known, in a sample of windows, and compares the method with cubic resampling and Brovey."
            ),
            self.tr("Tip: the result is what 'Classify land cover' and 'Cut into tiles for training' take."),
        )

    def initAlgorithm(self, configuration: Parameters | None = None) -> None:
        """Declare the parameters and outputs."""
        self._add_inputs()
        self._add_choices()
        self._add_advanced()
        self._add_outputs()

    def _add_inputs(self) -> None:
        self.add(
            QgsProcessingParameterFile(
                self.INPUT,
                self.tr("Product (.zip, MTD_….xml, or a folder by its path)"),
                QgsProcessingParameterFile.Behavior.File,
                optional=True,
                # The second pattern lets folders pass, too, which are typed, pasted or come from a model.
                fileFilter=self.tr("Sentinel-2 products") + " (*.zip MTD_*.xml);;" + self.tr("Any file") + " (*)",
            ),
            self.tr(
                "The product's .zip, or the MTD_….xml in its SAFE folder, which stands for the whole product. The path "
                "of the SAFE folder, or of a folder of band files, can be typed or pasted here as well."
            ),
        )
        self.add(
            QgsProcessingParameterMultipleLayers(
                self.BAND_FILES,
                self.tr("… or band rasters"),
                QgsProcessing.SourceType.TypeRaster,
                optional=True,
            ),
            self.tr(
                "Loose bands, in place of a product: rasters whose band descriptions or file names say B02, …; or the "
                "one .zip of a product."
            ),
        )

    def _add_choices(self) -> None:
        self.add(
            QgsProcessingParameterString(self.BANDS, self.tr("Bands to write (empty for all)"), optional=True),
            self.tr("Sentinel-2 band ids, such as: B02 B03 B04 B08. They are written in the product's own order."),
        )
        self.add(
            QgsProcessingParameterEnum(
                self.METHOD, self.tr("Method"), list(METHODS), defaultValue=METHODS[0], usesStaticStrings=True
            ),
            self.tr(
                "How 20 m and 60 m bands come to 10 m: regression needs nothing but the scene; learned corrects it by "
                "a network; brovey and none (cubic resampling) are there to compare with."
            ),
        )
        self.add(
            QgsProcessingParameterExtent(self.EXTENT, self.tr("Extent (empty for the whole scene)"), optional=True),
            self.tr(
                "The part of the scene to write, in any coordinate reference system; it grows to whole pixels of the "
                "coarsest band. It shows what the whole scene would show there: only what lies around it and samples "
                "of the scene are read besides."
            ),
        )
        add_masking(self)

    def _add_advanced(self) -> None:
        add_mask_growth(self)
        self.add(
            QgsProcessingParameterFile(
                self.NETWORK,
                self.tr("Sharpening network (for the method learned)"),
                optional=True,
                fileFilter=self.tr("ONNX models (*.onnx)"),
            ),
            self.tr("The ONNX file of a network that was trained to sharpen; a model of land cover is none."),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterBoolean(self.ALIGN, self.tr("Align bands that do not fit"), defaultValue=False),
            self.tr(
                "Bands whose pixels do not nest in those of the 10 m bands are resampled (bilinear) so that they do. "
                "Otherwise they are refused: bands of one product always fit."
            ),
            advanced=True,
        )
        add_file_format(self)

    def _add_outputs(self) -> None:
        self.add(
            QgsProcessingParameterRasterDestination(self.OUTPUT, self.tr("Bands at 10 m")),
            self.tr("The GeoTIFF to write: uint16 reflectance x 10000 with band names, 0 without data."),
        )
        add_mask_outputs(self)
        self.add(
            QgsProcessingParameterFileDestination(
                self.QUALITY,
                self.tr("Sharpening quality"),
                self.tr("HTML files (*.html *.htm)"),
                optional=True,
                createByDefault=False,
            ),
            self.tr(
                "The page with the figures of how well the scene's own bands are sharpened; the most important ones "
                "are also outputs."
            ),
        )
        add_quality_outputs(self)
        add_cover_outputs(self)
        self.addOutput(QgsProcessingOutputString(self.BANDS_WRITTEN, self.tr("Bands written")))
        self.addOutput(QgsProcessingOutputString(self.LEVEL, self.tr("Product level")))

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """See the base; either a product or loose bands, and a list of bands that can be read."""
        super().check(parameters, context)
        product = self.parameterAsString(parameters, self.INPUT, context)
        if bool(product) == bool(parameters.get(self.BAND_FILES)):
            raise InputError(
                "Give either a product (INPUT) or a list of band rasters (BAND_FILES); "
                + ("both were given." if product else "neither was given.")
            )
        parse_band_list(self.parameterAsString(parameters, self.BANDS, context))
        if self.parameterAsEnumString(parameters, self.METHOD, context) == "learned":
            read_sharpener_contract(find_sharpener(self.parameterAsString(parameters, self.NETWORK, context)))
            import_onnxruntime()

    def check_source(self, source: str) -> None:
        """See the base; an archive of a product is no raster, but an input all the same."""
        if not source.lower().endswith(".zip"):
            super().check_source(source)

    def execute(self, parameters: Parameters, context: QgsProcessingContext, progress: Progress) -> Parameters:
        """Sharpen."""
        request = self._request(parameters, context)
        result = pansharpen(request, progress)
        style_stack(result.output, context)
        style_class_map(result.scl, context)
        style_class_map(result.validity, context)
        files = {self.SCL: result.scl, self.VALIDITY: result.validity, self.QUALITY: request.quality}
        return {
            self.OUTPUT: result.output,
            **{name: path for name, path in files.items() if path},
            **quality_outputs(result.quality),
            **cover_outputs(result.cover),
            self.BANDS_WRITTEN: " ".join(result.bands),
            self.LEVEL: result.level or "",
        }

    def _request(self, parameters: Parameters, context: QgsProcessingContext) -> PansharpenRequest:
        product = self.parameterAsString(parameters, self.INPUT, context)
        inputs = (product,) if product else self.rasters(self.BAND_FILES)
        bands = parse_band_list(self.parameterAsString(parameters, self.BANDS, context))
        return PansharpenRequest(
            inputs=inputs,
            output=self.parameterAsOutputLayer(parameters, self.OUTPUT, context),
            bands=bands,
            method=self.parameterAsEnumString(parameters, self.METHOD, context),
            scl=self.parameterAsOutputLayer(parameters, self.SCL, context),
            mask_classes=read_mask_classes(self, parameters, context),
            mask_growth=self.parameterAsInt(parameters, self.MASK_GROWTH, context),
            align=self.parameterAsBool(parameters, self.ALIGN, context),
            compress=self.parameterAsEnumString(parameters, self.COMPRESS, context),
            file_format=self.parameterAsEnumString(parameters, self.FORMAT, context),
            extent=self._extent(parameters, context, inputs, bands),
            validity=self.parameterAsOutputLayer(parameters, self.VALIDITY, context),
            quality=self.parameterAsFileOutput(parameters, self.QUALITY, context),
            network=self.parameterAsString(parameters, self.NETWORK, context),
        )

    def _extent(
        self, parameters: Parameters, context: QgsProcessingContext, inputs: Sequence[str], bands: Sequence[str]
    ) -> Bounds | None:
        if not parameters.get(self.EXTENT):
            return None
        alignment = self.parameterAsBool(parameters, self.ALIGN, context)
        crs = QgsCoordinateReferenceSystem.fromWkt(scene_crs(inputs, bands, alignment))
        extent = self.parameterAsExtent(parameters, self.EXTENT, context, crs)
        return extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum()
