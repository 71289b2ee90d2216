# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)

from s2landcover_plugin.algorithms.styling import ClassMapStyle, ConfidenceStyle
from s2landcover_plugin.core.raster import open_raster
from tests.algorithms.log import Log
from tests.scenes import utm_grid, write_scene


def read(path):
    with open_raster(str(path)) as raster:
        return raster.read()[0]


def test_classes_confidence_and_figures(run, image, model, tmp_path, expected_classes):
    log = Log()
    results = run(
        "classify", log, INPUT=image, MODEL=model, OUTPUT=tmp_path / "map.tif", CONFIDENCE=tmp_path / "sure.tif"
    )
    np.testing.assert_array_equal(read(results["OUTPUT"]), expected_classes)
    confidence = read(results["CONFIDENCE"])
    np.testing.assert_array_equal(confidence == 255, expected_classes == 0)
    assert (confidence[expected_classes > 0] >= 33).all()
    assert results["VALID_PIXELS"] == 24 * 20 - 16
    assert results["NODATA_PIXELS"] == 16
    assert results["PROVIDER_USED"] == "cpu"
    assert log.progress() == 100


def test_the_area_of_each_class_is_told_tabulated_and_put_into_the_attribute_table(
    run, image, model, tmp_path, expected_classes
):
    log = Log()
    results = run("classify", log, INPUT=image, MODEL=model, OUTPUT=tmp_path / "map.tif", AREA_TABLE=tmp_path / "a.csv")
    trees = np.count_nonzero(expected_classes == 2)
    assert f"trees: {trees / (24 * 20 - 16):.1%}, {trees * 0.01:.2f} ha" in log.lines
    assert f"2,trees,{trees},{trees * 0.01:.4f}" in Path(results["AREA_TABLE"]).read_text(encoding="utf-8")
    dataset = gdal.Open(results["OUTPUT"])
    table = dataset.GetRasterBand(1).GetDefaultRAT()
    assert table.GetValueAsInt(1, table.GetColOfUsage(gdal.GFU_PixelCount)) == trees


def test_degrees_have_areas_too(run, stored, model, tmp_path):
    from s2landcover_plugin.core.raster import Grid, crs_from_authority

    grid = Grid(20, 24, (12.0, 1e-4, 0.0, 47.0, 0.0, -1e-4), crs_from_authority("EPSG:4326"))
    image = write_scene(tmp_path / "degrees.tif", stored, grid=grid)
    log = Log()
    run("classify", log, INPUT=image, MODEL=model, OUTPUT=tmp_path / "map.tif")
    told = sum(float(line.split()[-2]) for line in log.lines if line.endswith(" ha"))
    assert told == pytest.approx(464 * 11.119 * 7.605 / 1e4, rel=0.01)  # pixels of 1e-4 degrees at latitude 47, metres


def test_confidence_is_made_only_when_asked_for(run, image, model, tmp_path):
    results = run("classify", INPUT=image, MODEL=model, OUTPUT=tmp_path / "out" / "map.tif")
    assert "CONFIDENCE" not in results
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".tif", ".qml", ".xml"}


def test_unnamed_bands_can_be_named(run, stored, model, tmp_path, expected_classes):
    image = write_scene(tmp_path / "plain.tif", stored[[2, 0, 1]], ("", "", ""))
    results = run("classify", INPUT=image, MODEL=model, OUTPUT=tmp_path / "map.tif", BAND_ORDER="B04 B02 B03")
    np.testing.assert_array_equal(read(results["OUTPUT"]), expected_classes)
    with pytest.raises(QgsProcessingException, match="'B77' is not a Sentinel-2 band"):
        run("classify", INPUT=image, MODEL=model, OUTPUT=tmp_path / "map2.tif", BAND_ORDER="B04 B77")


def test_a_layer_of_the_project_and_a_temporary_output(run, image, model, expected_classes):
    layer = QgsRasterLayer(image, "image", "gdal")
    QgsProject.instance().addMapLayer(layer)
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    results = run("classify", None, context, INPUT=layer.id(), MODEL=model, OUTPUT="TEMPORARY_OUTPUT")
    np.testing.assert_array_equal(read(results["OUTPUT"]), expected_classes)
    QgsProject.instance().removeMapLayer(layer.id())


