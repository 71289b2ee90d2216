# SPDX-License-Identifier: GPL-2.0-or-later
"""Searching a catalogue: the item search of the STAC API, https://api.stacspec.org/v1.0.0/item-search.

It is one posted request and the pages that follow it, which is why no package is needed for it beside QGIS.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Union
from urllib.parse import urljoin

from ..errors import InputError, ServiceError
from ..progress import Progress
from .addresses import checked, host, shown
from .connection import Connection
from .items import Item, latest_processing, parse_item

LEVELS = ("L2A", "L1C")

_Document = Union[dict[str, Any], None]
_PAGE = 100  # scenes a request
_MOST_PAGES = 20


@dataclass(frozen=True)
class SearchRequest:
    """What to look for.

    Attributes:
        extent: west, south, east, north; degrees (WGS 84). West may exceed east, across the antimeridian.
        start: first day (UTC).
        end: last day.
        level: of the products, one of `LEVELS`.
        max_cloud: cloud cover of the whole scene at most, 0-100 percent.
        limit: number of scenes at most; those with least cloud are chosen.
        collection: of the catalogue; empty for `sentinel-2-l1c` or `sentinel-2-l2a`, as most call them.
    """

    extent: tuple[float, float, float, float]
    start: date
    end: date
    level: str = "L2A"
    max_cloud: float = 20.0
    limit: int = 10
    collection: str = ""

    def __post_init__(self) -> None:
        west, south, east, north = self.extent
        inside = all(math.isfinite(number) for number in self.extent)
        if not (inside and -180 <= west <= 180 and -180 <= east <= 180 and -90 <= south < north <= 90 and west != east):
            raise InputError(f"The extent {self} is none; give west, south, east and north in degrees.")
        if self.end < self.start:
            raise InputError(f"The last day, {self.end}, is before the first, {self.start}; change one of them.")
        if self.level not in LEVELS:
            raise InputError(f"There is no level '{self.level}'; choose L1C or L2A.")
        if not 0 <= self.max_cloud <= 100:
            raise InputError(f"Cloud cover is 0 to 100 percent, not {self.max_cloud}.")
        if self.limit < 1:
            raise InputError(f"At least one scene has to be allowed, not {self.limit}.")

    def __str__(self) -> str:
        west, south, east, north = self.extent
        return f"{west:g}, {south:g}, {east:g}, {north:g} (west, south, east, north)"

    @property
    def document(self) -> dict[str, Any]:
        """What is posted."""
        # Some scenes have no cloud cover stated; whoever allows any cloud wants them, too.
        query = {"query": {"eo:cloud_cover": {"lte": self.max_cloud}}} if self.max_cloud < 100 else {}
        return {
            "collections": [self.collection or f"sentinel-2-{self.level.lower()}"],
            "bbox": list(self.extent),
            "datetime": f"{self.start.isoformat()}T00:00:00Z/{self.end.isoformat()}T23:59:59.999Z",
            **query,
            "limit": _PAGE,
        }


def search(request: SearchRequest, connection: Connection, progress: Progress) -> tuple[Item, ...]:
    """Return the scenes that a catalogue has, those with least cloud first, then by date and name.

    Of a scene that was processed several times, only the newest baseline is returned.

    Raises:
        ServiceError: if the catalogue cannot be reached, or answers otherwise than a STAC API.
        Cancelled: if the user asked to stop.
    """
    found: dict[str, Item] = {}
    for page in _pages(request, connection, progress):
        for item in map(parse_item, page):
            if _is_clear(item, request.max_cloud):
                found[item.id] = item
    newest = latest_processing(tuple(found.values()))
    if len(newest) < len(found):
        progress.info(f"Left out, as there in a newer processing: {len(found) - len(newest)} scenes.")
    return tuple(sorted(newest, key=_order)[: request.limit])


def _pages(request: SearchRequest, connection: Connection, progress: Progress) -> Iterator[list[object]]:
    url = f"{connection.service.stac}/search"
    document: _Document = request.document
    for _ in range(_MOST_PAGES):
        answer = connection.json(url, progress, document)
        features = answer.get("features")
        if not isinstance(features, list):
            raise ServiceError(f"{shown(url)} does not answer as a STAC API does; check the catalogue's address.")
        yield features
        following = _next(answer, url, document)
        if following is None or not features:
            return
        url, document = following
    progress.warning(f"There are more than {_MOST_PAGES * _PAGE} scenes; only as many are looked at. Ask for less.")


def _next(answer: dict[str, Any], url: str, document: _Document) -> tuple[str, _Document] | None:
    """Return the request for the next page, which the link `next` describes (STAC API, paging)."""
    links = answer.get("links")
    links = [link for link in links if isinstance(link, dict)] if isinstance(links, list) else []
    link = next((link for link in links if link.get("rel") == "next" and isinstance(link.get("href"), str)), None)
    if link is None:
        return None
    following = checked(urljoin(url, link["href"]))
    if host(following) != host(url):
        raise ServiceError(f"{host(url)} continues its list on another host, {host(following)}; it is not followed.")
    if str(link.get("method", "GET")).upper() != "POST":
        return following, None
    body = link.get("body") if isinstance(link.get("body"), dict) else {}
    return following, {**(document or {}), **body} if link.get("merge") is True else body


def _is_clear(item: Item, most: float) -> bool:
    """Whether a scene has little enough cloud; not every catalogue knows how to ask for that."""
    return most >= 100 or (item.cloud is not None and item.cloud <= most)


def _order(item: Item) -> tuple[float, str, str]:
    return (101.0 if item.cloud is None else item.cloud, item.date, item.id)
