# SPDX-License-Identifier: GPL-2.0-or-later
"""Algorithm `download`: scenes of a catalogue to products on disk."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterAuthConfig,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDateTime,
    QgsProcessingParameterEnum,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
    QgsProcessingParameterVectorDestination,
    QgsRectangle,
)

from ..core.catalogue.credentials import Credentials, credentials_for
from ..core.catalogue.download import DownloadRequest, download
from ..core.catalogue.search import LEVELS, SearchRequest
from ..core.catalogue.service import COPERNICUS, Service
from ..core.errors import InputError
from ..core.progress import Progress
from .authentication import read_credentials
from .base import LandCoverAlgorithm, Parameters
from .feedback import shown_to_user
from .styling import style_vector


class DownloadAlgorithm(LandCoverAlgorithm):
    """Adapter of `core.catalogue.download`."""

    EXTENT = "EXTENT"
    START = "START"
    END = "END"
    LEVEL = "LEVEL"
    CLOUD = "CLOUD"
    LIMIT = "LIMIT"
    LIST_ONLY = "LIST_ONLY"
    AUTH = "AUTH"
    ENDPOINT = "ENDPOINT"
    COLLECTION = "COLLECTION"
    TOKEN_URL = "TOKEN_URL"
    FOUND = "FOUND"
    FOLDER = "FOLDER"
    PRODUCTS = "PRODUCTS"
    COUNT = "COUNT"

    def __init__(self) -> None:
        super().__init__()
        self._credentials = Credentials()

    def name(self) -> str:
        """Return the id, frozen."""
        return "download"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return self.tr("Find and download scenes")

    def group(self) -> str:
        """Return the group's name."""
        return self.tr("Prepare images")

    def groupId(self) -> str:
        """Return the group's id."""
        return "prepare"

    def tags(self) -> list[str]:
        """Return further words to search by."""
        return ["Copernicus", "Data Space", "CDSE", "STAC", "catalogue", "search", "SAFE", "fetch", "Earth Search"]

    def shortDescription(self) -> str:
        """Return what it does, in a sentence."""
        return self.tr("Finds Sentinel-2 products by area, dates and cloud cover, and downloads them.")

    def guide(self) -> tuple[str, ...]:
        """Return the help panel's paragraphs."""
        return (
            self.tr(
                "Searches the catalogue of the Copernicus Data Space, or another one that speaks STAC, and downloads "
                "the scenes with least cloud. Tick 'List only' first to see what there is."
            ),
            self.tr(
                "Output: a product each as a .zip, which 'Pansharpen to 10 m' reads as it is, and a layer of the "
                "scenes' footprints with date, cloud cover and size. Catalogues without whole products, such as Earth "
                "Search, give a folder of bands for each scene."
            ),
            self.tr(
                "Downloading from the Copernicus Data Space takes a free account (dataspace.copernicus.eu). Save its "
                "user name and password in an authentication configuration of the kind 'Basic authentication', or set "
                "the environment variables S2LANDCOVER_USERNAME and S2LANDCOVER_PASSWORD, or S2LANDCOVER_TOKEN."
            ),
            self.tr(
                "An interrupted download goes on where it was when the algorithm is run again. Files are verified "
                "before they appear, and nothing that exists is overwritten."
            ),
        )

    def initAlgorithm(self, configuration: Parameters | None = None) -> None:
        """Declare the parameters and outputs."""
        self._add_search()
        self._add_access()
        self.add(
            QgsProcessingParameterVectorDestination(
                self.FOUND,
                self.tr("Footprints"),
                QgsProcessing.SourceType.TypeVectorPolygon,
                optional=True,
            ),
            self.tr("A GeoPackage (.gpkg) with a polygon a scene: name, date, cloud cover, size, and where it lies."),
        )
        self.add(
            # Not made by default: a temporary folder is no place for gigabytes that took an hour.
            QgsProcessingParameterFolderDestination(
                self.FOLDER, self.tr("Folder for the products"), optional=True, createByDefault=False
            ),
            self.tr("Gets the products; may hold others already. Not needed for listing."),
        )
        self.addOutput(QgsProcessingOutputString(self.PRODUCTS, self.tr("Products, separated by semicolons")))
        self.addOutput(QgsProcessingOutputNumber(self.COUNT, self.tr("Scenes found")))

    def _add_search(self) -> None:
        self.add(
            QgsProcessingParameterExtent(self.EXTENT, self.tr("Extent")),
            self.tr("Scenes that touch it are found, in any coordinate reference system."),
        )
        days = QgsProcessingParameterDateTime.Type.Date
        self.add(
            QgsProcessingParameterDateTime(self.START, self.tr("First day"), days),
            self.tr("The first day (UTC) to look at, such as 2024-06-01."),
        )
        self.add(
            QgsProcessingParameterDateTime(self.END, self.tr("Last day"), days),
            self.tr("The last day (UTC) to look at; it counts."),
        )
        level = QgsProcessingParameterEnum(
            self.LEVEL, self.tr("Level"), list(LEVELS), defaultValue=LEVELS[0], usesStaticStrings=True
        )
        self.add(level, self.tr("L2A is corrected for the atmosphere, L1C is not. Models say what they are made for."))
        real, whole = QgsProcessingParameterNumber.Type.Double, QgsProcessingParameterNumber.Type.Integer
        self.add(
            QgsProcessingParameterNumber(self.CLOUD, self.tr("Cloud at most (%)"), real, 20, minValue=0, maxValue=100),
            self.tr("Of the whole scene, as the catalogue states it."),
        )
        self.add(
            QgsProcessingParameterNumber(self.LIMIT, self.tr("Scenes at most"), whole, 5, minValue=1, maxValue=1000),
            self.tr("Those with least cloud are taken. A product has about 1 GB."),
        )

    def _add_access(self) -> None:
        self.add(
            QgsProcessingParameterBoolean(self.LIST_ONLY, self.tr("List only"), defaultValue=False),
            self.tr("Find scenes and show their footprints without downloading them; needs no account."),
        )
        self.add(
            QgsProcessingParameterAuthConfig(self.AUTH, self.tr("Account"), optional=True),
            self.tr(
                "An authentication configuration of the kind 'Basic authentication', or 'API Header' with a header "
                "Authorization. If empty, the environment variables count."
            ),
        )
        for name, label, default, text in (
            (self.ENDPOINT, self.tr("Catalogue"), COPERNICUS, self.tr("Address of a STAC API that can be searched.")),
            (
                self.COLLECTION,
                self.tr("Collection"),
                None,
                self.tr("Its name in the catalogue; empty for sentinel-2-l1c or sentinel-2-l2a, after the level."),
            ),
            (
                self.TOKEN_URL,
                self.tr("Address for tokens"),
                None,
                self.tr(
                    "Where another catalogue's accounts get a token for user name and password (OAuth 2.0); empty for "
                    "the Copernicus Data Space's own, or none."
                ),
            ),
        ):
            parameter = QgsProcessingParameterString(name, label, default, optional=default is None)
            self.add(parameter, text, advanced=True)

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """See the base; what to look for makes sense, and there is somewhere to put it."""
        super().check(parameters, context)
        if all(parameters.get(name) for name in (self.EXTENT, self.START, self.END)):
            self._search(parameters, context)
        # Here as well as before the run, whose preparation Processing does not let say why it failed.
        self._account(parameters, context)
        if not self._lists_only(parameters, context) and not parameters.get(self.FOLDER):
            raise InputError("There is no folder for the products; choose one (FOLDER), or tick 'List only'.")

    def prepareAlgorithm(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Read the account, for which QGIS may ask for the master password: in the main thread only."""
        with shown_to_user(feedback):
            self._credentials = self._account(parameters, context)
        return super().prepareAlgorithm(parameters, context, feedback)

    def execute(self, parameters: Parameters, context: QgsProcessingContext, progress: Progress) -> Parameters:
        """Search and download."""
        folder = self.parameterAsString(parameters, self.FOLDER, context)
        found = self.parameterAsOutputLayer(parameters, self.FOUND, context)
        lists_only = self._lists_only(parameters, context)
        scenes = download(
            DownloadRequest(
                search=self._search(parameters, context),
                folder=None if lists_only else Path(folder),
                service=self._service(parameters, context),
                credentials=self._credentials,
                found=Path(found) if found else None,
            ),
            progress,
        )
        if found:
            style_vector(found, context)
        products = ";".join(str(scene.path) for scene in scenes if scene.path is not None)
        outputs = {self.FOUND: found, self.PRODUCTS: products, self.COUNT: len(scenes)}
        return outputs if lists_only else {**outputs, self.FOLDER: folder}

    def _lists_only(self, parameters: Parameters, context: QgsProcessingContext) -> bool:
        return self.parameterAsBoolean(parameters, self.LIST_ONLY, context)

    def _account(self, parameters: Parameters, context: QgsProcessingContext) -> Credentials:
        chosen = read_credentials(self.parameterAsString(parameters, self.AUTH, context))
        return credentials_for(self._service(parameters, context), chosen)

    def _service(self, parameters: Parameters, context: QgsProcessingContext) -> Service:
        return Service.at(
            self.parameterAsString(parameters, self.ENDPOINT, context),
            self.parameterAsString(parameters, self.TOKEN_URL, context),
        )

    def _search(self, parameters: Parameters, context: QgsProcessingContext) -> SearchRequest:
        degrees = QgsCoordinateReferenceSystem("EPSG:4326")
        world = QgsRectangle(-180, -90, 180, 90)
        extent = self.parameterAsExtent(parameters, self.EXTENT, context, degrees).intersect(world)
        return SearchRequest(
            extent=(extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum()),
            start=self._day(parameters, self.START, context),
            end=self._day(parameters, self.END, context),
            level=self.parameterAsEnumString(parameters, self.LEVEL, context),
            max_cloud=self.parameterAsDouble(parameters, self.CLOUD, context),
            limit=self.parameterAsInt(parameters, self.LIMIT, context),
            collection=self.parameterAsString(parameters, self.COLLECTION, context).strip(),
        )

    def _day(self, parameters: Parameters, name: str, context: QgsProcessingContext) -> date:
        moment = self.parameterAsDateTime(parameters, name, context)
        if not moment.isValid():
            raise InputError(f"'{parameters.get(name)}' is no day; write it like 2024-06-01 ({name}).")
        return date(moment.date().year(), moment.date().month(), moment.date().day())