def test_the_loaded_map_shows_names_and_colours(provider, image, model, tmp_path, tiny_contract):
    import processing

    layers = processing.run(
        "s2landcover:classify",
        {
            "INPUT": image,
            "MODEL": str(model),
            "OUTPUT": str(tmp_path / "map.tif"),
            "CONFIDENCE": str(tmp_path / "sure.tif"),
        },
    )
    classes = QgsRasterLayer(layers["OUTPUT"], "classes")
    legend = {item.value: (item.label, item.color.name()) for item in classes.renderer().classes()}
    assert legend == {item.value: (item.name, f"#{item.colour.lower()}") for item in tiny_contract.legend}


def test_results_that_will_be_loaded_get_a_style(provider, image, model, tmp_path):
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("s2landcover:classify")
    context = QgsProcessingContext()
    paths = {"OUTPUT": str(tmp_path / "map.tif"), "CONFIDENCE": str(tmp_path / "sure.tif")}
    for name, path in paths.items():
        context.addLayerToLoadOnCompletion(path, QgsProcessingContext.LayerDetails(name, QgsProject.instance(), name))
    algorithm.run({"INPUT": image, "MODEL": str(model), **paths}, context, Log(), {}, False)
    styles = [type(context.layerToLoadOnCompletionDetails(path).postProcessor()) for path in paths.values()]
    assert styles == [ClassMapStyle, ConfidenceStyle]


def test_without_onnxruntime_the_command_that_adds_it_is_shown(run, image, model, tmp_path, no_onnxruntime):
    with pytest.raises(QgsProcessingException, match=r"onnxruntime.*Options.*run s2landcover:installruntime") as raised:
        run("classify", INPUT=image, MODEL=model, OUTPUT=tmp_path / "map.tif")
    assert "\n" not in str(raised.value)
    assert not (tmp_path / "map.tif").exists()


def test_only_files_are_read(run, model, tmp_path):
    web = QgsRasterLayer("type=xyz&url=https://example.org/{z}/{x}/{y}.png", "web map", "wms")
    with pytest.raises(QgsProcessingException, match="The layer 'web map' is not a raster file"):
        run("classify", INPUT=web, MODEL=model, OUTPUT=tmp_path / "map.tif")


def test_an_output_that_is_no_geotiff_is_refused(run, image, model, tmp_path):
    with pytest.raises(QgsProcessingException, match=r"Output 'Land cover'.*\.png.*end the file name in \.tif"):
        run("classify", INPUT=image, MODEL=model, OUTPUT=tmp_path / "map.png")


@pytest.mark.parametrize("size", [(1, 1), (300, 5)])
def test_any_size(run, model, tmp_path, size):
    stored = np.full((3, *size), 900, np.uint16)
    stored[1] = 2000
    image = write_scene(tmp_path / "small.tif", stored, grid=utm_grid(size[1], size[0]))
    results = run("classify", INPUT=image, MODEL=model, OUTPUT=tmp_path / "map.tif")
    assert (read(results["OUTPUT"]) == 2).all()


def test_an_unknown_model_is_refused_before_the_run(run, image, tmp_path):
    with pytest.raises(QgsProcessingException, match="There is no model 'nosuch'"):
        run("classify", INPUT=image, MODEL="nosuch", OUTPUT=tmp_path / "map.tif")


@pytest.fixture
def polygons(image):
    """A memory layer, in degrees, that holds the image's columns 4 to 12 and rows 5 to 15."""
    with open_raster(str(image)) as raster:
        grid = raster.grid
    layer = QgsVectorLayer("Polygon?crs=EPSG:4326", "area", "memory")
    corners = [QgsPointXY(*grid.xy(col, row)) for col, row in ((4, 5), (12, 5), (12, 15), (4, 15))]
    geometry = QgsGeometry.fromPolygonXY([corners])
    utm, degrees = QgsCoordinateReferenceSystem("EPSG:32633"), QgsCoordinateReferenceSystem("EPSG:4326")
    geometry.transform(QgsCoordinateTransform(utm, degrees, QgsProject.instance()))
    feature = QgsFeature()
    feature.setGeometry(geometry)
    layer.dataProvider().addFeatures([feature])
    return layer


