# SPDX-License-Identifier: GPL-2.0-or-later
"""Who downloads. Nothing in here ever shows a secret."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..errors import AccessError
from .service import Service

USERNAME, PASSWORD, TOKEN = "S2LANDCOVER_USERNAME", "S2LANDCOVER_PASSWORD", "S2LANDCOVER_TOKEN"
"""Environment variables that credentials are taken from."""


@dataclass(frozen=True)
class Credentials:
    """A user name with a password, or a token, or nothing.

    Attributes:
        username: of the account.
        password: of the account.
        token: goes before both.
    """

    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if bool(self.username) != bool(self.password):
            raise AccessError("A user name needs its password, and a password its user name; one of them is missing.")
        if not (self.token.isascii() and self.token.isprintable()) or " " in self.token:
            raise AccessError("The token has characters that no token has; copy it again, without spaces.")

    @classmethod
    def from_environment(cls, variables: Mapping[str, str] = os.environ) -> Credentials:
        """Return what the environment variables hold; nothing if they are not set.

        Raises:
            AccessError: if they do not go together.
        """
        return cls(variables.get(USERNAME, ""), variables.get(PASSWORD, ""), variables.get(TOKEN, "").strip())

    @property
    def given(self) -> bool:
        """Whether there are any."""
        return bool(self.token or self.username)

    def basic(self) -> str:
        """Return the value of a header that sends user name and password (RFC 7617)."""
        pair = f"{self.username}:{self.password}".encode()
        return f"Basic {base64.b64encode(pair).decode('ascii')}"


def credentials_for(service: Service, chosen: Credentials) -> Credentials:
    """Return what to show to a service: what the user chose for it, or else what the environment holds.

    The latter only where accounts are needed: nobody wants a password that is always set sent to every catalogue.

    Raises:
        AccessError: if the environment variables do not go together.
    """
    if chosen.given or not service.needs_account:
        return chosen
    return Credentials.from_environment()
