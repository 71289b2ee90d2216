# SPDX-License-Identifier: GPL-2.0-or-later
from pathlib import Path

import numpy as np
import pytest

from s2landcover_plugin.core.bands import BANDS, L2A_BANDS
from s2landcover_plugin.core.errors import BandError, ProductError, RasterError
from s2landcover_plugin.core.products.product import open_product
from s2landcover_plugin.core.raster import RasterSpec, create_raster
from s2landcover_plugin.core.sharpening.stack import StackReader
from tests.safe_products import pattern, write_band, write_loose, write_safe
from tests.scenes import utm_grid


def test_a_safe_folder_gives_every_band_at_its_native_resolution(tmp_path):
    product = open_product([str(write_safe(tmp_path))])
    assert (product.name, product.level, product.baseline) == ("S2A_MSIL2A_TEST", "L2A", "05.11")
    assert tuple(product.bands) == L2A_BANDS
    assert {band: source.grid.pixel_size[0] for band, source in product.bands.items()} == {
        band: BANDS[band].gsd for band in L2A_BANDS
    }
    assert product.scl is not None and product.scl.grid.pixel_size[0] == 20
    assert product.bands["B05"].radiometry.offset == pytest.approx(-0.1)
    assert product.bands["B05"].nodata == 0


def test_metadata_file_and_enclosing_folder_mean_the_same_product(tmp_path):
    safe = write_safe(tmp_path, "L1C")
    (safe / "GRANULE/T/MTD_TL.xml").write_text("<x/>")
    (safe / "manifest.safe").write_text("<x/>")
    inside = ("", "MTD_MSIL1C.xml", "manifest.safe", "GRANULE/T", "GRANULE/T/MTD_TL.xml")
    products = [open_product([str(path)]) for path in (tmp_path, *(safe / name for name in inside))]
    assert all(product == products[0] for product in products)
    assert tuple(products[0].bands) == tuple(BANDS)


def test_missing_bands_are_named(tmp_path):
    product = open_product([str(write_safe(tmp_path, without=("B01_60m", "B05_20m")))])
    assert product.missing == ("B01", "B05")
    message = r"lacks B01, B05 \(B05 at a coarser resolution only\)\. .* list only the bands that are there: B02, B03"
    with pytest.raises(ProductError, match=message):
        product.select()
    assert product.select(("B04", "B02")) == ("B02", "B04")
    with pytest.raises(BandError, match=r"has no B01; it has B02, B03, B04, B05, B06"):
        product.select(("B01", "B02"))
    assert product.notes == ("B05: there only at a coarser resolution.",)


def test_bands_at_a_coarser_resolution_serve_if_asked_for(tmp_path):
    safe = write_safe(tmp_path, without=("B02_10m", "B02_20m", "B05_20m", "SCL_20m"))
    product = open_product([str(safe)])
    assert product.select(("B05", "B02")) == ("B02", "B05")
    assert (product.coarser, product.missing) == (("B02", "B05"), ("B02", "B05"))
    assert [product.bands[band].grid.pixel_size[0] for band in ("B02", "B05", "B06")] == [60, 60, 20]
    assert product.scl is None


def test_a_product_without_images_is_refused(tmp_path):
    images = tuple(f"{band}_{gsd}m" for band in L2A_BANDS for gsd in (10, 20, 60))
    product = open_product([str(write_safe(tmp_path, without=images))])
    with pytest.raises(ProductError, match=r"has no band\. Download it completely"):
        product.select(("B02",))


def test_a_real_incomplete_product(real_data):
    product = open_product([str(next(real_data.glob("S2A_MSIL2A_20221005*")))])
    with pytest.raises(ProductError, match=r"lacks B01, B02, .*\(B02, B03, B04, B05, B8A, B11, B12 at a coarser"):
        product.select()
    assert product.select(("B02", "B12")) == ("B02", "B12")
    assert product.bands["B02"].grid.pixel_size == (60, 60)
    assert product.scl is not None and product.scl.grid.pixel_size == (20, 20)


