# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest
from qgis.core import QgsProcessingContext, QgsProcessingException, QgsProject, QgsVectorLayer

from s2landcover_plugin.algorithms.styling import CarriedStyle
from tests.algorithms.log import Log
from tests.onnx_models import LEGEND


def test_polygons_have_classes_areas_and_colours(run, class_map, expected_classes, tmp_path):
    results = run("vectorise", INPUT=class_map, OUTPUT=tmp_path / "map.gpkg")
    layer = QgsVectorLayer(results["OUTPUT"], "map")
    assert layer.featureCount() == results["POLYGONS"] > 3
    names = {item.value: item.name for item in LEGEND}
    told = dict.fromkeys(names, 0.0)
    for feature in layer.getFeatures():
        assert feature["class"] == names[feature["value"]]
        assert feature.geometry().isGeosValid()
        assert feature["area_ha"] == pytest.approx(feature.geometry().area() / 1e4)
        told[feature["value"]] += feature["area_ha"]
    assert told == pytest.approx({value: np.count_nonzero(expected_classes == value) * 0.01 for value in names})
    shown = {item.value(): (item.label(), item.symbol().color().name()) for item in layer.renderer().categories()}
    assert shown == {str(item.value): (item.name, f"#{item.colour.lower()}") for item in LEGEND}


def test_outlines_can_be_simplified(run, class_map, tmp_path):
    corners = {}
    for pixels in (0, 5):
        results = run("vectorise", INPUT=class_map, OUTPUT=tmp_path / f"{pixels}.gpkg", SIMPLIFY=pixels)
        layer = QgsVectorLayer(results["OUTPUT"], "map")
        assert all(feature.geometry().isGeosValid() for feature in layer.getFeatures())
        corners[pixels] = sum(len(list(feature.geometry().vertices())) for feature in layer.getFeatures())
    assert corners[5] < corners[0]


def test_what_is_no_class_map_is_refused(run, image, class_map, tmp_path):
    with pytest.raises(QgsProcessingException, match="has 3 bands"):
        run("vectorise", INPUT=image, OUTPUT=tmp_path / "map.gpkg")
    with pytest.raises(QgsProcessingException, match=r"end the file name in \.gpkg"):
        run("vectorise", INPUT=class_map, OUTPUT=tmp_path / "map.shp")


def test_the_loaded_layer_keeps_its_own_style(run, class_map, tmp_path):
    context, path = QgsProcessingContext(), str(tmp_path / "map.gpkg")
    context.addLayerToLoadOnCompletion(path, QgsProcessingContext.LayerDetails("x", QgsProject.instance(), "x"))
    run("vectorise", Log(), context, INPUT=class_map, OUTPUT=path)
    assert type(context.layerToLoadOnCompletionDetails(path).postProcessor()) is CarriedStyle
