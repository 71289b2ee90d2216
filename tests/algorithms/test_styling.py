# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import gc

import numpy as np
import pytest
from qgis.core import QgsProcessingContext, QgsProject, QgsRasterLayer

from s2landcover_plugin.algorithms import styling
from s2landcover_plugin.core.legend import qml_style
from tests.algorithms.log import Log
from tests.onnx_models import LEGEND
from tests.scenes import random_stored, write_scene


def loaded(path, style):
    """Load a result as the desktop does: make the layer, then run the post-processor that was left for it."""
    context = QgsProcessingContext()
    context.addLayerToLoadOnCompletion(path, QgsProcessingContext.LayerDetails("x", QgsProject.instance(), "x"))
    style(path, context)
    layer = QgsRasterLayer(path, "x")
    layer.setDefaultContrastEnhancement()
    context.layerToLoadOnCompletionDetails(path).postProcessor().postProcessLayer(layer, context, Log())
    return layer  # which owns its renderer


def test_class_maps_show_names_and_colours(tmp_path):
    path = write_scene(tmp_path / "map.tif", np.ones((1, 4, 4), np.uint8), ("",), scale=1.0)
    (tmp_path / "map.qml").write_text(qml_style(LEGEND), encoding="utf-8")
    layer = loaded(path, styling.style_class_map)
    shown = {item.value: (item.label, item.color.name().upper()[1:]) for item in layer.renderer().classes()}
    assert shown == {item.value: (item.name, item.colour) for item in LEGEND}


def test_confidence_has_the_same_colours_in_every_scene(tmp_path):
    path = write_scene(tmp_path / "sure.tif", np.full((1, 4, 4), 60, np.uint8), ("",), nodata=255, scale=1.0)
    layer = loaded(path, styling.style_confidence)
    renderer = layer.renderer()
    assert renderer.type() == "singlebandpseudocolor"
    items = renderer.shader().rasterShaderFunction().colorRampItemList()
    assert [(item.value, item.label) for item in items] == [(v, f"{v} %") for v in (0, 25, 50, 75, 100)]


@pytest.mark.parametrize(
    ("names", "kind"),
    [(("B02", "B03", "B04", "B08"), "multibandcolor"), (("B08", "B11"), "multibandcolor")],
)
def test_stacks_show_natural_colours_where_they_can(tmp_path, names, kind):
    path = write_scene(tmp_path / "stack.tif", random_stored(8, 8, len(names)), names)
    layer = loaded(path, styling.style_stack)
    renderer = layer.renderer()
    assert renderer.type() == kind
    if "B04" in names:
        assert (renderer.redBand(), renderer.greenBand(), renderer.blueBand()) == (3, 2, 1)
        assert renderer.redContrastEnhancement() is not None


def test_nothing_is_styled_that_is_not_loaded(tmp_path):
    styling.style_class_map(str(tmp_path / "map.tif"), QgsProcessingContext())
    styling.style_confidence("", QgsProcessingContext())


def test_styles_outlive_the_algorithm_and_go_with_the_context(tmp_path):
    path = write_scene(tmp_path / "stack.tif", random_stored(8, 8), ("B02", "B03", "B04"))
    for _ in range(3):
        layer = loaded(path, styling.style_stack)
        assert layer.renderer().redBand() == 3
    gc.collect()
    assert len(styling._KEPT) <= 1
