# SPDX-License-Identifier: GPL-2.0-or-later
"""The command `download`."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from s2landcover_plugin.core.catalogue.credentials import Credentials, credentials_for
from s2landcover_plugin.core.catalogue.download import DownloadRequest, download
from s2landcover_plugin.core.catalogue.search import LEVELS, SearchRequest
from s2landcover_plugin.core.catalogue.service import COPERNICUS, Service

from ..terminal import TerminalProgress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.set_defaults(run=_run)
    parser.epilog = (
        "The account is taken from the environment: S2LANDCOVER_USERNAME and S2LANDCOVER_PASSWORD, or "
        "S2LANDCOVER_TOKEN. An interrupted download goes on where it was when the command is run again."
    )
    add = parser.add_argument
    add("--extent", type=float, nargs=4, required=True, metavar=("W", "S", "E", "N"), help="degrees (WGS 84)")
    add("--start", type=_day, required=True, help="first day (UTC), such as 2024-06-01")
    add("--end", type=_day, required=True, help="last day (UTC); it counts")
    add("--level", choices=LEVELS, default=LEVELS[0], help="of the products (default: L2A)")
    add("--cloud", type=float, default=20.0, help="cloud cover of a scene at most, percent (default: 20)")
    add("--limit", type=int, default=5, help="scenes at most, those with least cloud (default: 5)")
    add("--folder", type=Path, help="gets the products; without it, they are listed only")
    add("--found", type=Path, help="GeoPackage of the scenes' footprints to write")
    add("--endpoint", default=COPERNICUS, help="address of a STAC API (default: the Copernicus Data Space)")
    add("--collection", default="", help="its name there (default: sentinel-2-l1c or sentinel-2-l2a)")
    add("--token-url", default="", help="where another catalogue's accounts get a token (OAuth 2.0)")


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _run(options: argparse.Namespace, _: list[str]) -> None:
    service = Service.at(options.endpoint, options.token_url)
    request = DownloadRequest(
        search=SearchRequest(
            extent=tuple(options.extent),
            start=options.start,
            end=options.end,
            level=options.level,
            max_cloud=options.cloud,
            limit=options.limit,
            collection=options.collection,
        ),
        folder=options.folder,
        service=service,
        credentials=credentials_for(service, Credentials()),
        found=options.found,
    )
    for scene in download(request, TerminalProgress()):
        print(scene.path or scene.item.name)
