# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import hashlib
import shutil
import sqlite3
import struct
import traceback
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from s2landcover_plugin.core.catalogue.credentials import Credentials, credentials_for
from s2landcover_plugin.core.catalogue.download import DownloadRequest, download
from s2landcover_plugin.core.catalogue.service import COPERNICUS, Service
from s2landcover_plugin.core.errors import AccessError, InputError, LandCoverError, OutputError, ServiceError
from s2landcover_plugin.core.products.product import open_product
from tests.listeners import Recorder
from tests.safe_products import write_safe, zipped
from tests.scenes import write_scene
from tests.stac_server import (
    QUICK,
    SECRET,
    TOKEN,
    USER,
    Catalogue,
    archive,
    dropped_after,
    hung_up,
    with_content,
    with_status,
)

FIRST, SECOND = archive(1), archive(2)


@pytest.fixture
def request_(catalogue, account, wanted, tmp_path):
    catalogue.needs_token = True
    catalogue.add("S2A_first", FIRST, 9.0)
    catalogue.add("S2B_second", SECOND, 1.0)
    return DownloadRequest(wanted, tmp_path / "products", catalogue.service, account, tmp_path / "found.gpkg", QUICK)


def rows(path: Path) -> list[tuple]:
    with sqlite3.connect(path) as connection:
        sql = "SELECT id, date, cloud_cover, size_mb, path FROM scenes ORDER BY fid"
        return connection.execute(sql).fetchall()


def test_products_and_footprints_arrive(request_):
    progress = Recorder()
    scenes = download(request_, progress)
    folder = request_.folder
    assert [scene.path for scene in scenes] == [folder / "S2B_second.zip", folder / "S2A_first.zip"]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "S2A_first.zip": FIRST,
        "S2B_second.zip": SECOND,
    }
    date, size = "2024-06-01T10:10:31.024Z", len(FIRST) / 1e6
    assert rows(request_.found) == [
        ("S2B_second", date, 1.0, size, str(folder / "S2B_second.zip")),
        ("S2A_first", date, 9.0, size, str(folder / "S2A_first.zip")),
    ]
    assert progress.infos[0] == "S2B_second: 2024-06-01, 1.0 % cloud, 0 MB"
    assert progress.fractions == sorted(progress.fractions)
    assert progress.fractions[-1] == 1.0


def test_footprints_lie_where_the_scenes_are(request_):
    download(replace(request_, folder=None), Recorder())
    with sqlite3.connect(request_.found) as connection:
        [(blob,)] = connection.execute("SELECT geom FROM scenes WHERE fid = 1").fetchall()
        assert connection.execute("SELECT srs_id FROM gpkg_geometry_columns").fetchall() == [(4326,)]
    corners = struct.unpack("<10d", blob[-80:])
    assert corners == (14.0, 52.0, 15.6, 52.0, 15.6, 53.0, 14.0, 53.0, 14.0, 52.0)


def test_listing_downloads_nothing_and_needs_no_account(catalogue, request_):
    scenes = download(replace(request_, folder=None, credentials=Credentials()), Recorder())
    assert [scene.path for scene in scenes] == [None, None]
    assert rows(request_.found)[0][4] == ""
    assert catalogue.paths() == []


def test_what_is_there_is_left_as_it_is(catalogue, request_):
    download(request_, Recorder())
    catalogue.asked.clear()
    progress = Recorder()
    scenes = download(request_, progress)
    assert catalogue.paths() == []
    assert sum("is there already" in line for line in progress.infos) == 2
    assert all(scene.path is not None for scene in scenes)


def test_something_else_of_that_name_is_not_overwritten(request_):
    request_.folder.mkdir()
    (request_.folder / "S2A_first.zip").write_text("my notes")
    with pytest.raises(OutputError, match="is in the way"):
        download(request_, Recorder())
    assert (request_.folder / "S2A_first.zip").read_text() == "my notes"


def test_one_product_that_cannot_be_had_does_not_keep_the_others(catalogue, request_):
    catalogue.faults["/files/S2B_second.zip"] = [with_status(404)]
    with pytest.raises(ServiceError, match=r"1 of 2 products could not be downloaded; the others are in .*status 404"):
        download(request_, Recorder())
    assert [path.name for path in request_.folder.iterdir()] == ["S2A_first.zip"]
    assert not request_.found.exists()


