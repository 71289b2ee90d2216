# SPDX-License-Identifier: GPL-2.0-or-later
"""How results look when the desktop loads them; in the main thread, after the run."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    QgsColorRampShader,
    QgsMultiBandColorRenderer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsRasterLayer,
    QgsRasterShader,
    QgsSingleBandPseudoColorRenderer,
    QgsVectorLayer,
)
from qgis.PyQt import sip
from qgis.PyQt.QtGui import QColor

from ..core.bands import band_ids_of
from ..core.raster import open_raster
from .sources import gdal_source

_NATURAL_COLOURS = ("B04", "B03", "B02")
# From doubtful to sure, per cent: ColorBrewer's YlGnBu, which prints and which colour-blind readers can order.
_CONFIDENCE_COLOURS = {0: "#ffffd9", 25: "#c7e9b4", 50: "#41b6c4", 75: "#225ea8", 100: "#081d58"}


class ClassMapStyle(QgsProcessingLayerPostProcessorInterface):
    """Shows a class map with the names and colours of the style beside it, whatever Processing's default style is."""

    def postProcessLayer(
        self, layer: QgsRasterLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Style a loaded layer."""
        style = Path(layer.source()).with_suffix(".qml")
        if style.is_file():
            layer.loadNamedStyle(str(style))
            layer.triggerRepaint()


class ConfidenceStyle(QgsProcessingLayerPostProcessorInterface):
    """Shows a raster of 0-100 % from pale (doubtful) to dark (sure), the same for every scene.

    Args:
        is_doubt: whether 100 % is doubtful and 0 sure.
    """

    def __init__(self, is_doubt: bool = False) -> None:
        super().__init__()
        values = [100 - value for value in _CONFIDENCE_COLOURS] if is_doubt else list(_CONFIDENCE_COLOURS)
        self._colours = dict(sorted(zip(values, _CONFIDENCE_COLOURS.values())))

    def postProcessLayer(
        self, layer: QgsRasterLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Style a loaded layer."""
        ramp = QgsColorRampShader(0, 100)
        ramp.setColorRampItemList(
            [
                QgsColorRampShader.ColorRampItem(value, QColor(colour), f"{value} %")
                for value, colour in self._colours.items()
            ]
        )
        shader = QgsRasterShader()
        shader.setRasterShaderFunction(ramp)
        renderer = QgsSingleBandPseudoColorRenderer(layer.dataProvider(), 1, shader)
        renderer.setClassificationMin(0)
        renderer.setClassificationMax(100)
        layer.setRenderer(renderer)
        layer.triggerRepaint()


class CarriedStyle(QgsProcessingLayerPostProcessorInterface):
    """Gives a vector layer the style and form that its file carries, whatever Processing's default style is."""

    def postProcessLayer(
        self, layer: QgsVectorLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Style a loaded layer."""
        layer.loadDefaultStyle()
        layer.triggerRepaint()


class NaturalColourStyle(QgsProcessingLayerPostProcessorInterface):
    """Shows a stack of bands in natural colours; the first bands of a Sentinel-2 stack would show blue as red."""

    def postProcessLayer(
        self, layer: QgsRasterLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Style a loaded layer that has the red, green and blue bands."""
        with open_raster(gdal_source(layer.source())) as raster:
            numbers = {band: number for number, band in enumerate(band_ids_of(raster), start=1)}
        if not all(band in numbers for band in _NATURAL_COLOURS):
            return
        layer.setRenderer(QgsMultiBandColorRenderer(layer.dataProvider(), *map(numbers.get, _NATURAL_COLOURS)))
        layer.setDefaultContrastEnhancement()
        layer.triggerRepaint()


# A context owns its post-processors and deletes them once the layers are loaded, but Python forgets what they do as
# soon as nothing in Python refers to them.
_KEPT: set[QgsProcessingLayerPostProcessorInterface] = set()


def style_class_map(path: str, context: QgsProcessingContext) -> None:
    """Have a class map styled if it is going to be loaded."""
    _style(path, context, ClassMapStyle())


def style_confidence(path: str, context: QgsProcessingContext) -> None:
    """Have a confidence raster styled if it is going to be loaded."""
    _style(path, context, ConfidenceStyle())


def style_vector(path: str, context: QgsProcessingContext) -> None:
    """Have a vector layer shown as its file says if it is going to be loaded."""
    _style(path, context, CarriedStyle())


def style_doubt(path: str, context: QgsProcessingContext) -> None:
    """Have a raster of doubt (entropy) styled if it is going to be loaded."""
    _style(path, context, ConfidenceStyle(is_doubt=True))


def style_stack(path: str, context: QgsProcessingContext) -> None:
    """Have a stack of bands shown in natural colours if it is going to be loaded."""
    _style(path, context, NaturalColourStyle())


def _style(path: str, context: QgsProcessingContext, style: QgsProcessingLayerPostProcessorInterface) -> None:
    if not path or not context.willLoadLayerOnCompletion(path):
        return
    for old in tuple(_KEPT):
        if sip.isdeleted(old):
            _KEPT.discard(old)
    _KEPT.add(style)
    context.layerToLoadOnCompletionDetails(path).setPostProcessor(style)
