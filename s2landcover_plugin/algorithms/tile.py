# SPDX-License-Identifier: GPL-2.0-or-later
"""Algorithm `tile`: images, with or without labels, to a dataset folder for training."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingOutputHtml,
    QgsProcessingOutputNumber,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterMultipleLayers,
)

from ..core.datasets.page import REPORT_FILE
from ..core.progress import Progress
from ..core.tiling.dataset import SPLITS, DatasetInfo
from ..core.tiling.image_bands import parse_band_order
from ..core.tiling.request import EdgeMode, TileRequest, paired
from ..core.tiling.tiles import write_dataset
from .base import LandCoverAlgorithm, Parameters
from .class_table import add_class_table, read_recoding
from .tile_images import BAND_ORDER, PIXEL_SIZE, VALUES, add_image_options
from .tile_options import (
    GROUP_POLYGONS,
    MASK,
    add_filters,
    add_masks,
    add_number,
    add_split,
    read_filters,
    read_masks,
    read_split,
)


class TileAlgorithm(LandCoverAlgorithm):
    """Adapter of `core.tiling.tiles`."""

    INPUT = "INPUT"
    LABELS = "LABELS"
    TILE_SIZE = "TILE_SIZE"
    OVERLAP = "OVERLAP"
    EDGES = "EDGES"
    MAX_REPEAT = "MAX_REPEAT"
    OUTPUT = "OUTPUT"
    CHECK = "CHECK"
    REPORT = "REPORT"
    TILE_COUNT = "TILE_COUNT"
    vector_files = (GROUP_POLYGONS,)
    SPLIT_COUNTS = ("TRAIN_COUNT", "VALIDATION_COUNT", "TEST_COUNT")

    def name(self) -> str:
        """Return the id, frozen."""
        return "tile"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return self.tr("Cut into tiles for training")

    def group(self) -> str:
        """Return the group's name."""
        return self.tr("Prepare images")

    def groupId(self) -> str:
        """Return the group's id."""
        return "prepare"

    def tags(self) -> list[str]:
        """Return further words to search by."""
        return ["dataset", "patches", "chips", "training", "labels", "split", "deep learning"]

    def shortDescription(self) -> str:
        """Return what it does, in a sentence."""
        return self.tr("Cuts images, and labels on the same grid, into a dataset folder for training a model.")

    def guide(self) -> tuple[str, ...]:
        """Return the help panel's paragraphs."""
        return (
            self.tr(
                "Prepares data for training a model of your own: square pieces of images, each with its labels, in "
                "the folder layout that the training package reads. Images may be several places, or dates of one."
            ),
            self.tr(
                "Input: images with the same Sentinel-2 bands, for instance from 'Pansharpen to 10 m', and rasters of "
                "class values (1-255, 0 where there is no label) with the same pixels."
            ),
            self.tr(
                "Output: a folder with 'images', 'labels', 'index.gpkg' (a polygon per tile), 'dataset.json', and "
                "'report.html', which shows tiles, classes and bands, and what is wrong. The training package reads it "
                "('python -m training fit')."
            ),
            self.tr(
                "Tiles are put into training, validation and test parts by blocks of ground, unless asked otherwise: "
                "neighbouring tiles resemble each other, and a random split makes a model look better than it is. "
                "Whatever is chosen, tiles of different parts share no ground, also across images and dates."
            ),
            self.tr("Tip: load 'index.gpkg' over the image and style it by 'split' to see the parts."),
        )

    def initAlgorithm(self, configuration: Parameters | None = None) -> None:
        """Declare the parameters and outputs."""
        kind = QgsProcessing.SourceType.TypeRaster
        self.add(
            QgsProcessingParameterMultipleLayers(self.INPUT, self.tr("Images"), kind),
            self.tr("Rasters of Sentinel-2 bands, named in their descriptions, with a coordinate reference system."),
        )
        self.add(
            QgsProcessingParameterMultipleLayers(self.LABELS, self.tr("Labels"), kind, optional=True),
            self.tr(
                "A raster of class values on the images' grid for all of them, or one for each in the same order. "
                "Category names become the classes' names. With a class table, other values or colours too."
            ),
        )
        self._add_tile_shape()
        add_class_table(self, advanced=True)
        add_filters(self)
        add_masks(self)
        add_split(self)
        self._add_training()
        add_image_options(self)
        self.add(
            QgsProcessingParameterFolderDestination(self.OUTPUT, self.tr("Dataset folder")),
            self.tr("The folder to write the dataset into; it must be empty or not exist yet."),
        )
        self.addOutput(QgsProcessingOutputHtml(self.REPORT, self.tr("Page about the dataset")))
        self.addOutput(QgsProcessingOutputNumber(self.TILE_COUNT, self.tr("Tiles")))
        for name, split in zip(self.SPLIT_COUNTS, SPLITS):
            self.addOutput(QgsProcessingOutputNumber(name, self.tr("Tiles for {}").format(split)))

    def _add_tile_shape(self) -> None:
        text = self.tr("Height and width of a tile.")
        add_number(self, self.TILE_SIZE, self.tr("Tile size (pixels)"), (16, 256, 4096), text)
        text = self.tr("How far neighbouring tiles overlap; less than the tile size.")
        add_number(self, self.OVERLAP, self.tr("Overlap (pixels)"), (0, 0, 4095), text)
        modes = [mode.value for mode in EdgeMode]
        self.add(
            QgsProcessingParameterEnum(
                self.EDGES, self.tr("Tiles at the far edges"), modes, defaultValue=modes[0], usesStaticStrings=True
            ),
            self.tr("Tiles that would reach beyond the image are shifted inwards, padded with nodata, or dropped."),
            advanced=True,
        )

    def _add_training(self) -> None:
        text = self.tr("How many times in an epoch training may see a tile with rare classes; 1 for once, as all.")
        add_number(self, self.MAX_REPEAT, self.tr("Repeat rare classes up to"), (1, 1, 100), text, advanced=True)
        self.add(
            QgsProcessingParameterBoolean(self.CHECK, self.tr("Check the dataset"), defaultValue=True),
            self.tr(
                "Makes sure that all files are whole, tells what is wrong with the dataset, and writes 'report.html' "
                "with pictures and figures."
            ),
            advanced=True,
        )

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """See the base; numbers that go together."""
        super().check(parameters, context)
        self._request(parameters, context)

    def execute(self, parameters: Parameters, context: QgsProcessingContext, progress: Progress) -> Parameters:
        """Cut."""
        request = self._request(parameters, context)
        info = write_dataset(request, progress)
        report = {self.REPORT: str(Path(request.folder) / REPORT_FILE)} if request.is_checked else {}
        return {self.OUTPUT: request.folder, **report, **self._counts(info)}

    def _request(self, parameters: Parameters, context: QgsProcessingContext) -> TileRequest:
        values = self.parameterAsEnumString(parameters, VALUES, context)
        return TileRequest(
            scenes=paired(self.rasters(self.INPUT), self.rasters(self.LABELS), self.rasters(MASK)),
            folder=self.parameterAsString(parameters, self.OUTPUT, context),
            tile_size=self.parameterAsInt(parameters, self.TILE_SIZE, context),
            overlap=self.parameterAsInt(parameters, self.OVERLAP, context),
            edges=EdgeMode(self.parameterAsEnumString(parameters, self.EDGES, context)),
            filters=read_filters(self, parameters, context),
            mask=read_masks(self, parameters, context),
            split=read_split(self, parameters, context),
            max_repeat=self.parameterAsInt(parameters, self.MAX_REPEAT, context),
            is_checked=self.parameterAsBool(parameters, self.CHECK, context),
            band_order=parse_band_order(self.parameterAsString(parameters, BAND_ORDER, context), values),
            values=values,
            gsd=self.parameterAsDouble(parameters, PIXEL_SIZE, context),
            recoding=read_recoding(self, parameters, context),
        )

    def _counts(self, info: DatasetInfo) -> dict[str, int]:
        counts = {name: len(info.split(split)) for name, split in zip(self.SPLIT_COUNTS, SPLITS)}
        return {self.TILE_COUNT: len(info.tiles), **counts}