@pytest.mark.parametrize("name", ["{}.tif", "T33UUB_20200101T101031_{}.tif", "S2A_MSIL2A_20170617T113321_36_85_{}.tif"])
def test_a_folder_of_loose_bands(tmp_path, name):
    write_loose(tmp_path / "patch", L2A_BANDS, name)
    write_band(tmp_path / "patch" / "TCI.tif", pattern(10), 10)
    product = open_product([str(tmp_path / "patch")])
    assert tuple(product.bands) == product.expected == L2A_BANDS
    assert product.level == ("L2A" if "MSIL2A" in name else None)
    assert product.notes[0] == "Ignored, as no band is named: TCI.tif."
    assert "taken as reflectance x 10000" in product.notes[1] and "0 is taken as nodata" in product.notes[1]


def test_common_names_and_scene_classification_of_a_folder(tmp_path):
    for name, gsd in (("S2A_33UUB_20200101_0_L2A_swir16", 20), ("blue", 10), ("scl", 20)):
        write_band(tmp_path / f"{name}.tif", pattern(gsd), gsd)
    product = open_product([str(tmp_path)])
    assert tuple(product.bands) == ("B02", "B11")
    assert product.scl is not None and product.scl.path.endswith("scl.tif")


def test_multiband_rasters_by_description(tmp_path):
    path = str(tmp_path / "20m.tif")
    with create_raster(path, RasterSpec(utm_grid(4, 4, 20), "uint16", ("B8A", "quality", "B05"))) as writer:
        writer.write(np.ones((3, 4, 4), dtype=np.uint16))
    product = open_product([path])
    assert {band: source.index for band, source in product.bands.items()} == {"B05": 3, "B8A": 1}


def test_declared_scale_and_nodata_are_taken_at_their_word(tmp_path):
    path = write_band(tmp_path / "B04.tif", pattern(10), 10, nodata=9, scale=0.0002, offset=0.0)
    source = open_product([str(path)]).bands["B04"]
    assert (source.radiometry.scale, source.nodata) == (0.0002, 9)
    assert open_product([str(path)]).notes == ()


def test_real_numbers_up_to_one_are_reflectance(tmp_path):
    path = str(tmp_path / "B04.tif")
    with create_raster(path, RasterSpec(utm_grid(4, 4), "float32", ("",))) as writer:
        writer.write(np.full((1, 4, 4), 0.4, dtype=np.float32))
    source = open_product([path]).bands["B04"]
    assert (source.radiometry.scale, source.nodata) == (1.0, None)


def test_loose_images_out_of_a_safe_keep_its_offset(tmp_path):
    safe = write_safe(tmp_path)
    images = [str(path) for path in sorted((safe / "GRANULE/T/IMG_DATA/R10m").glob("*_B0*.tif"))]
    product = open_product(images)
    assert tuple(product.bands) == ("B02", "B03", "B04", "B08")
    assert {source.radiometry.offset for source in product.bands.values()} == {-0.1}
    assert product.notes == ()


def test_of_several_resolutions_the_native_one_is_taken(tmp_path):
    for gsd in (10, 20, 60):
        write_band(tmp_path / f"B05_{max(20, gsd)}m.tif", pattern(max(20, gsd)), max(20, gsd))
        write_band(tmp_path / f"B01_{max(20, gsd)}m.tif", pattern(max(20, gsd)), max(20, gsd))
    bands = open_product([str(tmp_path)]).bands
    assert Path(bands["B05"].path).name == "B05_20m.tif"
    assert Path(bands["B01"].path).name == "B01_60m.tif"


def test_a_band_given_twice_is_refused(tmp_path):
    paths = [str(write_band(tmp_path / name, pattern(10), 10)) for name in ("B02_a.tif", "B02_b.tif")]
    with pytest.raises(BandError, match="Band B02 is given twice"):
        open_product(paths)


@pytest.mark.parametrize("ending", [".tif", ".TIF"])
def test_folders_by_resolution_as_aws_has_them(tmp_path, ending):
    scene = tmp_path / "S2B_MSIL2A_somewhere"
    for band in L2A_BANDS:
        for gsd in (10, 20, 60):
            if gsd >= BANDS[band].gsd:
                write_band(scene / f"R{gsd}m" / f"{band}{ending}", pattern(gsd), gsd)
    product = open_product([str(scene)])
    assert {band: source.grid.pixel_size[0] for band, source in product.bands.items()} == {
        band: BANDS[band].gsd for band in L2A_BANDS
    }
    assert (product.name, product.level) == ("S2B_MSIL2A_somewhere", "L2A")


