# SPDX-License-Identifier: GPL-2.0-or-later
"""A catalogue on this computer."""

from __future__ import annotations

from datetime import date

import pytest

from s2landcover_plugin.core.catalogue.connection import Connection
from s2landcover_plugin.core.catalogue.credentials import Credentials
from s2landcover_plugin.core.catalogue.search import SearchRequest
from tests.stac_server import QUICK, SECRET, USER, serving

EXTENT = (14.2, 52.2, 14.4, 52.4)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def catalogue():
    with serving() as running:
        yield running


@pytest.fixture
def account():
    return Credentials(USER, SECRET)


@pytest.fixture
def connection(catalogue, account):
    return Connection(catalogue.service, account, QUICK)


@pytest.fixture
def wanted():
    return SearchRequest(EXTENT, date(2024, 6, 1), date(2024, 6, 30))
