# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import json
import socket
from dataclasses import replace
from datetime import date

import pytest

from s2landcover_plugin.core.catalogue import search as search_module
from s2landcover_plugin.core.catalogue.connection import Connection
from s2landcover_plugin.core.catalogue.credentials import Credentials
from s2landcover_plugin.core.catalogue.search import SearchRequest, search
from s2landcover_plugin.core.catalogue.service import Service
from s2landcover_plugin.core.errors import AccessError, InputError, ServiceError
from tests.listeners import Recorder
from tests.stac_server import QUICK, Catalogue, hung_up, with_content, with_status

NAMES = ("S2A_a", "S2B_b", "S2A_c", "S2A_d", "S2A_e")
CLOUDS = (12.0, 3.0, 40.0, None, 3.0)


@pytest.fixture
def five(catalogue):
    for name, cloud in zip(NAMES, CLOUDS):
        catalogue.add(name, b"x", cloud)
    return catalogue


def found(request, connection, progress=None):
    return [item.id for item in search(request, connection, progress or Recorder())]


def test_all_pages_are_read_and_the_clearest_scenes_come_first(five, connection, wanted):
    assert found(wanted, connection) == ["S2A_e", "S2B_b", "S2A_a"]
    assert len([path for path in five.paths("POST") if path == "/v1/search"]) == 3


def test_what_is_asked_follows_the_stac_api(five, connection, wanted):
    found(replace(wanted, level="L1C"), connection)
    bodies = [json.loads(asked.body) for asked in five.asked if asked.path == "/v1/search"]
    first = {
        "collections": ["sentinel-2-l1c"],
        "bbox": [14.2, 52.2, 14.4, 52.4],
        "datetime": "2024-06-01T00:00:00Z/2024-06-30T23:59:59.999Z",
        "query": {"eo:cloud_cover": {"lte": 20.0}},
        "limit": 100,
    }
    assert bodies == [first, {**first, "token": "2"}, {**first, "token": "4"}]


def test_limit_keeps_the_clearest_and_unknown_cloud_comes_last(five, connection, wanted):
    assert found(replace(wanted, limit=1), connection) == ["S2A_e"]
    everything = replace(wanted, max_cloud=100)
    assert "query" not in everything.document
    assert found(everything, connection) == ["S2A_e", "S2B_b", "S2A_a", "S2A_c", "S2A_d"]


def test_a_list_without_end_is_bounded(catalogue, connection, wanted, monkeypatch):
    monkeypatch.setattr(search_module, "_MOST_PAGES", 3)
    for number in range(10):
        catalogue.add(f"S2A_{number}", b"x")
    progress = Recorder()
    assert len(found(wanted, connection, progress)) == 6
    assert "more than" in progress.warnings[0]


def test_pages_may_be_plain_links(catalogue, connection, wanted):
    catalogue.add("S2A_a", b"x")
    first = {"features": catalogue.features, "links": [{"rel": "next", "href": "search?page=2"}]}
    catalogue.faults["/v1/search"] = [with_content(json.dumps(first).encode())]
    catalogue.documents["/v1/search?page=2"] = {"features": [{**catalogue.features[0], "id": "S2A_z"}]}
    assert found(wanted, connection) == ["S2A_a", "S2A_z"]


def test_only_the_newest_processing_counts(catalogue, connection, wanted):
    old = "S2A_MSIL2A_20240601T101031_N0509_R022_T33UUB_20240601T150000"
    new = "S2A_MSIL2A_20240601T101031_N0511_R022_T33UUB_20250101T000000"
    other = "S2A_MSIL2A_20240601T101031_N0509_R022_T33UVB_20240601T150000"
    for name in (old, new, other):
        catalogue.add(name, b"x")
    progress = Recorder()
    assert found(wanted, connection, progress) == [other, new]
    assert progress.infos == ["Left out, as there in a newer processing: 1 scenes."]


