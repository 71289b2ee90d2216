# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProject,
    QgsRasterLayer,
    QgsVectorFileWriter,
    QgsVectorLayer,
)

from s2landcover_plugin.algorithms.styling import ClassMapStyle
from s2landcover_plugin.core.raster import Grid, open_raster
from tests.algorithms.log import Log
from tests.scenes import utm_grid, write_scene

IMAGE = utm_grid(20, 24)  # the `image` fixture's
FINE = Grid(200, 240, (600000.0, 1.0, 0.0, 5000000.0, 0.0, -1.0), IMAGE.crs)


def read(path):
    with open_raster(str(path)) as raster:
        return raster.read()[0]


@pytest.fixture
def labels(tmp_path):
    """1 m labels: vegetation on the left, water on the right, a thin line of snow, cloud below."""
    codes = np.full((240, 200), 4, np.uint8)
    codes[:, 100:] = 6
    codes[:, 53:56] = 11
    codes[200:] = 9
    return write_scene(tmp_path / "labels.tif", codes[np.newaxis], ("SCL",), grid=FINE, scale=1.0, nodata=None)


def test_labels_come_onto_the_images_pixels_with_the_classes_of_a_preset(run, image, labels, tmp_path):
    log = Log()
    results = run("alignlabels", log, INPUT=image, LABELS=labels, PRESET="scl-surface", OUTPUT=tmp_path / "out.tif")
    found = read(results["OUTPUT"])
    assert found.shape == (24, 20)
    assert found[0].tolist() == [1] * 10 + [3] * 10
    assert not found[20:].any()
    figures = {name: value for name, value in results.items() if name != "OUTPUT"}
    assert figures == {
        "LABELLED_PIXELS": 400,
        "NODATA_PIXELS": 80,
        "LABELLED_SHARE": pytest.approx(100 * 400 / 480),
        "UNKNOWN_LABELS": 0,
        "CLASSES": 2,
    }
    assert "1 Vegetation: 200 pixels (50.0%)" in log.lines
    assert log.progress() == 100


def test_every_option_reaches_the_core(run, image, labels, tmp_path):
    (tmp_path / "table.csv").write_text(
        "from_value,value,name,colour\n4,7,Green,00FF00\n6,2,Blue,0000FF\n11,3,White,\n"
    )
    table = tmp_path / "table.csv"
    for options, unknown, row in (
        ({}, 0, [4] * 10 + [6] * 10),
        ({"TABLE": table}, 8000, [7] * 10 + [2] * 10),
        ({"TABLE": table, "UNLISTED": "keep"}, 8000, [7] * 10 + [2] * 10),
        ({"TABLE": table, "METHOD": "weighted", "WEIGHTS": "white: 3"}, 8000, [7] * 5 + [3] + [7] * 4 + [2] * 10),
        ({"TABLE": table, "METHOD": "nearest"}, 8000, [7] * 5 + [3] + [7] * 4 + [2] * 10),
    ):
        results = run("alignlabels", INPUT=image, LABELS=labels, OUTPUT=tmp_path / "out.tif", **options)
        found = read(results["OUTPUT"])
        assert (results["UNKNOWN_LABELS"], found[0].tolist()) == (unknown, row), options
        assert found[23, 0] == (9 if options.get("UNLISTED") == "keep" or not options else 0)


def test_a_mask_of_colours_may_be_a_little_off(run, image, tmp_path):
    mask = np.zeros((3, 24, 20), np.uint8)
    mask[:, :, 10:] = np.array([0xE4, 0xA7, 0x2A])[:, None, None]
    path = write_scene(tmp_path / "mask.tif", mask, ("red", "green", "blue"), grid=IMAGE, scale=1.0, nodata=None)
    for tolerance, labelled in ((2, 240), (1, 0)):
        options = {"PRESET": "dubai-aerial", "TOLERANCE": tolerance, "OUTPUT": tmp_path / "out.tif"}
        if labelled:
            assert run("alignlabels", INPUT=image, LABELS=path, **options)["LABELLED_PIXELS"] == labelled
        else:
            with pytest.raises(QgsProcessingException, match=r"lists none of the labels .* #E4A72A \(240\)"):
                run("alignlabels", INPUT=image, LABELS=path, **options)


