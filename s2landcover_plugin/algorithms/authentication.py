# SPDX-License-Identifier: GPL-2.0-or-later
"""Accounts in QGIS's authentication manager."""

from __future__ import annotations

from qgis.core import QgsApplication, QgsAuthMethodConfig

from ..core.catalogue.credentials import Credentials
from ..core.errors import AccessError


def read_credentials(name: str) -> Credentials:
    """Return what an authentication configuration holds; nothing for an empty name.

    Args:
        name: the configuration's id, seven letters and digits.

    Raises:
        AccessError: if there is no such configuration, it stays locked, or it is of a kind that is no use here.
    """
    if not name:
        return Credentials()
    configuration = QgsAuthMethodConfig()
    loaded, configuration = QgsApplication.authManager().loadAuthenticationConfig(name, configuration, True)
    if not loaded:
        raise AccessError(
            f"The authentication configuration '{name}' cannot be read: there is none of that id, or QGIS's master "
            "password was not given. Look it up in Settings > Options > Authentication."
        )
    if configuration.method() == "Basic":
        return Credentials(configuration.config("username"), configuration.config("password"))
    kind, _, token = configuration.config("Authorization").partition(" ")
    if configuration.method() != "APIHeader" or kind.lower() != "bearer":
        raise AccessError(
            f"The authentication configuration '{name}' is of the kind '{configuration.method()}' and holds neither "
            "user name and password ('Basic') nor a header 'Authorization: Bearer …' ('APIHeader'); choose another one."
        )
    return Credentials(token=token.strip())
