# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import pytest
from qgis.core import (
    QgsApplication,
    QgsAuthMethodConfig,
    QgsExpression,
    QgsExpressionContext,
    QgsProcessingException,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDate, QDateTime

from tests.algorithms.log import Log
from tests.stac_server import SECRET, TOKEN, USER, archive, serving, silent, with_status

CONTENT = archive(1)


@pytest.fixture(autouse=True)
def no_account(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    for name in ("USERNAME", "PASSWORD", "TOKEN"):
        monkeypatch.delenv(f"S2LANDCOVER_{name}", raising=False)


@pytest.fixture
def account(monkeypatch):
    monkeypatch.setenv("S2LANDCOVER_USERNAME", USER)
    monkeypatch.setenv("S2LANDCOVER_PASSWORD", SECRET)


@pytest.fixture
def catalogue():
    with serving() as running:
        running.needs_token = True
        running.add("S2A_clear", CONTENT, 2.0)
        running.add("S2A_cloudy", CONTENT, 18.0)
        yield running


@pytest.fixture
def given(catalogue, tmp_path):
    """Parameters that are fine."""
    return {
        "EXTENT": "14.2,14.4,52.2,52.4 [EPSG:4326]",
        "START": "2024-06-01",
        "END": "2024-06-30",
        "LIMIT": 1,
        "ENDPOINT": f"{catalogue.url}/v1",
        "TOKEN_URL": f"{catalogue.url}/token",
        "FOUND": tmp_path / "found.gpkg",
        "FOLDER": tmp_path / "Produkte ä",
    }


@pytest.fixture
def configuration(qgis_processing):
    """Save an authentication configuration; return its id."""
    manager = QgsApplication.authManager()
    if not manager.masterPasswordIsSet():
        assert manager.setMasterPassword("of the tests", False)
    saved = []

    def save(method: str, **values: str) -> str:
        config = QgsAuthMethodConfig(method)
        config.setName("test")
        config.setConfigMap(values)
        assert manager.storeAuthenticationConfig(config)
        saved.append(config.id())
        return config.id()

    yield save
    for name in saved:
        manager.removeAuthenticationConfig(name)


def test_a_product_arrives_with_its_footprint(run, account, given, catalogue):
    log = Log()
    results = run("download", log, **given)
    path = given["FOLDER"] / "S2A_clear.zip"
    assert results["PRODUCTS"] == str(path)
    assert results["COUNT"] == 1
    assert results["FOLDER"] == str(given["FOLDER"])
    assert path.read_bytes() == CONTENT
    layer = QgsVectorLayer(results["FOUND"], "found")
    (feature,) = layer.getFeatures()
    assert (feature["id"], feature["cloud_cover"], feature["path"]) == ("S2A_clear", 2.0, str(path))
    assert layer.crs().authid() == "EPSG:4326"
    assert layer.extent().toString(1) == "14.0,52.0 : 15.6,53.0"
    assert layer.loadDefaultStyle()[1]
    assert layer.renderer().symbol().symbolLayer(0).fillColor().alpha() == 30
    assert layer.labelsEnabled()
    label = QgsExpression(layer.labeling().settings().fieldName)
    scope = QgsExpressionContext()
    scope.setFeature(feature)
    assert label.evaluate(scope) == "2024-06-01, 2 %"
    assert "S2A_clear: 2024-06-01, 2.0 % cloud, 0 MB" in log.lines
    assert not [line for line in log.lines if SECRET in line or TOKEN in line]


def test_listing_needs_neither_account_nor_folder(run, given, catalogue):
    results = run("download", **{**given, "LIST_ONLY": True, "LIMIT": 9, "FOLDER": None})
    assert (results["COUNT"], results["PRODUCTS"]) == (2, "")
    assert "FOLDER" not in results
    assert catalogue.paths() == []


def test_the_extent_may_be_in_other_coordinates(run, given, catalogue):
    extent = "400000,420000,5780000,5800000 [EPSG:32633]"
    run("download", **{**given, "EXTENT": extent, "LIST_ONLY": True, "START": QDate(2024, 6, 1)})
    (asked,) = [asked.body.decode() for asked in catalogue.asked if asked.path == "/v1/search"]
    assert '"bbox": [13.5' in asked
    assert '"datetime": "2024-06-01T00:00:00Z/2024-06-30T23:59:59.999Z"' in asked


def test_the_parameters_reach_core(run, given, catalogue):
    changes = {"LEVEL": "L1C", "CLOUD": 7.5, "COLLECTION": "", "LIST_ONLY": True, "END": QDateTime(QDate(2024, 7, 2))}
    run("download", **{**given, **changes})
    run("download", **{**given, **changes, "COLLECTION": "mine"})
    first, second = (asked.body.decode() for asked in catalogue.asked if asked.path == "/v1/search")
    assert '"collections": ["sentinel-2-l1c"]' in first
    assert '"query": {"eo:cloud_cover": {"lte": 7.5}}' in first
    assert "/2024-07-02T23:59:59.999Z" in first
    assert '"collections": ["mine"]' in second


def test_an_account_of_the_authentication_manager(run, given, configuration):
    name = configuration("Basic", username=USER, password=SECRET, realm="")
    assert run("download", **given, AUTH=name)["COUNT"] == 1
    assert (given["FOLDER"] / "S2A_clear.zip").is_file()


def test_a_token_of_the_authentication_manager(run, given, configuration, catalogue):
    name = configuration("APIHeader", Authorization=f"Bearer {TOKEN}")
    assert run("download", **given, AUTH=name)["COUNT"] == 1
    assert "/token" not in catalogue.paths("POST")


def test_a_configuration_that_is_no_use(run, given, configuration):
    with pytest.raises(QgsProcessingException, match="holds neither user name"):
        run("download", **given, AUTH=configuration("APIHeader", Key=SECRET))
    with pytest.raises(QgsProcessingException, match="'zzzzzzz' cannot be read"):
        run("download", **given, AUTH="zzzzzzz")


def test_a_download_without_an_account_says_what_to_do(run, given, catalogue):
    with pytest.raises(QgsProcessingException, match="S2LANDCOVER_USERNAME and S2LANDCOVER_PASSWORD"):
        run("download", **given)
    assert catalogue.asked == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"EXTENT": "nowhere"}, "extent"),
        ({"EXTENT": None}, r"\(EXTENT\) is missing"),
        ({"START": None}, r"\(START\) is missing"),
        ({"START": "last summer"}, "'last summer' is no day"),
        ({"END": "2024-05-01"}, "before the first"),
        ({"LEVEL": "L3"}, r"L1C or L2A|\(LEVEL\)"),
        ({"CLOUD": 120}, "0 to 100"),
        ({"FOLDER": None}, "no folder for the products"),
        ({"ENDPOINT": "the usual one"}, "not an address"),
        ({"TOKEN_URL": "file:///etc/passwd"}, "not an address"),
        ({"FOUND": "found.shp"}, "end the file name in .gpkg"),
    ],
)
def test_values_that_cannot_be(run, account, given, catalogue, changes, message):
    with pytest.raises(QgsProcessingException, match=message):
        run("download", **{**given, **changes})
    assert catalogue.asked == []


def test_a_refusal_is_one_sentence(run, account, given, catalogue):
    catalogue.faults["/files/S2A_clear.zip"] = [with_status(401)] * 3
    log = Log()
    with pytest.raises(QgsProcessingException, match="Check user name and password") as caught:
        run("download", log, **given)
    assert SECRET not in str(caught.value)
    assert TOKEN not in "\n".join([str(caught.value), *log.lines])
    assert not given["FOUND"].exists()


def test_cancelling_is_heard(run, account, given, catalogue):
    catalogue.faults["/files/S2A_clear.zip"] = [silent(20)]
    log = Log()
    log.pushInfo = lambda line: log.cancel() if line.startswith("1 of 1") else None
    with pytest.raises(QgsProcessingException, match="Cancelled"):
        run("download", log, **given)
    assert not given["FOUND"].exists()
