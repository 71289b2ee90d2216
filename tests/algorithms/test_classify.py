# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import QgsApplication, QgsProcessingContext, QgsProcessingException, QgsProject, QgsRasterLayer

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
    with pytest.raises(QgsProcessingException, match=r"onnxruntime.*-m pip install.*numpy==") as raised:
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
