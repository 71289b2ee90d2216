# SPDX-License-Identifier: GPL-2.0-or-later
"""How results look when the desktop loads them; in the main thread, after the run."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    QgsColorRampShader,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsRasterLayer,
    QgsRasterShader,
    QgsSingleBandPseudoColorRenderer,
)
from qgis.PyQt.QtGui import QColor

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
    """Shows a raster of 0-100 % from pale (doubtful) to dark (sure), the same for every scene."""

    def postProcessLayer(
        self, layer: QgsRasterLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Style a loaded layer."""
        ramp = QgsColorRampShader(0, 100)
        ramp.setColorRampItemList(
            [
                QgsColorRampShader.ColorRampItem(value, QColor(colour), f"{value} %")
                for value, colour in _CONFIDENCE_COLOURS.items()
            ]
        )
        shader = QgsRasterShader()
        shader.setRasterShaderFunction(ramp)
        renderer = QgsSingleBandPseudoColorRenderer(layer.dataProvider(), 1, shader)
        renderer.setClassificationMin(0)
        renderer.setClassificationMax(100)
        layer.setRenderer(renderer)
        layer.triggerRepaint()


# Processing keeps a bare pointer to a post-processor and calls it when the algorithm may long be gone: these stay.
_CLASS_MAP = ClassMapStyle()
_CONFIDENCE = ConfidenceStyle()


def style_class_map(path: str, context: QgsProcessingContext) -> None:
    """Have a class map styled if it is going to be loaded."""
    _style(path, context, _CLASS_MAP)


def style_confidence(path: str, context: QgsProcessingContext) -> None:
    """Have a confidence raster styled if it is going to be loaded."""
    _style(path, context, _CONFIDENCE)


def _style(path: str, context: QgsProcessingContext, style: QgsProcessingLayerPostProcessorInterface) -> None:
    if path and context.willLoadLayerOnCompletion(path):
        context.layerToLoadOnCompletionDetails(path).setPostProcessor(style)
