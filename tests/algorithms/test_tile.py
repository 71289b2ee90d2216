# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeature,
    QgsGeometry,
    QgsProcessingException,
    QgsProject,
    QgsRectangle,
    QgsVectorFileWriter,
    QgsVectorLayer,
)

from s2landcover_plugin.core.raster import Grid
from s2landcover_plugin.core.tiling.dataset import DatasetInfo
from tests.scenes import random_stored, write_scene

SIZE, COLUMNS, ROWS = 16, 12, 10
X0, Y0 = 600000.0, 5000000.0


@pytest.fixture
def large(tmp_path):
    return write_scene(tmp_path / "large.tif", random_stored(SIZE * COLUMNS, SIZE * ROWS))


@pytest.fixture
def labels(tmp_path, tiny_contract):
    random = np.random.default_rng(3)
    values = random.choice(np.array(tiny_contract.legend.values, np.uint8), (1, SIZE * ROWS, SIZE * COLUMNS))
    legend = tiny_contract.legend
    fields = {"scale": 1.0, "categories": legend.names, "colours": legend.colours}
    return write_scene(tmp_path / "labels.tif", values, ("classes",), **fields)


def test_an_image_with_labels_becomes_a_dataset(run, large, labels, tmp_path, tiny_contract):
    results = run("tile", INPUT=large, LABELS=labels, TILE_SIZE=SIZE, OUTPUT=tmp_path / "dataset")
    folder = Path(results["OUTPUT"])
    info = DatasetInfo.read(folder)
    assert results["TILE_COUNT"] == len(info.tiles) > 60
    assert Path(results["REPORT"]) == folder / "report.html" and (folder / "report.html").is_file()
    counts = [results[name] for name in ("TRAIN_COUNT", "VALIDATION_COUNT", "TEST_COUNT")]
    assert counts == [len(info.split(name)) for name in ("train", "validation", "test")]
    assert min(counts) > 0
    assert counts[0] > counts[1] + counts[2]
    assert info.bands == ("B02", "B03", "B04")
    assert info.legend.names == tiny_contract.legend.names
    assert len(list((folder / "images").glob("*.tif"))) == len(list((folder / "labels").glob("*.tif")))
    index = QgsVectorLayer(str(folder / "index.gpkg"), "index")
    assert index.featureCount() == len(info.tiles)


def test_the_numbers_reach_core(run, large, tmp_path):
    given = {"TILE_SIZE": 32, "OVERLAP": 16, "VALIDATION_SHARE": 0, "TEST_SHARE": 30, "SEED": 5, "BLOCK_SIZE": 32}
    run("tile", INPUT=large, OUTPUT=tmp_path / "dataset", **given)
    info = DatasetInfo.read(tmp_path / "dataset")
    assert (info.tile_size, info.overlap) == (32, 16)
    assert not info.split("validation")
    run("tile", INPUT=large, OUTPUT=tmp_path / "apart", **given, BUFFER=20)
    assert len(DatasetInfo.read(tmp_path / "apart").tiles) < len(info.tiles)
    assert info.split("test")
    assert info.legend is None
    result = run("tile", INPUT=large, OUTPUT=tmp_path / "unchecked", TILE_SIZE=SIZE, CHECK=False)
    assert "REPORT" not in result and not (tmp_path / "unchecked" / "report.html").exists()


def test_several_images_masks_and_choices_reach_core(run, large, labels, tmp_path):
    later = write_scene(tmp_path / "later_20200801.tif", random_stored(SIZE * COLUMNS, SIZE * ROWS, seed=4))
    classes = np.full((1, SIZE * ROWS, SIZE * COLUMNS), 4, np.uint8)
    classes[:, : SIZE * 2] = 9
    mask = write_scene(tmp_path / "scl.tif", classes, ("SCL",), scale=1.0)
    given = {"MAX_CLOUD": 40, "SPLIT_BY": "folds", "FOLDS": 3, "EDGES": "pad", "MAX_REPEAT": 4}
    run("tile", INPUT=[large, later], LABELS=[labels], MASK=mask, TILE_SIZE=40, OUTPUT=tmp_path / "dataset", **given)
    info = DatasetInfo.read(tmp_path / "dataset")
    assert {tile.date for tile in info.tiles} == {"", "2020-08-01"}
    assert max(tile.cloud_fraction for tile in info.tiles) <= 0.4
    assert min(tile.row for tile in info.tiles) == 40
    assert max(tile.row for tile in info.tiles) == 120
    assert info.folds == (1, 2, 3)


def test_groups_come_from_a_table(run, large, tmp_path):
    (tmp_path / "groups.csv").write_text("file,region\nlarge.tif,north\n")
    given = {"SPLIT_BY": "groups", "GROUPS": tmp_path / "groups.csv", "TILE_SIZE": 16}
    run("tile", INPUT=large, OUTPUT=tmp_path / "dataset", **given)
    assert {tile.place for tile in DatasetInfo.read(tmp_path / "dataset").tiles} == {"north"}


