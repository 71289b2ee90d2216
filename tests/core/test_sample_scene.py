# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from demo.landscape import make_landscape
from demo.sample_scene import SampleScene, make_sample_scene
from demo.surfaces import LEGEND
from s2landcover_plugin.core.bands import BANDS, L2A_BANDS
from s2landcover_plugin.core.errors import InputError
from s2landcover_plugin.core.legend import legend_of
from s2landcover_plugin.core.products.product import open_product
from s2landcover_plugin.core.raster import open_raster

SIZE = 240


@pytest.fixture(scope="module")
def scene(tmp_path_factory) -> SampleScene:
    return make_sample_scene(tmp_path_factory.mktemp("scene"), SIZE)


def pixels(path: Path | str) -> np.ndarray:
    with open_raster(str(path)) as raster:
        return raster.read()[0]


def test_it_is_a_complete_product(scene):
    product = open_product([str(scene.safe)])
    assert product.select() == L2A_BANDS
    assert (product.level, product.baseline, product.notes) == ("L2A", "05.11", ())
    assert f"{product.name}.SAFE" == scene.safe.name
    for band, source in product.bands.items():
        assert source.grid.pixel_size[0] == BANDS[band].gsd
        assert source.radiometry.offset == pytest.approx(-0.1)
        assert source.path.endswith(".jp2")
    assert product.scl is not None and product.scl.grid.width == SIZE // 2


def test_gdal_reads_it_as_sentinel_2(scene):
    name = f"SENTINEL2_L2A:{scene.safe / 'MTD_MSIL2A.xml'}:10m:EPSG_32632"
    with open_raster(name) as raster:
        described = [info.name.split(",")[0] for info in raster.bands]
        assert raster.grid.matches(open_product([str(scene.safe)]).bands["B02"].grid)
        # GDAL lists red, green, blue, then near infrared.
        assert described[:4] == ["B4", "B3", "B2", "B8"]
        stored = raster.read()[3]
    np.testing.assert_array_equal(stored, pixels(open_product([str(scene.safe)]).bands["B08"].path))


def test_every_class_is_there_with_name_and_colour(scene):
    with open_raster(str(scene.truth)) as raster:
        assert legend_of(raster) == LEGEND
        assert raster.bands[0].nodata == 0
    assert set(np.unique(pixels(scene.truth))) == {0, *LEGEND.values}
    assert scene.truth.with_suffix(".qml").is_file()


def test_classes_reflect_as_they_do_in_nature(scene):
    product, truth = open_product([str(scene.safe)]), pixels(scene.truth)
    blue, red, infrared = (
        product.bands[band].radiometry.to_reflectance(pixels(product.bands[band].path))
        for band in ("B02", "B04", "B08")
    )
    greenness = (infrared - red) / (infrared + red)
    median = {name: float(np.median(greenness[truth == value])) for value, name in LEGEND.names.items()}
    assert median["Water"] < 0 < median["Built"] < median["Shrub and scrub"] < median["Trees"]
    assert np.median(infrared[truth == 1]) < 0.05
    assert np.median(blue[truth == 9]) > 0.5
    assert 0.15 < np.median(infrared[truth == 2]) < 0.4


def test_where_the_swath_ends_nothing_is_known(scene):
    product = open_product([str(scene.safe)])
    assert product.scl is not None
    for image in (scene.truth, product.bands["B02"].path, product.bands["B11"].path, product.scl.path):
        assert pixels(image)[-1, -1] == 0
    fine, truth = pixels(product.bands["B02"].path), pixels(scene.truth)
    assert (truth[fine == 0] == 0).all()
    assert 0.002 < (fine == 0).mean() < 0.02


def test_cloud_and_shadow_are_classified_and_left_out_of_the_truth(scene):
    product = open_product([str(scene.safe)])
    assert product.scl is not None
    scl, truth = pixels(product.scl.path), pixels(scene.truth)[::2, ::2]
    assert {0, 3, 4, 5, 6, 9, 11} == set(np.unique(scl))
    assert (truth[(scl == 9) | (scl == 3)] == 0).all()


def test_the_seed_decides(tmp_path):
    first, again, other = (make_landscape(60, np.random.default_rng(seed)).classes for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).mean() > 0.1


def test_making_it_again_replaces_it(tmp_path):
    first = make_sample_scene(tmp_path, 60)
    before = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*"))
    assert make_sample_scene(tmp_path, 60) == first
    assert sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*")) == before


@pytest.mark.parametrize("size", [0, 100, -6])
def test_sizes_without_whole_coarse_pixels_are_refused(tmp_path, size):
    with pytest.raises(InputError, match="multiple of 6"):
        make_sample_scene(tmp_path, size)
