# SPDX-License-Identifier: GPL-2.0-or-later
"""What all algorithms of the provider have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import (
    QgsApplication,
    QgsMapLayer,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingDestinationParameter,
    QgsProcessingFeedback,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterVectorDestination,
    QgsProcessingUtils,
    QgsVectorFileWriter,
)
from qgis.PyQt.QtCore import QCoreApplication
from qgis.PyQt.QtGui import QIcon

from ..core.errors import InputError, LandCoverError
from ..core.progress import Progress
from ..core.raster import open_raster
from .feedback import ProcessingProgress, one_line, shown_to_user
from .sources import gdal_source, layer_source

Parameters = dict[str, Any]

_ENDINGS = {
    QgsProcessingParameterRasterDestination: ("GeoTIFF", ".tif"),
    QgsProcessingParameterVectorDestination: ("GeoPackage", ".gpkg"),
}
_ICONS = Path(__file__).parents[1] / "icons"


class LandCoverAlgorithm(QgsProcessingAlgorithm):
    """Base of the provider's algorithms: parameters come in, one function of `core` is called, results go out.

    A subclass gives `name`, `displayName`, `group`, `groupId`, `shortDescription`, `guide`, `initAlgorithm` and
    `execute`; what it has to say about parameters before a run goes into `check`.

    Attributes:
        vector_files: parameters whose layers `core` reads as files.
    """

    vector_files: tuple[str, ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self._sources: dict[str, tuple[str, ...]] = {}
        self._vectors: dict[str, tuple[str, str]] = {}

    def execute(self, parameters: Parameters, context: QgsProcessingContext, progress: Progress) -> Parameters:
        """Do the work and return the outputs by name. Errors of `core` pass through."""
        raise NotImplementedError

    def guide(self) -> tuple[str, ...]:
        """Return the paragraphs of the help panel; plain text, which `qgis_process help` prints as it is."""
        raise NotImplementedError

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """Raise a `LandCoverError` if the parameters cannot work.

        The base opens every raster that is given, and looks at the endings of the layers to be written.
        """
        self._sources = self._find_sources(parameters, context)
        for sources in self._sources.values():
            for source in sources:
                self.check_source(source)
        for definition in self.destinationParameterDefinitions():
            if isinstance(definition, tuple(_ENDINGS)):
                _check_ending(definition, parameters.get(definition.name()), context)

    def check_source(self, source: str) -> None:
        """Raise a `LandCoverError` if an input does not open."""
        open_raster(source).close()

    def prepareAlgorithm(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Look up the input layers, which is allowed in QGIS's main thread only."""
        with shown_to_user(feedback):
            self._sources = self._find_sources(parameters, context)
            for name in filter(parameters.get, self.vector_files):
                self._vectors[name] = self._vector_file(name, parameters, context, feedback)
        return True

    def processAlgorithm(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Parameters:
        """Run, with every error as one sentence."""
        with shown_to_user(feedback):
            return self.execute(parameters, context, ProcessingProgress(feedback))

    def checkParameterValues(self, parameters: Parameters, context: QgsProcessingContext) -> tuple[bool, str]:
        """Say what is wrong with the parameters, in place of Processing's own check.

        That one says less, and opens rasters as layers, upon which QGIS writes statistics beside the user's files.
        """
        try:
            self.check(parameters, context)
        except LandCoverError as error:
            return False, one_line(error)
        for definition in self.parameterDefinitions():
            if not definition.checkValueIsAcceptable(parameters.get(definition.name())):
                return False, _unacceptable(definition, parameters.get(definition.name()))
        return True, ""

    def validateInputCrs(self, parameters: Parameters, context: QgsProcessingContext) -> bool:
        """Leave coordinate reference systems to `core`, which brings rasters onto one another where that is sound."""
        return True

    def createInstance(self) -> LandCoverAlgorithm:
        """Return a new algorithm of this kind."""
        return type(self)()

    def tr(self, text: str) -> str:
        """Return the text in the user's language."""
        return QCoreApplication.translate("s2landcover", text)

    def icon(self) -> QIcon:
        """Return the icon."""
        return QIcon(self.svgIconPath())

    def svgIconPath(self) -> str:
        """Return the icon's file, named like the algorithm."""
        return str(_ICONS / f"{self.name()}.svg")

    def shortHelpString(self) -> str:
        """Return the help panel's text; each line is a paragraph."""
        return "\n".join(self.guide())

    def add(self, parameter: QgsProcessingParameterDefinition, text: str, advanced: bool = False) -> None:
        """Add a parameter with its help text; `advanced` folds it away in the dialog."""
        parameter.setHelp(text)
        if advanced:
            parameter.setFlags(parameter.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced)
        self.addParameter(parameter)

    def raster(self, name: str) -> str:
        """Return what GDAL opens for a raster parameter; empty if it was left out. Known once `check` has run."""
        return "".join(self._sources.get(name, ()))

    def rasters(self, name: str) -> tuple[str, ...]:
        """Return what GDAL opens for each raster of a list. Known once `check` has run."""
        return self._sources.get(name, ())

    def vector(self, name: str, parameters: Parameters) -> tuple[str, str]:
        """Return file and layer of one of `vector_files`, before a run what was given; empty if it was left out.

        Raises:
            InputError: if it cannot be opened.
        """
        given = parameters.get(name)
        path, layer = self._vectors.get(name, (str(given or ""), ""))
        if given and not path:
            label = self.parameterDefinition(name).description()
            raise InputError(f"'{label}' ({name}): {given} cannot be opened; give a vector layer.")
        return path, layer

    def _vector_file(
        self, name: str, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> tuple[str, str]:
        """Return file and layer; layers that lie in no file are written to one, and so are selected features."""
        formats = QgsVectorFileWriter.supportedFormatExtensions()
        path, layer = self.parameterAsCompatibleSourceLayerPathAndLayerName(
            parameters, name, context, formats, "gpkg", feedback
        )
        return path, layer

    def _find_sources(self, parameters: Parameters, context: QgsProcessingContext) -> dict[str, tuple[str, ...]]:
        found = {}
        for definition in self.parameterDefinitions():
            name = definition.name()
            if not parameters.get(name):
                continue
            if isinstance(definition, QgsProcessingParameterRasterLayer):
                found[name] = (self._source(name, parameters[name], context),)
            elif isinstance(definition, QgsProcessingParameterMultipleLayers):
                values = parameters[name] if isinstance(parameters[name], (list, tuple)) else [parameters[name]]
                found[name] = tuple(self._source(name, value, context) for value in values)
        return found

    def _source(self, name: str, value: Any, context: QgsProcessingContext) -> str:
        if isinstance(value, QgsMapLayer):
            return layer_source(value)
        text = self.parameterAsString({name: value}, name, context)
        # Layers that are open already, no new ones: `core` opens files better, and says best what is wrong with them.
        layer = QgsProcessingUtils.mapLayerFromString(text, context, False)
        return layer_source(layer) if layer is not None else gdal_source(text)


def _unacceptable(definition: QgsProcessingParameterDefinition, value: Any) -> str:
    label = f"'{definition.description()}' ({definition.name()})"
    if value is None or value == "":
        return f"{label} is missing; give it a value."
    if isinstance(definition, QgsProcessingParameterEnum) and definition.usesStaticStrings():
        # `qgis_process help` numbers the options, and then takes their names only.
        return f"{label} cannot be '{value}'; give the name of one of its options: {', '.join(definition.options())}."
    return f"{label} cannot be '{value}'. {definition.help()}"


def _check_ending(definition: QgsProcessingDestinationParameter, value: Any, context: QgsProcessingContext) -> None:
    # QGIS 3.22 leaves this check to its dialogs; scripts and qgis_process get by.
    supported, reason = definition.isSupportedOutputValue(value, context) if value else (True, "")
    if str(value).startswith(("ogr:", "postgis:")):
        supported, reason = False, "results are written to files of their own, not into databases"
    if not supported:
        name, ending = next(_ENDINGS[kind] for kind in _ENDINGS if isinstance(definition, kind))
        raise InputError(
            f"Output '{definition.description()}': {reason}. It is written as {name}; end the file name in {ending}."
        )


def thread_count() -> int:
    """Return how many threads the user allows QGIS; 0 for as many as there are cores."""
    return max(0, QgsApplication.maxThreads())
