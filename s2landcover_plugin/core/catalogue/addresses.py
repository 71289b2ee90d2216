# SPDX-License-Identifier: GPL-2.0-or-later
"""Addresses on the network: which are used at all, and how they are shown."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from ..errors import AccessError, InputError


def checked(url: str) -> str:
    """Return a URL that names a web server, and holds nothing that breaks a request.

    Raises:
        InputError: if it does not.
    """
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and url.isascii() and url.isprintable()
        _ = parts.port
    except ValueError:
        fine = False
    if not fine or " " in url:
        raise InputError(f"'{shown(url)}' is not an address to load from; it starts with https://.")
    return url


def shown(url: str) -> str:
    """Return a URL as messages may show it: without user, query and fragment, where secrets are."""
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{host(url)}{parts.path}" if parts.scheme else parts.path
    except ValueError:
        return "(unreadable address)"


def host(url: str) -> str:
    """Return the host of a URL, with the port if it states one."""
    parts = urlsplit(url)
    name = parts.hostname or ""
    return f"{name}:{parts.port}" if parts.port is not None else name


def check_confidential(url: str) -> None:
    """Make sure that nobody on the way can read what is sent to an address.

    Raises:
        AccessError: if it is neither encrypted nor on this computer.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" and not _is_loopback(parts):
        raise AccessError(f"Credentials are sent over https only, and {shown(url)} is not; give its https address.")


def _is_loopback(parts: SplitResult) -> bool:
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.hostname == "localhost"
