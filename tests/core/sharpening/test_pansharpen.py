# SPDX-License-Identifier: GPL-2.0-or-later
import shutil
from dataclasses import replace

import numpy as np
import pytest

from s2landcover_plugin.core.bands import BANDS, L2A_BANDS
from s2landcover_plugin.core.errors import Cancelled, GridError, InputError, ModelError, OutputError, ProductError
from s2landcover_plugin.core.legend import LandCoverClass, Legend, legend_of
from s2landcover_plugin.core.output_format import COMPRESSIONS, FORMATS
from s2landcover_plugin.core.products.scene_classification import SCL_LEGEND
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.raster import crs_name, open_raster
from s2landcover_plugin.core.sharpening import blocks as module
from s2landcover_plugin.core.sharpening import network as network_module
from s2landcover_plugin.core.sharpening.multiresolution import degrade
from s2landcover_plugin.core.sharpening.pansharpen import PansharpenRequest, pansharpen, scene_crs
from tests.listeners import Recorder
from tests.safe_products import SIZE, pattern, write_band, write_loose, write_safe
from tests.scenes import random_stored, utm_grid
from tests.sharpeners import edge_sharpener, sharpener_contract

GUIDES = ("B02", "B03", "B04", "B08")


def sharpened(inputs, output, **options):
    result = pansharpen(PansharpenRequest(tuple(map(str, inputs)), str(output), **options), SilentProgress())
    with open_raster(result.output) as raster:
        return result, raster.read(), raster


def write_landscape(folder, size):
    """Write the guides, a 20 m and a 60 m band of a scene that is without data at its upper edge."""
    for index, band in enumerate((*GUIDES, "B05", "B09")):
        fine = random_stored(size, size, 1, seed=index)[0] / 10000
        factor = BANDS[band].gsd // 10
        image = degrade(fine.astype(np.float32), factor, 0.4) if factor > 1 else fine
        image[:3] = 0
        write_band(folder / f"{band}.tif", image, BANDS[band].gsd)


@pytest.mark.parametrize("level", ["L1C", "L2A"])
def test_a_product_becomes_one_stack_of_reflectance(tmp_path, level):
    result, stored, raster = sharpened([write_safe(tmp_path / "ä b", level)], tmp_path / "ö c" / "stack.tif")
    expected = tuple(BANDS) if level == "L1C" else L2A_BANDS
    assert result.bands == expected == tuple(info.name for info in raster.bands)
    assert result.level == raster.tags["S2LC_LEVEL"] == level
    assert raster.tags["S2LC_METHOD"] == "regression"
    assert raster.tags["S2LC_PRODUCT"] == f"S2A_MSI{level}_TEST"
    assert {(info.dtype, info.nodata, info.scale) for info in raster.bands} == {("uint16", 0, 0.0001)}
    assert stored.shape == (len(expected), SIZE, SIZE)
    # All bands show the same ground, so the fine ones are the truth of the coarse ones.
    np.testing.assert_allclose(stored[expected.index("B02")], pattern(10) * 10000, atol=0.51)
    truth = stored[expected.index("B02")].astype(float)
    error = np.abs(stored[expected.index("B05")] - truth).mean()
    assert error < 0.2 * truth.std()


def test_the_same_ground_gives_the_same_stack_with_and_without_offset(tmp_path):
    _, old, _ = sharpened([write_safe(tmp_path / "old", offset=None)], tmp_path / "old.tif")
    _, new, _ = sharpened([write_safe(tmp_path / "new", offset=-1000)], tmp_path / "new.tif")
    np.testing.assert_allclose(old.astype(int), new.astype(int), atol=1)


def test_bands_wanted_come_in_native_order(tmp_path):
    result, stored, _ = sharpened([write_safe(tmp_path)], tmp_path / "out.tif", bands=("B12", "B03", "B01"))
    assert result.bands == ("B01", "B03", "B12")
    assert stored.shape[0] == 3