def polygons():
    """Return a layer in memory: two polygons in degrees, and one far away."""
    layer = QgsVectorLayer("Polygon?crs=EPSG:4326&field=kind:string", "fields", "memory")
    x, y, width, height = 16.273, 45.146, 0.00127, 0.002
    features = []
    for kind, shift in (("wood", 0.0), ("water", width), ("far", 5.0)):
        feature = QgsFeature(layer.fields())
        left, right = x + shift, x + shift + width
        feature.setGeometry(
            QgsGeometry.fromWkt(
                f"POLYGON(({left} {y}, {right} {y}, {right} {y - height}, {left} {y - height}, {left} {y}))"
            )
        )
        feature["kind"] = kind
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    return layer


def test_polygons_of_a_layer_in_memory_and_of_a_file_give_the_same(run, tmp_path):
    big = write_scene(tmp_path / "big.tif", np.ones((1, 60, 60), np.uint16), ("B02",))
    layer = polygons()
    path = str(tmp_path / "fields.gpkg")
    QgsVectorFileWriter.writeAsVectorFormatV3(
        layer, path, QgsProject.instance().transformContext(), QgsVectorFileWriter.SaveVectorOptions()
    )
    options = {"INPUT": big, "FIELD": "kind", "MIN_LABELLED": 0}
    memory = run("alignlabels", POLYGONS=layer, OUTPUT=tmp_path / "a.tif", **options)
    file = run("alignlabels", POLYGONS=path, OUTPUT=tmp_path / "b.tif", **options)
    np.testing.assert_array_equal(read(memory["OUTPUT"]), read(file["OUTPUT"]))
    assert memory["CLASSES"] == 2
    assert 400 < memory["LABELLED_PIXELS"] < 1000


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "one of the two"),
        ({"LABELS": "labels", "POLYGONS": "x.gpkg", "FIELD": "kind"}, "one of the two"),
        ({"POLYGONS": "x.gpkg"}, "Give the field"),
        ({"LABELS": "labels", "METHOD": "weighted"}, "needs weights"),
        ({"LABELS": "labels", "METHOD": "weighted", "WEIGHTS": "water"}, "weight 'water' is not understood"),
        ({"LABELS": "labels", "PRESET": "scl", "TABLE": "x.csv"}, "Give one class table"),
        ({"LABELS": "labels", "TABLE": "x.csv"}, r"x\.csv cannot be read"),
        ({"POLYGONS": "x.gpkg", "FIELD": "kind"}, r"\(POLYGONS\): x\.gpkg cannot be opened"),
    ],
)
def test_what_cannot_work_is_refused(run, image, labels, tmp_path, options, message):
    options = {name: labels if value == "labels" else value for name, value in options.items()}
    with pytest.raises(QgsProcessingException, match=message):
        run("alignlabels", INPUT=image, OUTPUT=tmp_path / "out.tif", **options)
    assert not (tmp_path / "out.tif").exists()


def test_the_result_is_styled_in_the_desktop_and_beside_the_file(run, image, labels, tmp_path):
    context, path = QgsProcessingContext(), str(tmp_path / "out.tif")
    context.addLayerToLoadOnCompletion(path, QgsProcessingContext.LayerDetails("x", QgsProject.instance(), "x"))
    run("alignlabels", None, context, INPUT=image, LABELS=labels, PRESET="scl", OUTPUT=path)
    assert type(context.layerToLoadOnCompletionDetails(path).postProcessor()) is ClassMapStyle
    layer = QgsRasterLayer(path, "x")
    shown = {item.value: item.label for item in layer.renderer().classes()}
    assert (len(shown), shown[6]) == (11, "Water")