def test_no_others_are_promised_where_none_arrived(catalogue, request_):
    for name in ("S2A_first", "S2B_second"):
        catalogue.faults[f"/files/{name}.zip"] = [with_status(404)]
    with pytest.raises(ServiceError, match=r"2 of 2 products could not be downloaded\. The first reason: .*status 404"):
        download(request_, Recorder())


def test_an_item_without_a_product_does_not_keep_the_others(catalogue, request_):
    catalogue.features[0]["assets"] = {}
    with pytest.raises(ServiceError, match="S2A_first neither as an archive"):
        download(request_, Recorder())
    assert [path.name for path in request_.folder.iterdir()] == ["S2B_second.zip"]


def test_nothing_found_is_told(catalogue, request_):
    catalogue.features.clear()
    with pytest.raises(ServiceError, match=r"No L2A scene from 2024-06-01 to 2024-06-30 with at most 20 % cloud"):
        download(request_, Recorder())
    progress = Recorder()
    assert download(replace(request_, folder=None), progress) == ()
    assert progress.warnings == ["No scene fits. Allow more cloud, more days or a larger extent."]
    assert rows(request_.found) == []


def test_a_full_disk_is_told_before_anything_is_downloaded(catalogue, request_, monkeypatch):
    usage = shutil.disk_usage(request_.folder.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=400_000))
    with pytest.raises(OutputError, match="Make room"):
        download(request_, Recorder())
    assert catalogue.paths() == []


def test_an_account_is_asked_for_before_the_search(catalogue, request_):
    with pytest.raises(AccessError, match="S2LANDCOVER_USERNAME and S2LANDCOVER_PASSWORD, or S2LANDCOVER_TOKEN"):
        replace(request_, credentials=Credentials())
    assert catalogue.asked == []


def test_a_wrong_password_is_told_before_the_search(catalogue, request_):
    with pytest.raises(AccessError, match="does not accept this user name and password"):
        download(replace(request_, credentials=Credentials("somebody", "wrong-Pa55w0rd")), Recorder())
    assert catalogue.paths("POST") == ["/token"]


def test_a_token_does_as_well(catalogue, request_):
    download(replace(request_, credentials=Credentials(token=TOKEN)), Recorder())
    assert "/token" not in catalogue.paths("POST")
    with pytest.raises(AccessError, match="status 401"):
        download(replace(request_, folder=request_.folder / "b", credentials=Credentials(token="expired")), Recorder())


def test_bands_of_another_catalogue_are_a_product_with_its_radiometry(catalogue: Catalogue, wanted, tmp_path):
    stored = np.full((1, 8, 8), 3000, np.uint16)
    assets = {}
    for key, band in (("blue", "B02"), ("green", "B03"), ("red", "B04"), ("nir", "B08")):
        content = Path(write_scene(tmp_path / f"{key}.tif", stored, (key,), scale=1.0)).read_bytes()
        catalogue.files[f"/cogs/{band}.tif"] = content
        assets[key] = {
            "href": f"{catalogue.url}/cogs/{band}.tif",
            "type": "image/tiff; application=geotiff",
            "file:checksum": f"1220{hashlib.sha256(content).hexdigest()}",
            "raster:bands": [{"scale": 0.0001, "offset": -0.1}],
        }
    properties = {"datetime": "2024-06-01T10:00:00Z", "eo:cloud_cover": 1}
    catalogue.features.append({"id": "S2B_33UUB", "properties": properties, "assets": assets})
    (scene,) = download(
        DownloadRequest(wanted, tmp_path / "out", Service.at(f"{catalogue.url}/v1"), patience=QUICK), Recorder()
    )
    assert scene.path == tmp_path / "out" / "S2B_33UUB"
    product = open_product([str(scene.path)])
    assert list(product.bands) == ["B02", "B03", "B04", "B08"]
    radiometry = product.bands["B04"].radiometry
    assert radiometry.scale * 3000 + radiometry.offset == pytest.approx(0.2)


def test_a_downloaded_product_is_read_in_place(catalogue, request_, tmp_path):
    content = zipped(write_safe(tmp_path / "safe"), tmp_path / "product.zip", "S2A_MSIL2A_TEST.SAFE").read_bytes()
    path = catalogue.add("S2A_MSIL2A_TEST.SAFE", content, 0.5)
    catalogue.faults[path] = [dropped_after(0.5)]
    scene = download(replace(request_, search=replace(request_.search, limit=1)), Recorder())[0]
    product = open_product([str(scene.path)])
    assert (product.name, product.level) == ("S2A_MSIL2A_TEST", "L2A")
    assert product.scl is not None