def test_a_busy_or_dropped_catalogue_is_asked_again(five, connection, wanted):
    five.faults["/v1/search"] = [with_status(429, Retry_After="0"), hung_up, with_status(503)]
    progress = Recorder()
    assert len(found(wanted, connection, progress)) == 3
    busy, dropped, failing = progress.warnings
    assert "429" in busy
    assert "dropped" in dropped
    assert "503" in failing


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (with_content(b"<html>sign in</html>"), "no JSON object"),
        (with_content(b"[" * 100_000), "no JSON object"),
        (with_content(b'{"links": []}'), "does not answer as a STAC API"),
        (with_content(b'{"features": [{"type": "Feature"}]}'), "a scene without a name"),
        (with_content(b'{"features": [{"id": "S2A_q"}]}'), "S2A_q incompletely"),
        (with_content(b'{"features": [1], "links": 5}'), "a scene without a name"),
        (with_status(404), "nothing at"),
        (with_status(400), "status 400"),
        (with_status(401), "accepts no download with these credentials"),
        (with_status(403), "may not load"),
        (with_status(302, Location="ftp://127.0.0.1/"), "status 302|not an address"),
    ],
)
def test_answers_that_cannot_be_used_are_one_sentence(catalogue, connection, wanted, answer, message):
    catalogue.faults["/v1/search"] = [answer]
    with pytest.raises((ServiceError, InputError), match=message):
        found(wanted, connection)


def test_a_service_that_keeps_failing_is_given_up(catalogue, connection, wanted):
    catalogue.faults["/v1/search"] = [with_status(503)] * 9
    with pytest.raises(ServiceError, match="tried 4 times"):
        found(wanted, connection)
    assert catalogue.paths("POST") == ["/v1/search"] * 4


def test_a_wait_that_is_too_long_is_told(catalogue, connection, wanted):
    catalogue.faults["/v1/search"] = [with_status(429, Retry_After="3600")]
    with pytest.raises(ServiceError, match="asks to wait 3600 seconds"):
        found(wanted, connection)


def test_an_unknown_host_is_told(monkeypatch, wanted):
    def unknown(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    connection = Connection(Service.at("https://catalogue.invalid"), Credentials(), QUICK)
    with pytest.raises(ServiceError, match=r"There is no host catalogue\.invalid"):
        found(wanted, connection)


def test_nobody_listening_is_told(wanted):
    connection = Connection(Service.at("http://127.0.0.1:9"), Credentials(), QUICK)
    with pytest.raises(ServiceError, match=r"connection to 127\.0\.0\.1:9 was dropped"):
        found(wanted, connection)


def test_a_list_that_goes_on_elsewhere_is_not_followed(catalogue, connection, wanted):
    catalogue.add("S2A_a", b"x")
    page = {"features": catalogue.features, "links": [{"rel": "next", "href": "http://127.0.0.2:9/next"}]}
    catalogue.faults["/v1/search"] = [with_content(json.dumps(page).encode())]
    with pytest.raises(ServiceError, match="another host"):
        found(wanted, connection)


def test_an_open_catalogue_is_searched_without_credentials(five, account, wanted):
    found(wanted, Connection(five.service, account, QUICK))
    assert {asked.headers.get("Authorization") for asked in five.asked} == {None}


def test_a_private_catalogue_is_searched_with_credentials(five, account, wanted):
    private = replace(five.service, is_open=False)
    found(wanted, Connection(private, account, QUICK))
    assert [asked.headers.get("Authorization") for asked in five.asked] == [None] + [f"Bearer {five.token}"] * 3
    with pytest.raises(AccessError, match="does not accept this user name and password"):
        found(wanted, Connection(private, Credentials("somebody", "wrong-Pa55w0rd"), QUICK))


def test_another_catalogue_needs_no_account(catalogue: Catalogue, wanted):
    catalogue.add("S2A_a", b"x")
    connection = Connection(Service.at(f"{catalogue.url}/v1/search"), Credentials(), QUICK)
    assert found(wanted, connection) == ["S2A_a"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"extent": (14.0, 53.0, 15.0, 52.0)}, "extent"),
        ({"extent": (400.0, 5.0, 500.0, 6.0)}, "in degrees"),
        ({"extent": (float("nan"), 5.0, 6.0, 6.0)}, "extent"),
        ({"end": date(2020, 1, 1)}, "before the first"),
        ({"level": "L3"}, "L1C or L2A"),
        ({"max_cloud": 101}, "0 to 100"),
        ({"limit": 0}, "one scene"),
    ],
)
def test_requests_that_make_no_sense_are_refused(wanted, changes, message):
    with pytest.raises(InputError, match=message):
        replace(wanted, **changes)


def test_an_extent_may_cross_the_antimeridian():
    request = SearchRequest((179.0, -17.0, -179.0, -16.0), date(2024, 1, 1), date(2024, 1, 1))
    assert request.document["bbox"] == [179.0, -17.0, -179.0, -16.0]
