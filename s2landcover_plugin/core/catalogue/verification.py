# SPDX-License-Identifier: GPL-2.0-or-later
"""Telling whether a download is the file that the service meant."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from ..errors import ServiceError
from ..progress import Progress
from .checksums import Fingerprint, is_digest
from .connection import Connection
from .files import RemoteFile

_ODATA_PRODUCT = re.compile(r"/odata/v1/Products\(([0-9a-fA-F-]{36})\)/\$value$")
_BLOCK = 1 << 20


def is_right(path: Path, file: RemoteFile, connection: Connection, progress: Progress) -> bool:
    """Whether a downloaded file is complete and undamaged.

    It is if it fits what the catalogue says about it, or what the service's own product list says: the Copernicus Data
    Space packs some products anew, and then the catalogue knows the checksum of the earlier archive. An archive
    without a checksum is read through.

    Raises:
        Cancelled: if the user asked to stop.
    """
    said = [file.fingerprint]
    if not file.fingerprint.fits(path, progress.check):
        said = [statement for statement in _stated(file, connection, progress) if statement.fits(path, progress.check)]
    if not said:
        return False
    with_checksum = any(statement.algorithm for statement in said)
    return with_checksum or file.target.suffix != ".zip" or _is_whole_archive(path, progress.check)


def _stated(file: RemoteFile, connection: Connection, progress: Progress) -> list[Fingerprint]:
    """Return what the service's list of products says about an archive."""
    product = _ODATA_PRODUCT.search(file.url)
    root = connection.service.odata
    if product is None or not root:
        return []
    try:
        document = connection.json(f"{root}/Products({product[1]})", progress)
    except ServiceError:
        return []
    size, checksums = document.get("ContentLength"), document.get("Checksum")
    found = []
    for entry in checksums if isinstance(checksums, list) else []:
        values = entry if isinstance(entry, dict) else {}
        algorithm = str(values.get("Algorithm", "")).lower()
        digest = str(values.get("Value", "")).lower()
        if is_digest(algorithm, digest):
            found.append(Fingerprint(size if isinstance(size, int) and size > 0 else None, algorithm, digest))
    return found


def _is_whole_archive(path: Path, check: Callable[[], None]) -> bool:
    """Whether every file in an archive can be read and has the content that the archive states (CRC-32)."""
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                with archive.open(entry) as content:
                    while content.read(_BLOCK):
                        check()
    except (OSError, RuntimeError, NotImplementedError, EOFError, zipfile.BadZipFile, zlib.error):
        return False
    return True
