# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from qgis.core import QgsProcessingContext, QgsProcessingException, QgsProject, QgsRasterLayer

from s2landcover_plugin.algorithms.styling import ClassMapStyle
from s2landcover_plugin.core.raster import open_raster
from tests.algorithms.log import Log
from tests.onnx_models import LEGEND
from tests.scenes import write_scene

BEFORE = np.uint8([[1] * 10] * 4 + [[1, 7, 1, 1, 1, 2, 2, 2, 2, 2]] * 2 + [[0, 0, 1, 1, 1, 2, 2, 2, 2, 2]] * 6)
AFTER = np.where(BEFORE == 7, np.uint8(1), BEFORE)


@pytest.fixture
def speckled(tmp_path):
    fields = {"scale": 1.0, "categories": LEGEND.names, "colours": LEGEND.colours}
    return write_scene(tmp_path / "speckled.tif", BEFORE[np.newaxis], ("classes",), **fields)


def read(path):
    with open_raster(str(path)) as raster:
        return raster.read()[0]


def test_small_objects_go_and_areas_are_told(run, speckled, tmp_path):
    log = Log()
    results = run("refine", log, INPUT=speckled, OUTPUT=tmp_path / "calm.tif", AREA_TABLE=tmp_path / "areas.csv")
    np.testing.assert_array_equal(read(results["OUTPUT"]), AFTER)
    assert results["CHANGED_PIXELS"] == 2
    assert "2 pixels changed their class (1.9%)." in log.lines
    assert f"water: {68 / 108:.1%}, 0.68 ha" in log.lines
    with Path(results["AREA_TABLE"]).open(encoding="utf-8", newline="") as file:
        assert {row["name"]: row["area_ha"] for row in csv.DictReader(file)} == {
            "water": "0.6800",
            "trees": "0.4000",
            "built": "0.0000",
        }
    assert log.progress() == 100


def test_every_option_reaches_the_core(run, speckled, tmp_path):
    planes = np.stack([np.where(value == BEFORE, 90, 5) for value in (1, 2, 7)]).astype(np.uint8)
    planes[:, BEFORE == 0] = 255
    probabilities = write_scene(tmp_path / "p.tif", planes, ("water", "trees", "built"), nodata=255, scale=1.0)
    for options, changed in (
        ({"MIN_MAPPING_UNIT": 0.01}, 0),
        ({"MIN_MAPPING_UNIT": 2, "MAPPING_UNIT_IN": "pixels"}, 0),
        ({"MIN_MAPPING_UNIT": 3, "MAPPING_UNIT_IN": "pixels", "DIAGONALS": True}, 2),
        ({"MIN_MAPPING_UNIT": 0, "CONTEXT": "majority", "NEIGHBOURHOOD": 3}, 3),
        ({"MIN_MAPPING_UNIT": 0, "CONTEXT": "majority", "NEIGHBOURHOOD": 5, "ROUND": False}, 5),
        ({"MIN_MAPPING_UNIT": 0, "CONTEXT": "probability", "PROBABILITIES": probabilities, "NEIGHBOURHOOD": 3}, 3),
    ):
        results = run("refine", INPUT=speckled, OUTPUT=tmp_path / "calm.tif", **options)
        assert results["CHANGED_PIXELS"] == changed, options
        assert "AREA_TABLE" not in results


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"MIN_MAPPING_UNIT": 0}, "nothing to refine with"),
        ({"CONTEXT": "probability"}, "needs the class probabilities"),
        ({"CONTEXT": "majority", "NEIGHBOURHOOD": 4}, "odd number from 3 to 51"),
    ],
)
def test_what_cannot_work_is_refused_before_the_run(run, speckled, tmp_path, options, message):
    with pytest.raises(QgsProcessingException, match=message):
        run("refine", INPUT=speckled, OUTPUT=tmp_path / "calm.tif", **options)
    assert not (tmp_path / "calm.tif").exists()


def test_the_refined_map_is_styled_in_the_desktop_and_beside_the_file(run, speckled, tmp_path):
    context = QgsProcessingContext()
    path = str(tmp_path / "calm.tif")
    context.addLayerToLoadOnCompletion(path, QgsProcessingContext.LayerDetails("x", QgsProject.instance(), "x"))
    run("refine", None, context, INPUT=speckled, OUTPUT=path)
    assert type(context.layerToLoadOnCompletionDetails(path).postProcessor()) is ClassMapStyle
    layer = QgsRasterLayer(path, "calm")
    legend = {item.value: (item.label, item.color.name()) for item in layer.renderer().classes()}
    assert legend == {item.value: (item.name, f"#{item.colour.lower()}") for item in LEGEND}
