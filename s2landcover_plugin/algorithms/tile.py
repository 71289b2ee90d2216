# SPDX-License-Identifier: GPL-2.0-or-later
"""Algorithm `tile`: an image, with or without labels, to a dataset folder for training."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
)

from ..core.bands import parse_band_list
from ..core.progress import Progress
from ..core.tiling.dataset import SPLITS, DatasetInfo
from ..core.tiling.tiles import TileRequest, write_dataset
from .base import LandCoverAlgorithm, Parameters


class TileAlgorithm(LandCoverAlgorithm):
    """Adapter of `core.tiling.tiles`."""

    INPUT = "INPUT"
    LABELS = "LABELS"
    BAND_ORDER = "BAND_ORDER"
    TILE_SIZE = "TILE_SIZE"
    OVERLAP = "OVERLAP"
    MIN_VALID = "MIN_VALID"
    VALIDATION_SHARE = "VALIDATION_SHARE"
    TEST_SHARE = "TEST_SHARE"
    BLOCK_SIZE = "BLOCK_SIZE"
    SEED = "SEED"
    OUTPUT = "OUTPUT"
    TILE_COUNT = "TILE_COUNT"
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
        return self.tr("Cuts an image, and labels on the same grid, into a dataset folder for training a model.")

    def guide(self) -> tuple[str, ...]:
        """Return the help panel's paragraphs."""
        return (
            self.tr(
                "Prepares data for training a model of your own: square pieces of an image, each with its labels, in "
                "the folder layout that the training package reads."
            ),
            self.tr(
                "Input: an image with Sentinel-2 bands, for instance from 'Pansharpen to 10 m', and a "
                "raster of class values (1-255, 0 where there is no label) with the same pixels."
            ),
            self.tr(
                "Output: a folder with 'images', 'labels', 'index.gpkg' (a polygon per tile) "
                "and 'dataset.json'. The training package reads it: 'python -m training fit'."
            ),
            self.tr(
                "Tiles are put into training, validation and test parts by blocks of ground, never one by one: "
                "neighbouring tiles resemble each other, and a random split makes a model look better than it is."
            ),
            self.tr("Tip: load 'index.gpkg' over the image and style it by 'split' to see the parts."),
        )

    def initAlgorithm(self, configuration: Parameters | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add(
            QgsProcessingParameterRasterLayer(self.INPUT, self.tr("Image")),
            self.tr("A raster of Sentinel-2 bands, named in their descriptions, with a coordinate reference system."),
        )
        self.add(
            QgsProcessingParameterRasterLayer(self.LABELS, self.tr("Labels"), optional=True),
            self.tr("A raster of class values on the image's grid. Its category names become the classes' names."),
        )
        self._add_tile_shape()
        self._add_split()
        self.add(
            QgsProcessingParameterString(self.BAND_ORDER, self.tr("Bands of the image, in order"), optional=True),
            self.tr("Which bands the image holds, such as: B02 B03 B04 B08. Only if their descriptions do not say."),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterFolderDestination(self.OUTPUT, self.tr("Dataset folder")),
            self.tr("The folder to write the dataset into; it must be empty or not exist yet."),
        )
        self.addOutput(QgsProcessingOutputNumber(self.TILE_COUNT, self.tr("Tiles")))
        for name, split in zip(self.SPLIT_COUNTS, SPLITS):
            self.addOutput(QgsProcessingOutputNumber(name, self.tr("Tiles for {}").format(split)))

    def _add_tile_shape(self) -> None:
        self._add_number(
            self.TILE_SIZE, self.tr("Tile size (pixels)"), (16, 256, 4096), self.tr("Height and width of a tile.")
        )
        self._add_number(
            self.OVERLAP,
            self.tr("Overlap (pixels)"),
            (0, 0, 4095),
            self.tr("How far neighbouring tiles overlap; less than the tile size."),
        )
        self._add_number(
            self.MIN_VALID,
            self.tr("Least share of valid pixels (%)"),
            (0, 50, 100),
            self.tr("Tiles with less than this share of pixels that hold data in every band are left out."),
        )

    def _add_split(self) -> None:
        self._add_number(
            self.VALIDATION_SHARE,
            self.tr("Share for validation (%)"),
            (0, 15, 100),
            self.tr("Share of the tiles by which training chooses its best state."),
        )
        self._add_number(
            self.TEST_SHARE,
            self.tr("Share for testing (%)"),
            (0, 15, 100),
            self.tr("Share of the tiles that training never sees."),
        )
        self._add_number(
            self.BLOCK_SIZE,
            self.tr("Block size (pixels, 0 to choose)"),
            (0, 0, 100000),
            self.tr("Side of the square blocks of ground that go into one part as a whole."),
            advanced=True,
        )
        self._add_number(
            self.SEED,
            self.tr("Random seed"),
            (0, 0, 2**31 - 1),
            self.tr("The same seed gives the same parts."),
            advanced=True,
        )

    def _add_number(
        self, name: str, label: str, limits: tuple[int, int, int], text: str, advanced: bool = False
    ) -> None:
        """Add a whole number; `limits` are the least, default and greatest value."""
        least, default, greatest = limits
        kind = QgsProcessingParameterNumber.Type.Integer
        number = QgsProcessingParameterNumber(name, label, kind, default, minValue=least, maxValue=greatest)
        self.add(number, text, advanced)

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """See the base; numbers that go together."""
        super().check(parameters, context)
        self._request(parameters, context)

    def execute(self, parameters: Parameters, context: QgsProcessingContext, progress: Progress) -> Parameters:
        """Cut."""
        request = self._request(parameters, context)
        info = write_dataset(request, progress)
        return {self.OUTPUT: request.folder, **self._counts(info)}

    def _request(self, parameters: Parameters, context: QgsProcessingContext) -> TileRequest:
        def number(name: str) -> int:
            return self.parameterAsInt(parameters, name, context)

        return TileRequest(
            image=self.raster(self.INPUT),
            folder=self.parameterAsString(parameters, self.OUTPUT, context),
            labels=self.raster(self.LABELS),
            tile_size=number(self.TILE_SIZE),
            overlap=number(self.OVERLAP),
            min_valid=number(self.MIN_VALID) / 100,
            validation_share=number(self.VALIDATION_SHARE) / 100,
            test_share=number(self.TEST_SHARE) / 100,
            block_size=number(self.BLOCK_SIZE),
            seed=number(self.SEED),
            band_order=parse_band_list(self.parameterAsString(parameters, self.BAND_ORDER, context)),
        )

    def _counts(self, info: DatasetInfo) -> dict[str, int]:
        counts = {name: len(info.split(split)) for name, split in zip(self.SPLIT_COUNTS, SPLITS)}
        return {self.TILE_COUNT: len(info.tiles), **counts}
