# SPDX-License-Identifier: GPL-2.0-or-later
"""Algorithm `change`: two class maps of one place to what became what."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
)

from ..core.accuracy.class_matching import Matching
from ..core.change.detection import Change, ChangeRequest, detect_change
from ..core.change.report import write_csv, write_html, write_json
from ..core.outputs import check_distinct
from ..core.progress import Progress
from .accuracy_reference import MATCHING, REMAP_FILE, REMAP_PRESET, REMAP_TABLE, add_matching, read_table
from .base import LandCoverAlgorithm, Parameters
from .styling import style_class_map


class ChangeAlgorithm(LandCoverAlgorithm):
    """Adapter of `core.change`."""

    EARLIER = "EARLIER"
    LATER = "LATER"
    MATCHING, REMAP_FILE, REMAP_TABLE, REMAP_PRESET = MATCHING, REMAP_FILE, REMAP_TABLE, REMAP_PRESET
    OUTPUT = "OUTPUT"
    OUTPUT_HTML = "OUTPUT_HTML"
    OUTPUT_CSV = "OUTPUT_CSV"
    OUTPUT_JSON = "OUTPUT_JSON"
    CHANGED_HECTARES = "CHANGED_HECTARES"
    CHANGED_SHARE = "CHANGED_SHARE"
    CHANGED_PIXELS = "CHANGED_PIXELS"
    PIXELS = "PIXELS"

    def name(self) -> str:
        """Return the id, frozen."""
        return "change"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return self.tr("Compare two maps")

    def group(self) -> str:
        """Return the group's name."""
        return self.tr("Map and assess")

    def groupId(self) -> str:
        """Return the group's id."""
        return "map"

    def tags(self) -> list[str]:
        """Return further words to search by."""
        return ["change detection", "from-to", "transition matrix", "post-classification", "deforestation", "area"]

    def shortDescription(self) -> str:
        """Return what it does, in a sentence."""
        return self.tr("Tells which class became which between two class maps of one place, and how much ground.")

    def guide(self) -> tuple[str, ...]:
        """Return the help panel's paragraphs."""
        return (
            self.tr("Compares two class maps of one place, pixel by pixel: from which class to which."),
            self.tr(
                "Input: two class maps with the same classes, by value or by name. A later map on another grid is "
                "brought onto the earlier one's by nearest neighbour."
            ),
            self.tr(
                "Output: a change raster with a value for each transition and a legend in words, an HTML page with the "
                "from-to matrix in hectares, and the same as CSV and JSON if wanted."
            ),
            self.tr(
                "Tip: errors of both maps count as change. Two maps that are right on 90 % of the pixels can differ on "
                "almost 20 % of them without any change; judge small changes with care."
            ),
        )

    def initAlgorithm(self, configuration: Parameters | None = None) -> None:
        """Declare the parameters and outputs."""
        for name, label, text in (
            (
                self.EARLIER,
                self.tr("Earlier map"),
                self.tr("One band of class values, 0 without data; its grid is used."),
            ),
            (self.LATER, self.tr("Later map"), self.tr("One band of class values, 0 without data; any grid.")),
        ):
            self.add(QgsProcessingParameterRasterLayer(name, label), text)
        add_matching(self)
        self.add(
            QgsProcessingParameterRasterDestination(self.OUTPUT, self.tr("Change raster")),
            self.tr("1 where nothing changed, then a value for each transition, with names such as 'trees to built'."),
        )
        for name, label, files, default in (
            (self.OUTPUT_HTML, self.tr("Report"), self.tr("HTML files (*.html *.htm)"), True),
            (self.OUTPUT_CSV, self.tr("Transitions as CSV"), self.tr("CSV files (*.csv)"), False),
            (self.OUTPUT_JSON, self.tr("Everything as JSON"), self.tr("JSON files (*.json)"), False),
        ):
            parameter = QgsProcessingParameterFileDestination(
                name, label, files, optional=True, createByDefault=default
            )
            self.add(parameter, self.tr("Pixels and hectares from class to class, on a page or as a table."))
        self.addOutput(QgsProcessingOutputNumber(self.CHANGED_HECTARES, self.tr("Area that changed (ha)")))
        self.addOutput(QgsProcessingOutputNumber(self.CHANGED_SHARE, self.tr("Share of the area that changed (0-1)")))
        self.addOutput(QgsProcessingOutputNumber(self.CHANGED_PIXELS, self.tr("Pixels that changed")))
        self.addOutput(QgsProcessingOutputNumber(self.PIXELS, self.tr("Pixels compared")))

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """See the base; the class table."""
        super().check(parameters, context)
        read_table(self, parameters, context)

    def execute(self, parameters: Parameters, context: QgsProcessingContext, progress: Progress) -> Parameters:
        """Compare and report."""
        request = ChangeRequest(
            self.raster(self.EARLIER),
            self.raster(self.LATER),
            self.parameterAsOutputLayer(parameters, self.OUTPUT, context),
            Matching(self.parameterAsString(parameters, MATCHING, context)),
            read_table(self, parameters, context),
        )
        writers = {self.OUTPUT_HTML: write_html, self.OUTPUT_CSV: write_csv, self.OUTPUT_JSON: write_json}
        paths = {name: self.parameterAsFileOutput(parameters, name, context) for name in writers}
        wanted = {name: path for name, path in paths.items() if path}
        for path in wanted.values():
            check_distinct(path, [request.earlier, request.later])
        change = detect_change(request, progress)
        for name, path in wanted.items():
            writers[name](change, path)
        style_class_map(request.output, context)
        return {self.OUTPUT: request.output, **wanted, **self._figures(change)}

    def _figures(self, change: Change) -> Parameters:
        return {
            self.CHANGED_HECTARES: change.changed_hectares,
            self.CHANGED_SHARE: change.changed_hectares / change.compared_hectares,
            self.CHANGED_PIXELS: change.changed_pixels,
            self.PIXELS: change.matrix.pixels,
        }
