# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest
from qgis.core import QgsProcessingContext, QgsProcessingException, QgsProject, QgsVectorLayer

from s2landcover_plugin.algorithms.styling import style_vector
from tests.algorithms.log import Log
from tests.algorithms.test_bad_input import (
    all_nodata,
    assert_refused,
    missing_band,
    no_crs,
    no_file,
    no_raster,
    truncated,
)
from tests.scenes import write_scene

NAMES = {1: "water", 2: 'Wälder "old"', 7: "a & <b>", 9: "ice"}


@pytest.fixture
def named_map(tmp_path):
    values = np.random.default_rng(1).choice(np.array([0, 1, 2, 7], np.uint8), (1, 60, 60))
    return write_scene(tmp_path / "classes.tif", values, ("classes",), scale=1.0, categories=NAMES)


def load(path) -> QgsVectorLayer:
    layer = QgsVectorLayer(str(path), "points")
    assert layer.isValid()
    return layer


def test_points_are_drawn_and_counted(run, named_map, tmp_path):
    log = Log()
    results = run("samplepoints", log, INPUT=named_map, COUNT=120, OUTPUT=tmp_path / "Punkte ä.gpkg")
    layer = load(results["OUTPUT"])
    assert results["POINTS"] == layer.featureCount() == 120
    assert layer.crs().authid() == "EPSG:32633"
    assert 0.02 < results["EXPECTED_ERROR"] < 0.04
    assert any(line.startswith("water: ") and "planned" in line for line in log.lines)


def test_labelling_is_picking_from_a_list(run, named_map, tmp_path):
    results = run("samplepoints", INPUT=named_map, COUNT=90, OUTPUT=tmp_path / "points.gpkg")
    layer = load(results["OUTPUT"])
    field = layer.fields().indexOf("reference")
    widget = layer.editorWidgetSetup(field)
    assert widget.type() == "ValueMap"
    # Classes that the map never shows are there as well: the reference may.
    choices = [next(iter(entry.items())) for entry in widget.config()["map"]]
    assert choices == [(name, str(value)) for value, name in NAMES.items()]
    form = layer.editFormConfig()
    assert not form.readOnly(field)
    assert all(form.readOnly(layer.fields().indexOf(name)) for name in ("id", "map_class", "stratum_pixels"))
    assert [element.name() for element in form.tabs()] == ["id", "reference", "comment"]
    assert [category.label() for category in layer.renderer().categories()] == [*NAMES.values(), "not labelled yet"]


def test_a_label_can_be_saved(run, named_map, tmp_path):
    layer = load(run("samplepoints", INPUT=named_map, COUNT=90, OUTPUT=tmp_path / "points.gpkg")["OUTPUT"])
    point = next(layer.getFeatures())
    assert layer.startEditing()
    assert layer.changeAttributeValue(point.id(), layer.fields().indexOf("reference"), 7)
    assert layer.commitChanges()
    assert load(tmp_path / "points.gpkg").getFeature(point.id())["reference"] == 7


def test_the_parameters_reach_core(run, named_map, tmp_path):
    given = {"ALLOCATION": "equal", "MIN_PER_STRATUM": 2, "EXPECTED_ACCURACY": "0.9, 7: 60 %", "TARGET_ERROR": 0.03}
    log = Log()
    results = run("samplepoints", log, INPUT=named_map, **given, OUTPUT=tmp_path / "a.gpkg")
    assert results["EXPECTED_ERROR"] == pytest.approx(0.03, rel=0.02)
    assert any(line.startswith("a & <b>") and "expected accuracy 0.60" in line for line in log.lines)
    classes = run("samplepoints", INPUT=named_map, CLASS_TARGET_ERROR=0.03, COUNT=75, OUTPUT=tmp_path / "b.gpkg")
    assert classes["POINTS"] > 300
    grid = run("samplepoints", INPUT=named_map, METHOD="systematic", COUNT=75, OUTPUT=tmp_path / "c.gpkg")
    assert 60 <= grid["POINTS"] <= 90
    strata = run("samplepoints", INPUT=named_map, STRATA=named_map, SEED=3, COUNT=75, OUTPUT=tmp_path / "d.gpkg")
    assert strata["POINTS"] == 75
    far = run("samplepoints", Log(), INPUT=named_map, MIN_DISTANCE=100, COUNT=75, OUTPUT=tmp_path / "e.gpkg")
    assert 10 < far["POINTS"] < 50


def test_a_temporary_result_has_its_form_when_it_is_loaded(run, named_map):
    output = run("samplepoints", INPUT=named_map, COUNT=90, OUTPUT="TEMPORARY_OUTPUT")["OUTPUT"]
    context = QgsProcessingContext()
    context.addLayerToLoadOnCompletion(output, QgsProcessingContext.LayerDetails("x", QgsProject.instance(), "x"))
    style_vector(output, context)
    layer = QgsVectorLayer(output, "x", "ogr", QgsVectorLayer.LayerOptions(False))
    assert layer.editorWidgetSetup(2).type() != "ValueMap"
    context.layerToLoadOnCompletionDetails(output).postProcessor().postProcessLayer(layer, context, Log())
    assert layer.editorWidgetSetup(2).type() == "ValueMap"


REFUSED = {
    no_crs: "coordinate reference system|bands",
    all_nodata: "bands",
    truncated: "damaged or truncated|bands|not a raster",
    no_raster: "is not a raster that can be opened",
    no_file: "There is no file",
    missing_band: "has 2 bands",
}


@pytest.mark.parametrize("parameter", ["INPUT", "STRATA"])
@pytest.mark.parametrize(("damage", "message"), REFUSED.items(), ids=[case.__name__ for case in REFUSED])
def test_bad_rasters(run, named_map, tmp_path, damage, message, parameter):
    given = {"INPUT": named_map, "OUTPUT": tmp_path / "points.gpkg", parameter: damage(tmp_path)["INPUT"]}
    assert_refused(run, "samplepoints", tmp_path, message, given)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"COUNT": 100_000}, "pixels with data. Ask for fewer"),
        ({"COUNT": 20}, "too few for at least 25 in each of 3 strata"),
        ({"METHOD": "magic"}, r"\(METHOD\) cannot be 'magic'; .* stratified, random, systematic"),
        ({"EXPECTED_ACCURACY": "very good"}, "cannot be read"),
        ({"TARGET_ERROR": 2}, "between 0 and 0.5"),
        ({"OUTPUT": "points.shp"}, "end the file name in .gpkg"),
        ({"OUTPUT": "ogr:dbname='/tmp/a.gpkg' table=\"a\" (geom)"}, "end the file name in .gpkg"),
    ],
)
def test_values_that_cannot_be(run, named_map, tmp_path, given, message):
    usual = {"INPUT": named_map, "OUTPUT": tmp_path / "points.gpkg"}
    assert_refused(run, "samplepoints", tmp_path, message, {**usual, **given})


def test_a_cancelled_run_leaves_nothing(run, tmp_path):
    large = np.random.default_rng(1).integers(1, 4, (1, 3_000, 3_000), np.uint8)
    path = write_scene(tmp_path / "large.tif", large, ("classes",), scale=1.0)
    with pytest.raises(QgsProcessingException, match="Cancelled"):
        run("samplepoints", Log(cancel_at=20), INPUT=path, OUTPUT=tmp_path / "points.gpkg")
    assert [file.name for file in tmp_path.iterdir()] == ["large.tif"]