def test_photographs_with_masks_of_colours(run, tmp_path):
    nowhere = {"grid": Grid(40, 36, (0, 1, 0, 0, 0, 1)), "nodata": None, "scale": 1.0}
    numbers = np.random.default_rng(1).integers(0, 256, (4, 36, 40), dtype=np.uint8)
    photograph = write_scene(tmp_path / "photograph.tif", numbers, ("", "", "", ""), **nowhere)
    colours = np.zeros((3, 36, 40), np.uint8) + np.array([0x6E, 0xC1, 0xE6], np.uint8)[:, None, None]
    mask = write_scene(tmp_path / "mask.tif", colours, ("", "", ""), **nowhere)
    given = {"INPUT": photograph, "LABELS": mask, "TILE_SIZE": SIZE, "EDGES": "drop", "OUTPUT": tmp_path / "dataset"}
    with pytest.raises(QgsProcessingException, match="give the size of its pixels in metres"):
        run("tile", **given, VALUES="stored", PRESET="dubai-aerial")
    meaning = {"VALUES": "stored", "PIXEL_SIZE": 0.5, "BAND_ORDER": "1, 2, 3", "PRESET": "dubai-aerial"}
    with pytest.raises(QgsProcessingException, match="have too few labels"):
        run("tile", **given, **meaning)
    run("tile", **given, **meaning, TOLERANCE=2, SPLIT_BY="random")
    info = DatasetInfo.read(tmp_path / "dataset")
    assert (info.values, info.bands, info.gsd, len(info.tiles)) == ("stored", ("1", "2", "3"), 0.5, 4)
    assert sum(count[3] for count in info.class_pixels.values()) == 4 * SIZE**2
    assert not (tmp_path / "dataset" / "index.gpkg").exists()


def districts():
    """Return a layer in memory: two areas, in degrees, that leave the last columns of the image out."""
    layer = QgsVectorLayer("Polygon?crs=EPSG:4326&field=district:integer", "districts", "memory")
    into = QgsCoordinateTransform(
        QgsCoordinateReferenceSystem("EPSG:32633"), layer.crs(), QgsProject.instance().transformContext()
    )
    for number, first, last in ((7, -4, 6), (9, 6, 10)):
        feature = QgsFeature(layer.fields())
        box = QgsRectangle(X0 + 10 * SIZE * first, Y0 - 10 * SIZE * ROWS - 100, X0 + 10 * SIZE * last, Y0 + 100)
        shape = QgsGeometry.fromRect(box).densifyByCount(20)
        shape.transform(into)
        feature.setGeometry(shape)
        feature["district"] = number
        layer.dataProvider().addFeature(feature)
    return layer


def test_groups_come_from_polygons(run, large, tmp_path):
    layer = districts()
    given = {"SPLIT_BY": "groups", "GROUP_FIELD": "district", "TILE_SIZE": SIZE, "TEST_SHARE": 0}
    run("tile", INPUT=large, GROUP_POLYGONS=layer, OUTPUT=tmp_path / "dataset", **given)
    found = DatasetInfo.read(tmp_path / "dataset")
    assert {(tile.place, tile.col // SIZE < 6) for tile in found.tiles} == {("7", True), ("9", False)}
    assert max(tile.col for tile in found.tiles) == 9 * SIZE
    assert all(len({tile.place for tile in found.split(name)}) == 1 for name in ("train", "validation"))
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName = "ESRI Shapefile"
    path = str(tmp_path / "districts.shp")
    QgsVectorFileWriter.writeAsVectorFormatV3(layer, path, QgsProject.instance().transformContext(), options)
    run("tile", INPUT=large, GROUP_POLYGONS=path, OUTPUT=tmp_path / "again", **given)
    assert DatasetInfo.read(tmp_path / "again").tiles == found.tiles


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"SPLIT_BY": "groups"}, "got neither"),
        ({"SPLIT_BY": "groups", "GROUP_POLYGONS": "x.gpkg"}, r"which field of x\.gpkg"),
        ({"SPLIT_BY": "groups", "GROUP_POLYGONS": "x.gpkg", "GROUP_FIELD": "a"}, r"\(GROUP_POLYGONS\): x\.gpkg cannot"),
    ],
)
def test_groups_that_nothing_says_are_refused(run, large, tmp_path, options, message):
    with pytest.raises(QgsProcessingException, match=message):
        run("tile", INPUT=large, OUTPUT=tmp_path / "dataset", **options)
    assert not (tmp_path / "dataset").exists()


def test_a_temporary_folder(run, large):
    results = run("tile", INPUT=large, TILE_SIZE=SIZE, OUTPUT="TEMPORARY_OUTPUT")
    assert (Path(results["OUTPUT"]) / "dataset.json").is_file()


def test_a_dataset_is_not_written_over_another(run, large, tmp_path):
    run("tile", INPUT=large, TILE_SIZE=SIZE, OUTPUT=tmp_path / "dataset")
    with pytest.raises(QgsProcessingException, match="dataset"):
        run("tile", INPUT=large, TILE_SIZE=SIZE, OUTPUT=tmp_path / "dataset")
