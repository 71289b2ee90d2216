# SPDX-License-Identifier: GPL-2.0-or-later
"""A catalogue, and what belongs to it: where its accounts are, and whom they are shown to."""

from __future__ import annotations

from dataclasses import dataclass

from .addresses import checked, host

COPERNICUS = "https://stac.dataspace.copernicus.eu/v1"
"""STAC API of the Copernicus Data Space Ecosystem, https://documentation.dataspace.copernicus.eu/APIs/STAC.html."""

_IDENTITY = "https://identity.dataspace.copernicus.eu/auth/realms/CDSE/protocol/openid-connect/token"
_ODATA = "https://catalogue.dataspace.copernicus.eu/odata/v1"


@dataclass(frozen=True)
class Service:
    """A STAC API.

    Attributes:
        stac: its root, the address before `/search`.
        token_url: where a user name and a password are exchanged for a token (OAuth 2.0, password grant); empty if
            they are sent as they are, or nothing is needed.
        odata: root of an OData service that knows the checksums of the archives; empty if there is none.
        hosts: who gets credentials: these hosts (with a port if it is not the usual one), and those below them.
        needs_account: whether nothing can be downloaded without credentials.
        is_open: whether anybody may search; credentials are kept for downloading then.
    """

    stac: str = COPERNICUS
    token_url: str = _IDENTITY
    odata: str = _ODATA
    hosts: tuple[str, ...] = ("dataspace.copernicus.eu",)
    needs_account: bool = True
    is_open: bool = True

    @classmethod
    def at(cls, stac: str = "", token_url: str = "") -> Service:
        """Return the service at an address: the Copernicus Data Space, or somebody else's.

        Credentials for somebody else's go to the very host of the catalogue only.

        Raises:
            InputError: if an address is none.
        """
        root = checked(stac.strip() or COPERNICUS).rstrip("/").removesuffix("/search")
        token_url = token_url.strip() and checked(token_url.strip())
        if root == COPERNICUS:
            return cls(token_url=token_url or _IDENTITY)
        return cls(root, token_url, "", (host(root),), bool(token_url), is_open=False)

    def trusts(self, url: str) -> bool:
        """Whether credentials may be sent to a URL."""
        if self.is_open and url.startswith(f"{self.stac}/"):
            return False
        return any(host(url) == known or host(url).endswith(f".{known}") for known in self.hosts)
