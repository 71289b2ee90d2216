# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingException,
    QgsProcessingOutputHtml,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
)

from tests.algorithms.log import Log
from tests.scenes import write_scene

WRONG = 5


@pytest.fixture
def reference(tmp_path, expected_classes, tiny_contract):
    """The map with its first five pixels of trees called built."""
    values = expected_classes.copy()
    values.flat[np.flatnonzero(values == 2)[:WRONG]] = 7
    return write_scene(
        tmp_path / "reference.tif",
        values[np.newaxis],
        ("classes",),
        scale=1.0,
        categories=tiny_contract.legend.names,
    )


def test_figures_are_outputs_and_agree_with_the_files(run, class_map, reference, tmp_path):
    paths = {f"OUTPUT_{kind.upper()}": tmp_path / f"report.{kind}" for kind in ("html", "csv", "json")}
    log = Log()
    results = run("accuracy", log, INPUT=class_map, REFERENCE=reference, **paths)
    assert results["PIXELS"] == 24 * 20 - 16
    assert results["OVERALL_ACCURACY"] == pytest.approx(1 - WRONG / results["PIXELS"])
    assert 0 < results["KAPPA"] < results["OVERALL_ACCURACY"]
    assert 0 < results["MEAN_IOU"] < results["MACRO_F1"] < 1
    headline = json.loads(paths["OUTPUT_JSON"].read_text(encoding="utf-8"))["headline"]
    assert headline["overall_accuracy"] == results["OVERALL_ACCURACY"]
    with paths["OUTPUT_CSV"].open(encoding="utf-8", newline="") as file:
        assert [row["name"] for row in csv.DictReader(file)] == ["water", "trees", "built"]
    assert "<html" in Path(results["OUTPUT_HTML"]).read_text(encoding="utf-8")
    assert f"Overall accuracy (0-1): {results['OVERALL_ACCURACY']:.4f}" in log.lines


def test_only_the_page_is_written_by_default(run, class_map, tmp_path):
    results = run("accuracy", INPUT=class_map, REFERENCE=class_map, OUTPUT_HTML=tmp_path / "out" / "report.html")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["report.html"]
    assert results["OVERALL_ACCURACY"] == 1.0
    assert "OUTPUT_CSV" not in results


def test_the_report_goes_to_the_results_viewer(provider):
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("s2landcover:accuracy")
    assert isinstance(algorithm.outputDefinition("OUTPUT_HTML"), QgsProcessingOutputHtml)


def test_undefined_figures_are_null(run, tmp_path):
    one = write_scene(tmp_path / "one.tif", np.ones((1, 5, 5), np.uint8), ("classes",), scale=1.0)
    log = Log()
    results = run("accuracy", log, INPUT=one, REFERENCE=one, OUTPUT_HTML=tmp_path / "report.html")
    assert results["KAPPA"] is None
    assert "Cohen's kappa: undefined" in log.lines


def label(path, classes, column=lambda point: point["map_class"], blank=()):
    """Give points a class, as somebody would in QGIS."""
    layer = QgsVectorLayer(str(path), "points", "ogr")
    assert layer.isValid()
    assert layer.startEditing()
    for point in layer.getFeatures():
        if point["id"] not in blank:
            value = classes.get(point["id"], column(point))
            layer.changeAttributeValue(point.id(), layer.fields().indexOf("reference"), value)
    assert layer.commitChanges()
    return layer


def test_validation_points_give_estimates_with_areas(run, class_map, tmp_path):
    points = run("samplepoints", INPUT=class_map, COUNT=90, OUTPUT=tmp_path / "points.gpkg")["OUTPUT"]
    label(points, {1: 7, 2: 7}, blank={90})
    log = Log()
    outputs = {"OUTPUT_HTML": tmp_path / "r.html", "OUTPUT_JSON": tmp_path / "r.json", "OUTPUT_CSV": tmp_path / "r.csv"}
    results = run("accuracy", log, INPUT=class_map, REFERENCE_LAYER=points, **outputs)
    document = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert document["kind"] == "estimates from a probability sample"
    assert document["left_out"]["unlabelled"] == 1
    assert results["PIXELS"] == 89
    assert results["OVERALL_ACCURACY_LOW"] < results["OVERALL_ACCURACY"] < results["OVERALL_ACCURACY_HIGH"]
    assert results["OVERALL_ACCURACY_ERROR"] > 0
    areas = [row["area_ha"] for row in document["classes"]]
    assert sum(areas) == pytest.approx((24 * 20 - 16) * 0.01)
    assert any("within each class of the map" in line for line in log.lines)
    assert any("1 of 90 points have no label" in line for line in log.lines)


