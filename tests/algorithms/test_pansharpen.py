# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessingException,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsReferencedRectangle,
)

from s2landcover_plugin.core.raster import open_raster
from tests.algorithms.log import Log
from tests.onnx_models import brightest_band_model
from tests.safe_products import SIZE, write_safe, zipped
from tests.scenes import random_stored, utm_grid, write_scene
from tests.sharpeners import edge_sharpener

FINE, COARSE = ("B02", "B03", "B04", "B08"), ("B05", "B11")


@pytest.fixture
def bands(tmp_path):
    """Loose band files of one place, named as in a product: four at 10 m, two at 20 m."""
    folder = tmp_path / "bands"
    folder.mkdir()
    fine, coarse = random_stored(48, 40, 4), random_stored(24, 20, 2, seed=1)
    written = {}
    for names, stored, gsd in ((FINE, fine, 10.0), (COARSE, coarse, 20.0)):
        for name, plane in zip(names, stored):
            grid = utm_grid(plane.shape[1], plane.shape[0], gsd)
            path = folder / f"T33UUB_20201005T101031_{name}_{gsd:.0f}m.tif"
            written[name] = write_scene(path, plane[np.newaxis], ("",), grid=grid)
    return written


def read(path):
    with open_raster(str(path)) as raster:
        return raster, raster.read()


def test_loose_bands_become_one_raster(run, bands, tmp_path):
    log = Log()
    results = run("pansharpen", log, BAND_FILES=list(bands.values()), OUTPUT=tmp_path / "stack.tif")
    raster, stored = read(results["OUTPUT"])
    assert results["BANDS_WRITTEN"] == "B02 B03 B04 B05 B08 B11"
    assert tuple(info.name for info in raster.bands) == ("B02", "B03", "B04", "B05", "B08", "B11")
    assert {(info.dtype, info.nodata, info.scale) for info in raster.bands} == {("uint16", 0.0, 0.0001)}
    assert (raster.grid.width, raster.grid.height) == (48, 40)
    np.testing.assert_array_equal(stored[0], read(bands["B02"])[1][0])
    means = stored[3].reshape(20, 2, 24, 2).mean(axis=(1, 3))
    assert abs(means.mean() - read(bands["B05"])[1].mean()) < 30
    assert log.progress() == 100


@pytest.mark.parametrize("name", ["S2A.SAFE.zip", "S2A.SAFE/MTD_MSIL2A.xml", "S2A.SAFE", "bands 1"])
def test_files_and_folders_can_be_given(provider, tmp_path, name):
    assert provider.algorithm("pansharpen").parameterDefinition("INPUT").checkValueIsAcceptable(str(tmp_path / name))


def test_a_folder_a_choice_of_bands_and_a_method(run, bands, tmp_path):
    folder = Path(next(iter(bands.values()))).parent
    results = run("pansharpen", INPUT=folder, BANDS="B11, 3", METHOD="none", OUTPUT="TEMPORARY_OUTPUT")
    raster, _ = read(results["OUTPUT"])
    assert {info.name for info in raster.bands} == {"B03", "B11"}
    assert results["OUTPUT"].endswith("OUTPUT.tif")


def test_a_network_of_ones_own(run, bands, tmp_path):
    inputs = {"BAND_FILES": list(bands.values()), "BANDS": "B05", "METHOD": "learned"}
    network = edge_sharpener(tmp_path / "edges.onnx")
    log = Log()
    results = run("pansharpen", log, **inputs, NETWORK=network, OUTPUT=tmp_path / "stack.tif")
    assert read(results["OUTPUT"])[0].tags["S2LC_NETWORK"] == "edges 1.0"
    output = tmp_path / "other.tif"
    with pytest.raises(QgsProcessingException, match="no sharpening network"):
        run("pansharpen", **inputs, NETWORK=brightest_band_model(tmp_path / "map.onnx"), OUTPUT=output)
    with pytest.raises(QgsProcessingException, match="There is no model file"):
        run("pansharpen", **inputs, NETWORK=tmp_path / "gone.onnx", OUTPUT=output)
    assert not output.exists()


@pytest.mark.parametrize("parameter", ["INPUT", "BAND_FILES"])
def test_a_zipped_product(run, tmp_path, parameter):
    archive = zipped(write_safe(tmp_path / "folder", "L1C"), tmp_path / "S2A ä.zip", "S2A.SAFE")
    results = run("pansharpen", **{parameter: str(archive)}, BANDS="B02 B05", OUTPUT=tmp_path / "stack.tif")
    assert (results["BANDS_WRITTEN"], results["LEVEL"]) == ("B02 B05", "L1C")


