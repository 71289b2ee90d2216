# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenes as different catalogues describe them, and the files that are taken from each."""

from __future__ import annotations

from pathlib import Path

import pytest

from s2landcover_plugin.core.catalogue.checksums import Fingerprint, fingerprint
from s2landcover_plugin.core.catalogue.files import files_of
from s2landcover_plugin.core.catalogue.items import parse_item
from s2landcover_plugin.core.errors import ServiceError
from tests.stac_server import feature

MD5 = "c9f0c53ff153bb15a61713905dbfa9dc"
COG = "image/tiff; application=geotiff; profile=cloud-optimized"


def earth_search(**properties: object) -> dict:
    """As Element 84's Earth Search v1 describes a scene: bands by common name, as GeoTIFF and as JPEG 2000."""
    bands = {"blue": "B02", "red": "B04", "nir08": "B8A", "scl": "SCL"}
    assets: dict[str, dict] = {"thumbnail": {"href": "https://example.com/preview.jpg", "type": "image/jpeg"}}
    for key, band in bands.items():
        meaning = {"raster:bands": [{"nodata": 0, "scale": 0.0001, "offset": -0.1}]} if key != "scl" else {}
        assets[key] = {"href": f"https://example.com/cogs/{band}.tif", "type": COG, **meaning}
        assets[f"{key}-jp2"] = {"href": f"https://example.com/{band}.jp2", "type": "image/jp2", **meaning}
    return {
        "id": "S2B_33UUB_20240601_0_L2A",
        "bbox": [14, 52, 15, 53],
        "properties": {"datetime": "2024-06-01T10:00:00Z", "eo:cloud_cover": 7, **properties},
        "assets": assets,
    }


def test_a_scene_of_the_copernicus_data_space():
    item = parse_item(feature("S2A_MSIL2A_x.SAFE", "https://example.com/a", b"abc", 4.5))
    assert (item.name, item.date, item.cloud) == ("S2A_MSIL2A_x", "2024-06-01T10:10:31.024Z", 4.5)
    assert item.polygons == (((14.0, 52.0), (15.6, 52.0), (15.6, 53.0), (14.0, 53.0), (14.0, 52.0)),)
    (file,) = files_of(item, Path("folder"))
    assert (file.url, file.target) == ("https://example.com/a", Path("folder/S2A_MSIL2A_x.zip"))
    assert file.fingerprint == Fingerprint(3, "md5", "900150983cd24fb0d6963f7d28e17f72")


def test_a_scene_of_earth_search_comes_band_by_band():
    files = files_of(parse_item(earth_search()), Path("f"))
    folder = Path("f/S2B_33UUB_20240601_0_L2A")
    assert [file.target for file in files] == [folder / f"{band}.tif" for band in ("B02", "B04", "B8A", "SCL")]
    assert [file.url.rpartition("/")[2] for file in files] == ["B02.tif", "B04.tif", "B8A.tif", "SCL.tif"]
    assert [(file.scale, file.offset) for file in files] == [(0.0001, -0.1)] * 3 + [(None, None)]


def test_an_offset_that_was_applied_is_not_applied_again():
    files = files_of(parse_item(earth_search(**{"earthsearch:boa_offset_applied": True})), Path("f"))
    assert (files[0].scale, files[0].offset) == (0.0001, 0.0)


def test_the_finest_of_several_resolutions_is_taken():
    assets = {f"B02_{size}m": {"href": f"https://a.b/{size}", "type": "image/jp2"} for size in (60, 10, 20)}
    item = parse_item({"id": "x", "properties": {}, "assets": assets})
    assert [(file.url, file.target.name) for file in files_of(item, Path())] == [("https://a.b/10", "B02.jp2")]


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "..", "a\\..\\b", "C:\\x", "a b\n"])
def test_a_name_cannot_lead_out_of_the_folder(name):
    (file,) = files_of(parse_item(feature(name, "https://example.com/a", b"a", 1)), Path("folder"))
    assert file.target.parent == Path("folder")
    assert not set(file.target.name) & set("/\\: \n")
    assert not file.target.name.startswith(".")


@pytest.mark.parametrize(
    "assets",
    [{}, {"Product": {"href": "s3://eodata/a.zip"}}, {"Product": {"href": "file:///etc/passwd"}}, {"Product": 5}],
)
def test_a_scene_without_a_usable_file_is_told(assets):
    item = parse_item({"id": "S2A_x", "properties": {}, "assets": assets})
    with pytest.raises(ServiceError, match="S2A_x neither as an archive nor band by band"):
        files_of(item, Path())


def test_a_footprint_may_have_two_parts_or_only_a_box():
    ring = [[0, 0], [1, 0], [1, 1], [0, 0]]
    two = {"type": "MultiPolygon", "coordinates": [[ring], [ring]]}
    base = {"id": "x", "properties": {}, "assets": {}}
    assert len(parse_item({**base, "geometry": two}).polygons) == 2
    assert parse_item({**base, "bbox": [1, 2, 3, 4]}).polygons[0][2] == (3.0, 4.0)
    for broken in ({"type": "Polygon", "coordinates": [[["a", 1]]]}, {"type": "Polygon"}, 5):
        assert parse_item({**base, "geometry": broken}).polygons == ()


@pytest.mark.parametrize(
    ("size", "multihash", "expected"),
    [
        (5, f"d50110{MD5}", Fingerprint(5, "md5", MD5)),
        (None, f"D50110{MD5.upper()}", Fingerprint(None, "md5", MD5)),
        (5, "1220" + "ab" * 32, Fingerprint(5, "sha256", "ab" * 32)),
        (5, f"d50110{MD5[:-1]}", Fingerprint(5)),
        (0, "unknown", Fingerprint()),
        (True, 5, Fingerprint()),
    ],
)
def test_checksums_are_multihashes(size, multihash, expected):
    assert fingerprint(size, multihash) == expected