FAULTS = {
    "works": [],
    "dropped": [dropped_after(0.5)],
    "401": [with_status(401)] * 9,
    "403": [with_status(403)],
    "429": [with_status(429, Retry_After="9999")],
    "503": [with_status(503)] * 9,
    "gone": [hung_up] * 9,
    "damaged": [with_content(b"x")] * 9,
    "redirect": [with_status(302, Location=f"http://{USER.replace('@', '%40')}:{SECRET}@127.0.0.1:9/a?token={TOKEN}")]
    * 9,
    "bad redirect": [with_status(302, Location=f"file:///{SECRET}?{TOKEN}")],
}


@pytest.mark.parametrize("case", [*FAULTS, "wrong password", "signed"])
def test_no_secret_is_ever_shown(catalogue, request_, case, caplog, capfd):
    caplog.set_level("DEBUG")
    path = "/files/S2A_first.zip"
    if case == "signed":
        path = f"{path}?sig={SECRET}"
        catalogue.features[0]["assets"]["Product"]["href"] = f"{catalogue.url}{path}"
        catalogue.faults[path] = [with_status(403)]
    elif case == "wrong password":
        request_ = replace(request_, credentials=Credentials("wrong", SECRET))
    else:
        catalogue.faults[path] = list(FAULTS[case])
    progress = Recorder()
    said = [repr(request_), str(request_)]
    try:
        download(request_, progress)
    except LandCoverError as error:
        said += [str(error), repr(error), "".join(traceback.format_exception(type(error), error, error.__traceback__))]
    said += [*progress.infos, *progress.warnings, caplog.text, *capfd.readouterr()]
    text = "\n".join(said)
    assert SECRET not in text
    assert TOKEN not in text
    assert Credentials(USER, SECRET).basic() not in text


def test_credentials_go_over_https_or_to_this_computer_only(request_):
    open_service = replace(request_.service, token_url="http://example.com/token")
    with pytest.raises(AccessError, match=r"over https only, and http://example\.com/token is not"):
        download(replace(request_, service=open_service), Recorder())
    service = Service.at("http://example.com/v1")
    with pytest.raises(AccessError, match="over https only"):
        download(replace(request_, service=service), Recorder())


def test_credentials_of_the_environment_are_for_services_with_accounts_only(monkeypatch):
    monkeypatch.setenv("S2LANDCOVER_USERNAME", USER)
    monkeypatch.setenv("S2LANDCOVER_PASSWORD", SECRET)
    chosen = Credentials(token=TOKEN)
    assert credentials_for(Service(), Credentials()) == Credentials(USER, SECRET)
    assert credentials_for(Service(), chosen) == chosen
    elsewhere = Service.at("https://earth-search.aws.element84.com/v1")
    assert credentials_for(elsewhere, Credentials()) == Credentials()
    assert credentials_for(elsewhere, chosen) == chosen


def test_credentials_come_from_the_environment():
    variables = {"S2LANDCOVER_USERNAME": USER, "S2LANDCOVER_PASSWORD": SECRET, "S2LANDCOVER_TOKEN": f"{TOKEN}\n"}
    assert Credentials.from_environment(variables) == Credentials(USER, SECRET, TOKEN)
    assert not Credentials.from_environment({}).given
    with pytest.raises(AccessError, match="one of them is missing"):
        Credentials.from_environment({"S2LANDCOVER_USERNAME": USER})
    with pytest.raises(AccessError, match="characters that no token has"):
        Credentials(token="a b\nHeader: x")


@pytest.mark.parametrize(
    ("url", "is_trusted"),
    [
        ("https://download.dataspace.copernicus.eu/odata/v1/Products(x)/$value", True),
        ("https://dataspace.copernicus.eu/", True),
        ("https://dataspace.copernicus.eu.example.com/", False),
        ("https://notdataspace.copernicus.eu/", False),
        ("https://download.dataspace.copernicus.eu:8443/", False),
        ("https://download.dataspace.copernicus.eu@example.com/", False),
    ],
)
def test_whom_the_copernicus_data_space_trusts(url, is_trusted):
    assert Service().trusts(url) is is_trusted
    assert Service.at(f"{COPERNICUS}/") == Service()


@pytest.mark.parametrize("address", ["catalogue", "ftp://a.b", "file:///etc/passwd", "https://", "https://a b/c"])
def test_an_address_that_is_none_is_told(address):
    with pytest.raises(InputError, match="not an address"):
        Service.at(address)