def test_nodata_and_low_reflectance_stay_apart(tmp_path):
    paths = []
    for band, gsd in (*((guide, 10) for guide in GUIDES), ("B11", 20)):
        image = np.full((SIZE * 10 // gsd,) * 2, 0.2)
        image[: SIZE * 5 // gsd, : SIZE * 5 // gsd] = -0.1  # stored as 0: nodata
        image[-2:, -2:] = -0.09  # below zero, but valid
        paths.append(write_band(tmp_path / f"{band}.tif", image + 0.1, gsd, scale=0.0001, offset=0))
    _, stored, _ = sharpened(paths, tmp_path / "out.tif")
    half = SIZE // 2
    assert (stored[:, :half, :half] == 0).all()
    assert (stored[:, half:, half:] > 0).all() and (stored[:, :half, half:] > 0).all()


@pytest.mark.parametrize("method", ["regression", "learned", "none", "brovey"])
def test_blocks_leave_no_seams(tmp_path, monkeypatch, method):
    network = str(edge_sharpener(tmp_path / "edges.onnx", sharpener_contract(context=10)))
    write_landscape(tmp_path / "in", 480)
    _, whole, _ = sharpened([tmp_path / "in"], tmp_path / "whole.tif", method=method, network=network)
    monkeypatch.setattr(module, "_BLOCK_PIXELS", 1)
    monkeypatch.setattr(module, "_TILE_ROWS", 160)
    monkeypatch.setattr(module, "_TILE_COLS", 250)
    _, pieces, _ = sharpened([tmp_path / "in"], tmp_path / "pieces.tif", method=method, network=network)
    # Noise makes the systems nearly singular: rounding shows in the last digit, and here and there by two.
    np.testing.assert_allclose(pieces.astype(int), whole.astype(int), atol=2)
    assert (pieces != whole).mean() < 0.01


def test_a_network_corrects_the_bands_that_it_knows(tmp_path):
    write_landscape(tmp_path / "in", 120)
    network = str(edge_sharpener(tmp_path / "edges.onnx", strengths=(0.5, 0.5)))
    options = {"bands": ("B05", "B09"), "network": network}
    _, plain, _ = sharpened([tmp_path / "in"], tmp_path / "plain.tif", **options)
    _, corrected, raster = sharpened([tmp_path / "in"], tmp_path / "corrected.tif", method="learned", **options)
    assert (raster.tags["S2LC_METHOD"], raster.tags["S2LC_NETWORK"]) == ("learned", "edges 1.0")
    np.testing.assert_array_equal(corrected[1], plain[1])
    assert np.abs(corrected[0].astype(int) - plain[0])[10:].mean() > 100
    listener = Recorder()
    pansharpen(
        PansharpenRequest((str(tmp_path / "in"),), str(tmp_path / "o.tif"), method="learned", **options), listener
    )
    assert "The network edges 1.0 sharpens B05." in listener.infos
    assert "It does not know B09: these are sharpened by regression." in listener.infos


def test_the_quality_of_a_network_is_measured_at_its_own_blur(tmp_path):
    write_landscape(tmp_path / "in", 240)
    network = str(edge_sharpener(tmp_path / "edges.onnx"))
    page = tmp_path / "quality.html"
    options = {"bands": ("B05",), "method": "learned", "network": network, "quality": str(page)}
    result, _, _ = sharpened([tmp_path / "in"], tmp_path / "out.tif", **options)
    learned, plain = (result.quality.headline(method) for method in ("learned", "regression"))
    assert page.is_file() and learned.rmse != plain.rmse
    assert learned.consistency < 60


def test_without_a_network_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(network_module, "SHARPENERS_FOLDER", tmp_path / "none")
    write_landscape(tmp_path / "in", 60)
    with pytest.raises(ModelError, match="No sharpening network"):
        sharpened([tmp_path / "in"], tmp_path / "out.tif", method="learned")
    assert not (tmp_path / "out.tif").exists()


@pytest.mark.parametrize(
    ("method", "corner"), [("regression", (204, 186)), ("regression", (420, 0)), ("none", (204, 186))]
)
def test_a_part_shows_what_the_whole_scene_does(tmp_path, monkeypatch, method, corner):
    write_landscape(tmp_path / "in", 480)
    _, whole, _ = sharpened([tmp_path / "in"], tmp_path / "whole.tif", method=method)
    monkeypatch.setattr(module, "_BLOCK_PIXELS", 1)
    monkeypatch.setattr(module, "_TILE_ROWS", 32)
    left, top = 600000 + 10 * corner[0], 5000000 - 10 * corner[1]
    extent = (left, top - 10 * 54, left + 10 * 60, top)
    _, part, _ = sharpened([tmp_path / "in"], tmp_path / "part.tif", method=method, extent=extent)
    expected = whole[:, corner[1] :, corner[0] :][:, :54, :60].astype(int)
    assert part.shape == expected.shape
    # The same but for rounding.
    np.testing.assert_allclose(part.astype(int), expected, atol=1)
    assert (part != expected).mean() < 0.01


def test_bands_of_one_grid_are_stacked_as_they_are(tmp_path):
    listener = Recorder()
    inputs = tuple(write_loose(tmp_path, ("B05", "B11")))
    pansharpen(PansharpenRequest(inputs, str(tmp_path / "out.tif")), listener)
    assert listener.infos == ["All bands lie on one grid of 20; they are stacked as they are."]
    assert "taken as reflectance x 10000" in listener.warnings[0]
    with open_raster(str(tmp_path / "out.tif")) as raster:
        np.testing.assert_allclose(raster.read()[0], pattern(20) * 10000, atol=0.51)
        assert raster.tags["S2LC_METHOD"] == "none"


def test_progress_rises_to_one(tmp_path):
    listener = Recorder()
    pansharpen(PansharpenRequest((str(write_safe(tmp_path)),), str(tmp_path / "out.tif")), listener)
    assert listener.fractions == sorted(listener.fractions)
    assert listener.fractions[-1] == pytest.approx(1.0)


@pytest.mark.parametrize("after", [0, 2, 4])
def test_cancelling_leaves_nothing_behind(tmp_path, after):
    safe = write_safe(tmp_path / "in")
    with pytest.raises(Cancelled):
        pansharpen(PansharpenRequest((str(safe),), str(tmp_path / "out" / "x.tif")), Recorder(cancel_after=after))
    assert list((tmp_path / "out").iterdir()) == []


def test_a_product_without_valid_pixels_is_refused(tmp_path):
    path = write_band(tmp_path / "B02.tif", np.zeros((8, 8)), 10)
    with pytest.raises(ProductError, match="has no valid pixel in B02"):
        sharpened([path], tmp_path / "out" / "x.tif")
    assert list((tmp_path / "out").iterdir()) == []


def test_the_output_must_not_replace_an_input(tmp_path):
    path = write_band(tmp_path / "B02.tif", pattern(10), 10)
    with pytest.raises(OutputError, match="is also an input"):
        sharpened([path], path)


@pytest.mark.parametrize("method", ["none", "regression"])
def test_a_part_of_a_scene(tmp_path, method):
    safe = write_safe(tmp_path, scl=classified())
    options = {"method": method, "mask_classes": (9,)}
    _, whole, _ = sharpened([safe], tmp_path / "whole.tif", **options)
    extent = (600065.0, 4999870.0, 600170.0, 4999990.0)
    result, part, raster = sharpened(
        [safe], tmp_path / "part.tif", extent=extent, scl=str(tmp_path / "scl.tif"), **options
    )
    assert (raster.grid.xy(0, 0), part.shape[1:]) == ((600060.0, 5000000.0), (18, 12))
    with open_raster(result.scl) as scl:
        np.testing.assert_array_equal(scl.read()[0], classified().repeat(2, axis=0).repeat(2, axis=1)[:18, 6:18])
    np.testing.assert_array_equal(part, whole[:, :18, 6:18])


def test_the_crs_of_a_scene_is_known_before_it_is_read(tmp_path):
    assert crs_name(scene_crs([str(write_safe(tmp_path))])) == "EPSG:32633"


def classified():
    """Return classes at 20 m: a cloud, its shadow, a defect, and land."""
    classes = np.full((SIZE // 2, SIZE // 2), 4)
    classes[:3, :4], classes[5, 5], classes[-1], classes[:, -1] = 9, 3, 1, 0
    return classes


def test_the_scene_classification_comes_along_and_masks(tmp_path):
    safe = write_safe(tmp_path, scl=classified())
    _, plain, _ = sharpened([safe], tmp_path / "plain.tif")
    options = {"scl": str(tmp_path / "scl.tif"), "mask_classes": (9, 3)}
    result, stored, _ = sharpened([safe], tmp_path / "out.tif", **options)
    with open_raster(result.scl) as raster:
        fine = classified().repeat(2, axis=0).repeat(2, axis=1)
        np.testing.assert_array_equal(raster.read()[0], fine)
        assert raster.grid == result.grid
        assert legend_of(raster) == Legend(tuple(LandCoverClass(c.value, c.name, c.colour) for c in SCL_LEGEND))
        assert raster.bands[0].nodata == 0
    np.testing.assert_array_equal(stored, np.where(np.isin(fine, (3, 9)), 0, plain))
    assert "Cloud shadows" in (tmp_path / "scl.qml").read_text()


def test_masking_without_writing_the_classification(tmp_path):
    classes = np.maximum(classified(), 1)
    safe = write_safe(tmp_path / "in", scl=classes)
    _, stored, _ = sharpened([safe], tmp_path / "out" / "x.tif", mask_classes=(4,))
    assert ((stored[0] > 0) == (classes != 4).repeat(2, axis=0).repeat(2, axis=1)).all()
    with pytest.raises(ProductError, match=r"has no valid pixel in B01, .* outside the classes to mask"):
        sharpened([safe], tmp_path / "out" / "y.tif", mask_classes=(1, 3, 4, 9), bands=("B01", "B02"))


def test_all_outputs_appear_together_or_not_at_all(tmp_path):
    safe = write_safe(tmp_path / "in")
    request = PansharpenRequest((str(safe),), str(tmp_path / "a" / "x.tif"), scl=str(tmp_path / "b" / "scl.tif"))
    listener = Recorder()
    pansharpen(request, listener)
    assert sorted(file.name for file in (tmp_path / "b").iterdir()) == ["scl.qml", "scl.tif", "scl.tif.aux.xml"]
    for folder in ("a", "b"):
        shutil.rmtree(tmp_path / folder)
    with pytest.raises(Cancelled):
        pansharpen(request, Recorder(cancel_after=listener.checks - 1))
    assert list((tmp_path / "a").iterdir()) == list((tmp_path / "b").iterdir()) == []


def test_a_stack_with_a_shifted_band(tmp_path):
    paths = [str(write_band(tmp_path / f"{band}.tif", pattern(10), 10)) for band in GUIDES]
    grid = replace(utm_grid(SIZE // 2, SIZE // 2, 20), transform=(600004.0, 20, 0, 5000004.0, 0, -20))
    paths.append(str(write_band(tmp_path / "B05.tif", np.full((SIZE // 2, SIZE // 2), 0.3), 20, grid=grid)))
    with pytest.raises(GridError, match=r"Band B05 .* does not nest .* have them aligned \(ALIGN\)"):
        sharpened(paths, tmp_path / "out.tif")
    listener = Recorder()
    extent = (600041.0, 4999801.0, 600199.0, 4999959.0)
    request = PansharpenRequest(tuple(paths), str(tmp_path / "out.tif"), align=True, extent=extent)
    pansharpen(request, listener)
    with open_raster(str(tmp_path / "out.tif")) as raster:
        assert raster.grid.xy(0, 0) == (600040.0, 4999960.0)
        np.testing.assert_allclose(raster.read()[0], pattern(10)[4:20, 4:20] * 10000, atol=0.51)
        np.testing.assert_allclose(raster.read()[3], 3000, atol=2)
    assert "B05 did not lie on the grid of the stack; resampled (bilinear)." in listener.warnings


@pytest.mark.parametrize("compress", COMPRESSIONS)
@pytest.mark.parametrize("file_format", FORMATS)
def test_formats_and_compressions_hold_the_same(tmp_path, file_format, compress):
    safe = write_safe(tmp_path / "in", scl=classified())
    options = {"bands": ("B02", "B05"), "method": "none"}
    _, plain, expected = sharpened([safe], tmp_path / "plain.tif", **options)
    listener, out = Recorder(), tmp_path / "out"
    request = PansharpenRequest((str(safe),), str(out / "x.tif"), scl=str(out / "scl.tif"), **options)
    request = replace(request, compress=compress, file_format=file_format)
    pansharpen(request, listener)
    with open_raster(str(out / "x.tif")) as raster, open_raster(str(out / "scl.tif")) as scl:
        np.testing.assert_array_equal(raster.read(), plain)
        assert (raster.bands, raster.grid) == (expected.bands, expected.grid)
        assert raster.tags["S2LC_PRODUCT"] == "S2A_MSIL2A_TEST"
        assert scl.categories[9] == "Cloud high probability" and scl.colours[9] == (255, 255, 255, 255)
        assert scl.read().max() == 9 and scl.bands[0].nodata == 0
    assert sorted(file.name for file in out.iterdir()) == ["scl.qml", "scl.tif", "scl.tif.aux.xml", "x.tif"]
    # Without overviews to put in order, GDAL says so only of compressed files.
    marked = b"LAYOUT=IFDS_BEFORE_DATA" in (out / "x.tif").read_bytes()[:1000]
    assert marked == (file_format == "COG" and compress != "NONE")
    assert listener.fractions == sorted(listener.fractions) and listener.fractions[-1] == pytest.approx(1.0)


def test_cancelling_while_a_cog_is_made_leaves_nothing(tmp_path):
    request = PansharpenRequest((str(write_safe(tmp_path)),), str(tmp_path / "out" / "x.tif"), file_format="COG")
    listener = Recorder()
    pansharpen(request, listener)
    shutil.rmtree(tmp_path / "out")
    with pytest.raises(Cancelled):
        pansharpen(request, Recorder(cancel_after=listener.checks - 1))
    assert list((tmp_path / "out").iterdir()) == []


def test_a_classification_that_is_not_there_is_refused(tmp_path):
    safe = write_safe(tmp_path, "L1C")
    with pytest.raises(ProductError, match=r"has no scene classification \(SCL\), which only level 2A"):
        sharpened([safe], tmp_path / "x.tif", mask_classes=(9,))
    with pytest.raises(InputError, match="12 is no class of the scene classification; expected values from 1 to 11"):
        PansharpenRequest(("x",), "y", mask_classes=(3, 12))
    with pytest.raises(OutputError, match="Two outputs have the same name"):
        sharpened([write_safe(tmp_path)], tmp_path / "x.tif", scl=str(tmp_path / "x.tif"))


@pytest.mark.parametrize(("field", "message"), [("compress", "no compression 'x'"), ("file_format", "no format 'x'")])
def test_unknown_formats_are_refused(field, message):
    with pytest.raises(InputError, match=message):
        PansharpenRequest(("x",), "y", **{field: "x"})


def test_unknown_method_is_refused():
    with pytest.raises(InputError, match="choose one of regression, learned, brovey, none"):
        PansharpenRequest(("x",), "y", method="magic")


def test_one_coarse_pixel_is_enough(tmp_path):
    paths = [str(write_band(tmp_path / f"{band}.tif", np.full((2, 2), 0.2), 10)) for band in GUIDES]
    paths.append(str(write_band(tmp_path / "B05.tif", np.full((1, 1), 0.3), 20)))
    _, stored, _ = sharpened(paths, tmp_path / "out.tif")
    np.testing.assert_allclose(stored[3], 3000, atol=1)


def test_real_patches_keep_their_means(tmp_path, real_data):
    patch = sorted((real_data / "bigearthnet_tiny").iterdir())[0]
    result, stored, _ = sharpened([patch], tmp_path / "out.tif")
    assert (result.level, stored.shape) == ("L2A", (12, 120, 120))
    for band, image in zip(result.bands, stored):
        with open_raster(str(patch / f"{patch.name}_{band}.tif")) as raster:
            assert image.mean() == pytest.approx(raster.read().mean(), rel=0.01)