def test_the_name_decides_where_pixels_do_not_tell(tmp_path):
    for gsd in (60, 10, 20):
        write_band(tmp_path / f"T33UUB_B02_{gsd}m.tif", pattern(10), 10)
    assert open_product([str(tmp_path)]).bands["B02"].path.endswith("B02_10m.tif")


def reflectance(path):
    """Return name, level and every band's reflectance at its own resolution."""
    product = open_product([str(path)])
    with StackReader(product, tuple(product.bands)) as stack:
        images = {band: stack.read(band, source.grid.window()) for band, source in product.bands.items()}
    return product.name, product.level, images


@pytest.mark.parametrize(
    ("level", "baseline", "options"),
    [
        ("L1C", "02.04", {"offset": None}),
        ("L1C", "03.01", {"offset": None, "mission": "S2B"}),
        ("L1C", "04.00", {}),
        ("L1C", "05.11", {"mission": "S2C"}),
        ("L2A", "02.04", {"offset": None, "early": True, "quantification": 1000}),
        ("L2A", "02.06", {"offset": None, "early": True, "mission": "S2B"}),
        ("L2A", "02.07", {"offset": None}),
        ("L2A", "03.01", {"offset": None}),
        ("L2A", "04.00", {"mission": "S2B"}),
        ("L2A", "05.11", {"mission": "S2C", "quantification": 20000, "offset": -500}),
    ],
)
def test_the_same_ground_has_the_same_reflectance_in_every_baseline(tmp_path, level, baseline, options):
    name, found, images = reflectance(write_safe(tmp_path, level, baseline=baseline, **options))
    assert (name, found) == (f"{options.get('mission', 'S2A')}_MSI{level}_TEST", level)
    assert set(images) == set(BANDS if level == "L1C" else L2A_BANDS)
    for band, (image, valid) in images.items():
        assert valid.all()
        np.testing.assert_allclose(image, pattern(BANDS[band].gsd), atol=0.51 / options.get("quantification", 10000))


def test_a_product_of_several_tiles_is_refused(tmp_path):
    safe = write_safe(tmp_path)
    file = safe / "MTD_MSIL2A.xml"
    double = "<IMAGE_FILE>GRANULE/T/IMG_DATA/R10m/T33UUB_B02_10m</IMAGE_FILE>"
    file.write_text(file.read_text().replace(double, double * 2))
    with pytest.raises(ProductError, match="has B02 twice; give a product of one tile"):
        open_product([str(safe)])


def test_what_is_no_product_is_refused(tmp_path):
    nameless = str(write_band(tmp_path / "x" / "image.tif", pattern(10), 10))
    with pytest.raises(BandError, match="does not say which Sentinel-2 band it is"):
        open_product([nameless])
    with pytest.raises(ProductError, match="None of the rasters"):
        open_product([str(tmp_path / "x")])
    with pytest.raises(ProductError, match=r"neither MTD_MSIL1C\.xml"):
        open_product([str(tmp_path)])
    with pytest.raises(ProductError, match="There is no file or folder"):
        open_product([str(tmp_path / "nowhere")])
    with pytest.raises(ProductError, match="No product was given"):
        open_product([""])
    (tmp_path / "MTD_TL.xml").write_text("<x/>")
    with pytest.raises(ProductError, match=r"leads to no product: .* Give the complete SAFE folder"):
        open_product([str(tmp_path / "MTD_TL.xml")])
    with pytest.raises(ProductError, match="give one product at a time"):
        open_product([nameless, str(tmp_path)])
    (tmp_path / "B02.tif").write_text("not a raster")
    with pytest.raises(RasterError, match="is not a raster"):
        open_product([str(tmp_path / "B02.tif")])


def test_two_products_in_a_folder_are_ambiguous(tmp_path):
    write_safe(tmp_path, "L1C")
    write_safe(tmp_path, "L2A")
    with pytest.raises(ProductError, match="holds 2 SAFE products"):
        open_product([str(tmp_path)])