def memory_layer(kind, features, crs="EPSG:32633", fields="class:string"):
    layer = QgsVectorLayer(f"{kind}?crs={crs}&field={fields}", "reference", "memory")
    made = []
    for geometry, value in features:
        feature = QgsFeature(layer.fields())
        feature.setAttribute(0, value)
        feature.setGeometry(geometry)
        made.append(feature)
    layer.dataProvider().addFeatures(made)
    return layer


def pixel_centre(col, row):
    return QgsPointXY(600000 + 10 * col + 5, 5000000 - 10 * row - 5)


def test_points_in_another_crs_with_several_parts(run, class_map, expected_classes, tiny_contract, tmp_path):
    there = QgsCoordinateTransform(
        QgsCoordinateReferenceSystem("EPSG:32633"), QgsCoordinateReferenceSystem("EPSG:4326"), QgsProject.instance()
    )
    names = tiny_contract.legend.names
    features = []
    for row in range(5, 20):
        places = [pixel_centre(col, row) for col in (6, 12) if expected_classes[row, col] == expected_classes[row, 6]]
        geometry = QgsGeometry.fromMultiPointXY([there.transform(place) for place in places])
        features.append((geometry, names[int(expected_classes[row, 6])].upper()))
    layer = memory_layer("MultiPoint", features, "EPSG:4326")
    html = tmp_path / "r.html"
    log = Log()
    results = run("accuracy", log, INPUT=class_map, REFERENCE_LAYER=layer, REFERENCE_FIELD="class", OUTPUT_HTML=html)
    assert results["OVERALL_ACCURACY"] == 1.0
    assert results["PIXELS"] > 15
    assert any("do not say how they were drawn" in line for line in log.lines)
    assert results["OVERALL_ACCURACY_LOW"] is None
    given = {"INPUT": class_map, "REFERENCE_LAYER": layer, "REFERENCE_FIELD": "class", "OUTPUT_HTML": html}
    assert run("accuracy", DESIGN="random", **given)["OVERALL_ACCURACY_LOW"] == 1.0


def test_polygons_are_compared_pixel_by_pixel(run, class_map, expected_classes, tmp_path):
    def box(col, row):
        return QgsGeometry.fromRect(QgsRectangle(pixel_centre(col, row), pixel_centre(col + 4, row + 4)).buffered(5))

    layer = memory_layer("Polygon", [(box(5, 5), 2), (box(12, 8), 1)], fields="class:int")
    given = {"INPUT": class_map, "REFERENCE_LAYER": layer, "REFERENCE_FIELD": "class"}
    results = run("accuracy", **given, OUTPUT_HTML=tmp_path / "r.html")
    right = (expected_classes[5:10, 5:10] == 2).sum() + (expected_classes[8:13, 12:17] == 1).sum()
    assert results["PIXELS"] == 50
    assert results["OVERALL_ACCURACY"] == pytest.approx(right / 50)
    assert "comparison inside polygons" in (tmp_path / "r.html").read_text(encoding="utf-8").casefold()


def test_a_table_of_classes_from_a_file_or_by_hand(run, class_map, expected_classes, tmp_path):
    corine = np.zeros_like(expected_classes, dtype=np.uint16)
    for value, code in ((1, 512), (2, 311), (7, 111)):
        corine[expected_classes == value] = code
    path = write_scene(tmp_path / "corine.tif", corine[np.newaxis], ("classes",), scale=1.0)
    given = {"INPUT": class_map, "REFERENCE": path, "OUTPUT_HTML": tmp_path / "r.html"}
    with pytest.raises(QgsProcessingException, match="holds the value"):
        run("accuracy", **given)
    by_hand = run("accuracy", REMAP_TABLE=[512, "water", 311, "trees", 111, 7], **given)
    assert by_hand["OVERALL_ACCURACY"] == 1.0
    (tmp_path / "t.csv").write_text("from,to\n512,1\n311,2\n111,\n", encoding="utf-8")
    from_file = run("accuracy", REMAP_FILE=tmp_path / "t.csv", **given)
    assert from_file["PIXELS"] == (expected_classes == 1).sum() + (expected_classes == 2).sum()
    document = {"classes": [{"value": 40, "name": "Water", "from_values": [512]}], "nodata": {"from_values": [111]}}
    document["classes"].append({"name": "trees", "from_values": [311]})
    (tmp_path / "t.json").write_text(json.dumps(document), encoding="utf-8")
    by_name = run("accuracy", REMAP_FILE=tmp_path / "t.json", MATCHING="name", **given)
    assert (by_name["PIXELS"], by_name["OVERALL_ACCURACY"]) == (from_file["PIXELS"], 1.0)


