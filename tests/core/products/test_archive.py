# SPDX-License-Identifier: GPL-2.0-or-later
import zipfile
from pathlib import Path

import numpy as np
import pytest

from s2landcover_plugin.core.bands import L2A_BANDS
from s2landcover_plugin.core.errors import ProductError
from s2landcover_plugin.core.products.archive import located
from s2landcover_plugin.core.products.product import open_product
from s2landcover_plugin.core.sharpening.stack import StackReader
from tests.safe_products import pattern, write_loose, write_safe, zipped


def read(product, band):
    with StackReader(product, (band,)) as stack:
        return stack.read(band, product.bands[band].grid.window())[0]


@pytest.mark.parametrize("top", ["", "S2A_MSIL2A_TEST.SAFE", "renamed", "one/in another"])
@pytest.mark.parametrize("name", ["S2A.zip", "ä b.ZIP", "S2A.SAFE.zip"])
def test_a_zipped_product_is_read_in_place(tmp_path, top, name):
    safe = write_safe(tmp_path / "folder")
    archive = zipped(safe, tmp_path / name, top)
    before = sorted(tmp_path.rglob("*"))
    product = open_product([str(archive)])
    assert (product.name, tuple(product.bands)) == ("S2A_MSIL2A_TEST", L2A_BANDS)
    assert product.bands["B05"].radiometry.offset == pytest.approx(-0.1)
    assert product.scl is not None
    np.testing.assert_allclose(read(product, "B05"), pattern(20), atol=1e-4)
    assert sorted(tmp_path.rglob("*")) == before


def test_loose_bands_in_an_archive(tmp_path):
    write_loose(tmp_path / "scene", ("B02", "B03"))
    (tmp_path / "scene" / "._B02.tif").write_text("what macOS notes about B02.tif")
    for top in ("", "scene"):
        product = open_product([str(zipped(tmp_path / "scene", tmp_path / f"x{top}.zip", top))])
        assert tuple(product.bands) == ("B02", "B03")
        np.testing.assert_allclose(read(product, "B02"), pattern(10), atol=1e-4)


@pytest.mark.parametrize("form", ["/vsizip/{}/R10m/T33UUB_{}_10m.tif", "/vsizip/{{{}}}/R10m/T33UUB_{}_10m.tif"])
def test_layers_out_of_an_archive_keep_its_offset(tmp_path, form):
    archive = zipped(write_safe(tmp_path / "folder"), tmp_path / "S2A.zip")
    paths = [form.format(archive, band).replace("R10m", "GRANULE/T/IMG_DATA/R10m") for band in ("B02", "B03")]
    product = open_product(paths)
    assert tuple(product.bands) == ("B02", "B03")
    assert product.bands["B02"].radiometry.offset == pytest.approx(-0.1)
    assert product.notes == ()


@pytest.mark.parametrize(
    "entry", ["../B02.tif", "x/../../B02.tif", "/etc/B02.tif", "C:/B02.tif", "..\\B02.tif", "\\\\host\\share\\B02.tif"]
)
def test_entries_outside_the_archive_are_refused(tmp_path, entry):
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as packed:
        packed.writestr("B03.tif", "x")
        packed.writestr(entry, "x")
    with pytest.raises(ProductError, match="an entry that lies outside the archive"):
        open_product([str(tmp_path / "bad.zip")])


def test_archives_that_cannot_be_read_are_refused(tmp_path):
    archive = tmp_path / "part.zip"
    whole = zipped(write_safe(tmp_path / "folder"), tmp_path / "whole.zip").read_bytes()
    archive.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ProductError, match=r"is not an archive that can be opened .* Download it again"):
        open_product([str(archive)])
    zipped(Path(tmp_path / "nothing"), archive)
    with pytest.raises(ProductError, match="is not a Sentinel-2 product"):
        open_product([str(archive)])


def test_damaged_metadata_in_an_archive_is_refused(tmp_path):
    archive = zipped(write_safe(tmp_path / "folder"), tmp_path / "x.zip")
    content = bytearray(archive.read_bytes())
    with zipfile.ZipFile(archive) as packed:
        start = packed.getinfo("MTD_MSIL2A.xml").header_offset + 60
    content[start : start + 20] = b"\xff" * 20
    archive.write_bytes(content)
    with pytest.raises(ProductError, match=r"MTD_MSIL2A\.xml in .* cannot be read"):
        open_product([str(archive)])


def test_places_in_an_archive_answer_as_paths_do(tmp_path):
    write_loose(tmp_path / "scene", ("B02",))
    root = located(str(zipped(tmp_path / "scene", tmp_path / "x.zip", "a/b")))
    file = root / "a" / "b" / "B02.tif"
    assert file.is_file() and file.exists() and not file.is_dir()
    assert file.parent.is_dir() and not (root / "c").exists()
    assert (file.name, file.stem, file.suffix, root.name) == ("B02.tif", "B02", ".tif", "x.zip")
    assert [str(place) for place in root.iterdir()] == [f"{root}a"]
    assert [place.name for place in file.parents] == ["b", "a", "x.zip"]