def test_polygons_of_another_crs_limit_the_map(run, image, model, polygons, tmp_path, expected_classes):
    results = run("classify", INPUT=image, MODEL=model, OUTPUT=tmp_path / "map.tif", AREA=polygons)
    found = read(results["OUTPUT"])
    rows, cols = np.nonzero(found)
    np.testing.assert_array_equal(found[found > 0], expected_classes[5:15, 4:12][found > 0])
    assert results["VALID_PIXELS"] == np.count_nonzero(expected_classes[5:15, 4:12]) == len(rows)
    assert (np.ptp(rows) + 1, np.ptp(cols) + 1) == (10, 8)


def test_an_extent_limits_the_map(run, image, model, tmp_path, expected_classes):
    extent = "600040,600120,4999850,4999950 [EPSG:32633]"
    results = run("classify", INPUT=image, MODEL=model, OUTPUT=tmp_path / "map.tif", EXTENT=extent)
    np.testing.assert_array_equal(read(results["OUTPUT"]), expected_classes[5:15, 4:12])


def test_values_of_a_mask_are_left_out(run, image, model, tmp_path, expected_classes):
    scl = np.random.default_rng(0).integers(1, 12, (1, *expected_classes.shape)).astype(np.uint8)
    mask = write_scene(tmp_path / "scl.tif", scl, ("SCL",), nodata=0, scale=1.0)
    results = run("classify", INPUT=image, MODEL=model, OUTPUT=tmp_path / "map.tif", MASK=mask, MASK_VALUES="3, 8 9;10")
    hidden = np.isin(scl[0], (3, 8, 9, 10))
    np.testing.assert_array_equal(read(results["OUTPUT"]), np.where(hidden, 0, expected_classes))


def test_values_that_are_none_are_refused_before_the_run(run, image, model, tmp_path):
    with pytest.raises(QgsProcessingException, match="'cloud' is no class value"):
        run("classify", INPUT=image, MODEL=model, OUTPUT=tmp_path / "map.tif", MASK=image, MASK_VALUES="cloud")


@pytest.mark.parametrize("kind", ["percent", "float"])
def test_all_measures_are_named_outputs(run, image, model, tmp_path, kind, expected_classes):
    names = ("CONFIDENCE", "MARGIN", "ENTROPY", "PROBABILITIES")
    outputs = {name: tmp_path / f"{name.lower()}.tif" for name in names}
    results = run("classify", INPUT=image, MODEL=model, OUTPUT=tmp_path / "map.tif", PROBABILITY_TYPE=kind, **outputs)
    assert {name: Path(results[name]) for name in names} == outputs
    with open_raster(results["PROBABILITIES"]) as raster:
        shares, valid = raster.read_masked()
        assert len(raster.bands) == 3
        assert raster.bands[0].dtype == {"percent": "uint8", "float": "float32"}[kind]
    np.testing.assert_array_equal(valid[0], expected_classes > 0)
    whole = {"percent": 100, "float": 1}[kind]
    np.testing.assert_allclose(shares[:, valid[0]].astype(float).sum(axis=0), whole, atol=0.02 * whole)
    assert (read(results["MARGIN"])[expected_classes > 0] <= read(results["CONFIDENCE"])[expected_classes > 0]).all()


def test_precision_and_augmentation_are_passed_on(run, image, model, tmp_path, expected_classes):
    log = Log()
    results = run(
        "classify", log, INPUT=image, MODEL=model, OUTPUT=tmp_path / "map.tif", PRECISION="fast", TTA="all", BATCH=2
    )
    np.testing.assert_array_equal(read(results["OUTPUT"]), expected_classes)
    assert results["PRECISION_USED"] in ("float32", "bfloat16")
    assert any("fast is as accurate" in line or "gives the same class" in line for line in log.lines)
    with open_raster(results["OUTPUT"]) as raster:
        assert raster.tags["S2LC_AUGMENTATION"] == "all"


def test_the_map_is_refined_in_the_same_run(run, image, model, tmp_path, expected_classes):
    log = Log()
    results = run("classify", log, INPUT=image, MODEL=model, OUTPUT=tmp_path / "map.tif", MIN_MAPPING_UNIT=0.2)
    changed = np.count_nonzero(read(results["OUTPUT"]) != expected_classes)
    assert changed > 0
    assert f"{changed} pixels changed their class ({changed / 464:.1%})." in log.lines
    assert results["NODATA_PIXELS"] == 16