def test_a_table_that_comes_with_the_plugin(run, class_map, expected_classes, tmp_path):
    cover = np.where(expected_classes == 1, 80, np.where(expected_classes == 2, 10, 50)).astype(np.uint8)
    path = write_scene(tmp_path / "cover.tif", cover[np.newaxis], ("classes",), scale=1.0)
    given = {"INPUT": class_map, "REFERENCE": path, "REMAP_PRESET": "worldcover", "OUTPUT_JSON": tmp_path / "r.json"}
    with pytest.raises(QgsProcessingException, match="no class in common: the map shows water"):
        run("accuracy", OUTPUT_HTML=tmp_path / "r.html", **given)
    with pytest.raises(QgsProcessingException, match="More than one class table was given"):
        run("accuracy", OUTPUT_HTML=tmp_path / "r.html", REMAP_TABLE=[80, 1], **given)
    (tmp_path / "t.csv").write_text("from,to\n", encoding="utf-8")
    given = {**given, "REMAP_PRESET": "none", "REMAP_FILE": tmp_path / "t.csv"}
    with pytest.raises(QgsProcessingException, match="The class table is empty"):
        run("accuracy", OUTPUT_HTML=tmp_path / "r.html", **given)


def test_confidence_and_blocks(run, class_map, reference, expected_classes, tmp_path):
    percent = np.full((1, *expected_classes.shape), 90, np.uint8)
    confidence = write_scene(tmp_path / "c.tif", percent, ("confidence",), scale=1.0, nodata=255)
    given = {"INPUT": class_map, "REFERENCE": reference, "CONFIDENCE": confidence, "BLOCK_SIZE": 4}
    results = run("accuracy", **given, OUTPUT_HTML=tmp_path / "r.html")
    assert results["CALIBRATION_ERROR"] == pytest.approx(abs(results["OVERALL_ACCURACY"] - 0.9))
    assert results["OVERALL_ACCURACY_LOW"] <= results["OVERALL_ACCURACY"] <= results["OVERALL_ACCURACY_HIGH"]
    run("accuracy", SEED=5, **given, OUTPUT_HTML=tmp_path / "r.html", OUTPUT_JSON=tmp_path / "r.json")
    blocks = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["blocks"]
    assert blocks == {"size": 4, "blocks": 29, "draws": 1000, "seed": 5}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "against one reference; got none"),
        ({"REFERENCE": "class_map", "REFERENCE_LAYER": "layer"}, "got both a raster and a layer"),
        ({"REFERENCE_LAYER": "layer", "REFERENCE_FIELD": "nope"}, "has no field 'nope'; it has class"),
        ({"REFERENCE_LAYER": "layer"}, "has no field 'reference'"),
        ({"REFERENCE_LAYER": "empty", "REFERENCE_FIELD": "class"}, "is empty"),
        ({"REFERENCE_LAYER": "lines", "REFERENCE_FIELD": "class"}, "neither points nor polygons"),
        ({"REFERENCE": "class_map", "REMAP_FILE": "/none.csv"}, "cannot be read"),
        ({"REFERENCE": "class_map", "MATCHING": "colour"}, "cannot be 'colour'"),
    ],
)
def test_references_that_cannot_be_used(run, class_map, tmp_path, given, message):
    known = {
        "class_map": class_map,
        "layer": memory_layer("Point", [(QgsGeometry.fromPointXY(pixel_centre(5, 5)), "water")]),
        "empty": memory_layer("Point", []),
        "lines": memory_layer("LineString", []),
    }
    parameters = {name: known.get(value, value) for name, value in given.items()}
    with pytest.raises(QgsProcessingException, match=message):
        run("accuracy", INPUT=class_map, **parameters, OUTPUT_HTML=tmp_path / "r.html")
    assert not (tmp_path / "r.html").exists()


def test_the_error_raster_has_a_legend_in_words(run, class_map, reference, tmp_path):
    given = {"INPUT": class_map, "REFERENCE": reference, "OUTPUT_HTML": tmp_path / "r.html"}
    results = run("accuracy", **given, ERRORS=tmp_path / "errors.tif")
    assert results["ERRORS"] == str(tmp_path / "errors.tif")
    layer = QgsRasterLayer(results["ERRORS"], "errors")
    assert [entry.label for entry in layer.renderer().classes()] == ["same class", "built mapped as trees"]


def test_an_output_that_is_also_an_input_is_refused(run, class_map, reference, tmp_path):
    given = {"INPUT": class_map, "REFERENCE": reference, "OUTPUT_HTML": tmp_path / "r.html"}
    with pytest.raises(QgsProcessingException, match="is also an input"):
        run("accuracy", **given, ERRORS=class_map)
