# SPDX-License-Identifier: GPL-2.0-or-later
import re

import numpy as np
import pytest

from s2landcover_plugin.core.bands import BANDS
from s2landcover_plugin.core.errors import ProductError
from s2landcover_plugin.core.products.safe import enclosing_metadata, find_metadata, read_safe
from tests.safe_products import metadata


def written(folder, text, name="MTD_MSIL2A.xml"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


@pytest.mark.parametrize(("level", "number", "band"), [("L2A", 8, "B8A"), ("L1C", 10, "B10"), ("L2A", 12, "B12")])
def test_offsets_belong_to_the_band_of_their_number(tmp_path, level, number, band):
    text = metadata(level).replace(f'band_id="{number}">-1000', f'band_id="{number}">-500')
    safe = read_safe(written(tmp_path, text))
    assert safe.offsets == {**dict.fromkeys(BANDS, -1000.0), band: -500.0}


def test_product_fields_are_read(tmp_path):
    safe = read_safe(written(tmp_path, metadata("L1C", baseline="04.00", quantification=20000)))
    assert (safe.name, safe.level, safe.baseline) == ("S2A_MSIL1C_TEST", "L1C", "04.00")
    assert (safe.quantification, safe.nodata) == (20000, 0)


@pytest.mark.parametrize("level", ["L1C", "L2A"])
def test_the_same_ground_has_the_same_reflectance_before_and_after_the_offset(tmp_path, level):
    old = read_safe(written(tmp_path / "old", metadata(level, "02.14", offset=None)))
    new = read_safe(written(tmp_path / "new", metadata(level, "05.11", offset=-1000)))
    ground = np.array([0, 300, 2500])
    for band in BANDS:
        before, after = old.radiometry(band).to_reflectance(ground), new.radiometry(band).to_reflectance(ground + 1000)
        np.testing.assert_allclose(before, after, atol=1e-7)


def test_images_know_their_native_resolution(tmp_path):
    images = read_safe(written(tmp_path, metadata("L2A"))).images
    native = {(image.kind, image.gsd) for image in images if image.is_native}
    assert native == {(band, spec.gsd) for band, spec in BANDS.items() if band != "B10"} | {("SCL", 20)}
    assert all(image.is_native for image in read_safe(written(tmp_path, metadata("L1C"))).images)


@pytest.mark.parametrize(
    ("tag", "name", "image"),
    [
        ("IMAGE_ID", "S2A_OPER_MSI_L1C_TL_EPA__20160605T101031_T33UUB_B02", "{}"),
        ("IMAGE_ID_2A", "S2A_USER_MSI_L2A_TL_EPA__20160605T101031_T33UUB_B02_10m", "R10m/{}"),
    ],
)
def test_images_listed_by_name_lie_in_the_granule(tmp_path, tag, name, image):
    granule = f'<Granules granuleIdentifier="TL"><{tag}>{name}</{tag}></Granules>'
    text = re.sub("<IMAGE_FILE>.*</IMAGE_FILE>", granule, metadata("L1C"))
    (found,) = read_safe(written(tmp_path, text)).images
    assert (found.kind, found.is_native) == ("B02", True)
    assert found.path == tmp_path / "GRANULE/TL/IMG_DATA" / (image.format(name) + ".jp2")


def test_images_are_found_as_jp2_or_tif(tmp_path):
    file = written(tmp_path, metadata("L2A"))
    folder = tmp_path / "GRANULE/T/IMG_DATA/R10m"
    folder.mkdir(parents=True)
    (folder / "T33UUB_B02_10m.jp2").touch()
    (folder / "T33UUB_B03_10m.tif").touch()
    found = {image.kind: image.path.name for image in read_safe(file).images if image.exists}
    assert found == {"B02": "T33UUB_B02_10m.jp2", "B03": "T33UUB_B03_10m.tif"}


def test_metadata_is_found_from_folder_file_and_tile(tmp_path):
    file = written(tmp_path / "X.SAFE", metadata())
    tile = written(tmp_path / "X.SAFE/GRANULE/T", "<x/>", "MTD_TL.xml")
    image = tmp_path / "X.SAFE/GRANULE/T/IMG_DATA/R10m/B02.jp2"
    assert find_metadata(tmp_path / "X.SAFE") == find_metadata(file) == find_metadata(tile) == file
    assert enclosing_metadata(image) == file
    assert find_metadata(tmp_path) is None
    assert find_metadata(image) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<broken", "cannot be read as XML"),
        ("<Landsat/>", "its level reads ''"),
        (metadata().replace("BOA_QUANTIFICATION_VALUE", "OTHER"), "has no BOA_QUANTIFICATION_VALUE"),
        (metadata().replace('band_id="3"', 'band_id="99"'), "is damaged"),
        (metadata().replace(">10000<", ">many<"), "is damaged"),
        (metadata().replace("GRANULE/T/IMG_DATA/R10m", "../../elsewhere"), "outside the product"),
    ],
)
def test_damaged_metadata_is_refused(tmp_path, text, message):
    with pytest.raises(ProductError, match=message):
        read_safe(written(tmp_path, text))


@pytest.mark.parametrize(
    ("pattern", "level", "baseline", "offset"),
    [("S2A_MSIL2A_20221005*", "L2A", "04.00", -1000), ("esa_S2B_MSIL2A_*", "L2A", "02.14", 0)],
)
def test_real_products(real_data, pattern, level, baseline, offset):
    safe = read_safe(next(real_data.glob(pattern)) / "MTD_MSIL2A.xml")
    assert (safe.level, safe.baseline, safe.quantification) == (level, baseline, 10000)
    assert safe.offsets.get("B8A", 0) == offset
    assert safe.name.startswith("S2")