@pytest.mark.parametrize("mask", ["3,9", [0, 9], ["3", "9"], 9])
def test_the_scene_classification_masks_and_comes_along(run, tmp_path, mask):
    classes = np.full((SIZE // 2, SIZE // 2), 4)
    classes[:3] = 9
    safe = write_safe(tmp_path / "in", scl=classes)
    outputs = {"OUTPUT": tmp_path / "stack.tif", "SCL": tmp_path / "scl.tif"}
    results = run("pansharpen", INPUT=safe, BANDS="B02 B05", MASK_CLASSES=mask, **outputs)
    _, stored = read(results["OUTPUT"])
    scl, values = read(results["SCL"])
    np.testing.assert_array_equal(values[0], classes.repeat(2, axis=0).repeat(2, axis=1))
    assert (stored[:, :6] == 0).all() and (stored[:, 6:] > 0).all()
    assert scl.categories[9] == "Cloud high probability"


def test_the_mask_grows_and_the_cover_is_told(run, tmp_path):
    classes = np.full((SIZE // 2, SIZE // 2), 4)
    classes[:3], classes[3:6] = 9, 3
    safe = write_safe(tmp_path / "in", scl=classes)
    log = Log()
    options = {"MASK_CLASSES": [9], "MASK_GROWTH": 2, "VALIDITY": tmp_path / "validity.tif"}
    results = run("pansharpen", log, INPUT=safe, BANDS="B02", OUTPUT=tmp_path / "stack.tif", **options)
    np.testing.assert_array_equal(np.flatnonzero((read(results["VALIDITY"])[1][0] == 3).all(axis=1)), range(8))
    covers = {name: value for name, value in results.items() if name.endswith("_COVER")}
    assert covers == {"CLOUD_COVER": 25, "SHADOW_COVER": 25, "SNOW_COVER": 0}
    assert any("25.0% cloud" in line for line in log.lines)


@pytest.mark.parametrize(
    "extent",
    [
        "600065,600115,4999950,4999990 [EPSG:32633]",
        "16.2729,16.2731,45.1460,45.1462 [EPSG:4326]",
        QgsReferencedRectangle(
            QgsRectangle(600065, 4999950, 600115, 4999990), QgsCoordinateReferenceSystem("EPSG:32633")
        ),
    ],
)
def test_an_extent_in_any_crs(run, tmp_path, extent):
    safe = write_safe(tmp_path)
    results = run("pansharpen", INPUT=safe, BANDS="B02 B01", EXTENT=extent, OUTPUT=tmp_path / "part.tif")
    raster, _ = read(results["OUTPUT"])
    assert (raster.grid.width, raster.grid.height, raster.grid.xy(0, 0)) == (6, 6, (600060.0, 5000000.0))
    with pytest.raises(QgsProcessingException, match="lies outside the product"):
        run("pansharpen", INPUT=safe, EXTENT="0,1,0,1 [EPSG:32633]", OUTPUT=tmp_path / "part.tif")


def test_a_cloud_optimised_geotiff(run, bands, tmp_path):
    options = {"FORMAT": "COG", "COMPRESS": "LZW", "OUTPUT": tmp_path / "stack.tif"}
    run("pansharpen", BAND_FILES=list(bands.values()), **options)
    assert b"LAYOUT=IFDS_BEFORE_DATA" in (tmp_path / "stack.tif").read_bytes()[:1000]
    with pytest.raises(QgsProcessingException, match="cannot be 'JPEG'"):
        run("pansharpen", BAND_FILES=list(bands.values()), **{**options, "COMPRESS": "JPEG"})


def test_validity_and_quality_come_along(run, bands, tmp_path):
    log = Log()
    outputs = {"VALIDITY": tmp_path / "validity.tif", "QUALITY": tmp_path / "quality.html"}
    results = run("pansharpen", log, BAND_FILES=list(bands.values()), OUTPUT=tmp_path / "stack.tif", **outputs)
    mask, values = read(results["VALIDITY"])
    assert (values == 1).all() and mask.categories[3] == "Masked"
    page = Path(results["QUALITY"]).read_text(encoding="utf-8")
    names = ("RMSE", "RMSE_CUBIC", "ERGAS", "SAM", "Q", "CONSISTENCY")
    rmse, cubic, ergas, sam, q, consistency = (results[f"QUALITY_{name}"] for name in names)
    assert f'<dd class="figure">{rmse:.1f}</dd>' in page and f"(cubic: {cubic:.1f})" in page
    assert min(rmse, cubic, ergas, sam, consistency) > 0 and -1 <= q <= 1
    assert log.progress() == 100


def test_figures_are_given_only_if_asked_for_and_measured(run, bands, tmp_path):
    options = {"BAND_FILES": list(bands.values()), "OUTPUT": tmp_path / "stack.tif"}
    plain = run("pansharpen", **options)
    assert not [name for name in plain if name.startswith(("QUALITY", "VALIDITY"))]
    nothing = run("pansharpen", **options, BANDS="B02 B08", QUALITY=tmp_path / "quality.html")
    assert [name for name in nothing if name.startswith("QUALITY")] == ["QUALITY"]
    assert "nothing was measured" in (tmp_path / "quality.html").read_text(encoding="utf-8")


def test_layers_serve_as_bands(run, bands, tmp_path):
    layers = [QgsRasterLayer(path, name) for name, path in bands.items()]
    QgsProject.instance().addMapLayers(layers)
    results = run("pansharpen", BAND_FILES=layers, OUTPUT=tmp_path / "stack.tif")
    assert results["BANDS_WRITTEN"].split() == sorted(bands)
    QgsProject.instance().removeAllMapLayers()


def test_either_a_product_or_bands(run, bands, tmp_path):
    output = tmp_path / "stack.tif"
    with pytest.raises(QgsProcessingException, match="neither was given"):
        run("pansharpen", OUTPUT=output)
    with pytest.raises(QgsProcessingException, match="both were given"):
        run("pansharpen", INPUT=tmp_path, BAND_FILES=list(bands.values()), OUTPUT=output)
    with pytest.raises(QgsProcessingException, match="'B77' is not a Sentinel-2 band"):
        run("pansharpen", INPUT=tmp_path, BANDS="B77", OUTPUT=output)
    with pytest.raises(QgsProcessingException, match="gone"):
        run("pansharpen", INPUT=tmp_path / "gone.SAFE", OUTPUT=output)
    with pytest.raises(QgsProcessingException, match="is also an input"):
        run("pansharpen", BAND_FILES=list(bands.values()), OUTPUT=bands["B02"])
    assert not output.exists()
