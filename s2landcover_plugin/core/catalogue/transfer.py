# SPDX-License-Identifier: GPL-2.0-or-later
"""Downloading one file: goes on where it was interrupted, and appears only when it is complete and verified."""

from __future__ import annotations

import http.client
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ..errors import OutputError, ServiceError
from ..progress import Progress, ProgressPart
from .addresses import host, shown
from .connection import Connection, RangeRefused, TokenRefused, interrupted, release
from .files import RemoteFile
from .patience import Passing, Tries, awaited
from .verification import is_right

_CHUNK = 1 << 18
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_RECEIVED = 0.98  # the share of the progress; the rest is verifying


def fetch(file: RemoteFile, connection: Connection, progress: Progress) -> None:
    """Download a file.

    What has arrived lies in `<target>.part`, and stays there if the user cancels or the service fails: the next
    call goes on from there, if the service still has the same file. `<target>` appears when it has been verified.

    Raises:
        ServiceError: if the service refuses or keeps failing, or sends a damaged file twice.
        OutputError: if it cannot be written.
        Cancelled: if the user asked to stop.
    """
    part = Path(f"{file.target}.part")
    _make_folder(part.parent)
    for is_last in (False, True):
        _receive_all(file, part, connection, ProgressPart(progress, 0.0, _RECEIVED))
        if is_right(part, file, connection, progress):
            _publish(part, file.target)
            return
        _forget(part)
        if not is_last:
            progress.warning(f"{file.target.name} has arrived damaged; it is downloaded again.")
    raise ServiceError(
        f"{shown(file.url)} has arrived twice with another size or checksum than the catalogue states, and was "
        "deleted. Try again later; if it stays so, the file on the server is damaged."
    )


def _receive_all(file: RemoteFile, part: Path, connection: Connection, progress: Progress) -> None:
    tries = Tries(connection.patience, progress)
    is_renewed = False
    while file.fingerprint.size is None or _size(part) != file.fingerprint.size:
        before = _size(part)
        try:
            _receive(file, part, connection, progress)
            return
        except TokenRefused:
            if is_renewed or not connection.renew():
                raise
            is_renewed = True
        except RangeRefused:
            _forget(part)
            tries.failed(Passing(f"{host(file.url)} has a shorter file than what arrived before."))
        except Passing as problem:
            if _size(part) > before:
                tries.reset()
            tries.failed(problem)


def _receive(file: RemoteFile, part: Path, connection: Connection, progress: Progress) -> None:
    """Ask once for what is missing, and write what comes."""
    response = connection.open(file.url, progress, _range_headers(part))
    try:
        start = _start(response, file, _size(part))
        length = response.length
        total = file.fingerprint.size if length is None else start + length
        with _opened(part, start) as stream:
            _note_version(part, response)
            for received in _write(response, file, stream, progress):
                if total:
                    progress.fraction(min(1.0, (start + received) / total))
    finally:
        release(response)
    if length is not None and _size(part) < start + length:
        raise Passing(f"The connection to {host(file.url)} was dropped after {_size(part)} of {total} bytes.")


def _range_headers(part: Path) -> dict[str, str]:
    """Return the headers that ask for what is missing, unless the file has changed (RFC 9110, 13.1.5 and 14.2)."""
    headers = {"Accept-Encoding": "identity"}
    version = _version_file(part)
    if _size(part) and version.is_file():
        headers["Range"] = f"bytes={_size(part)}-"
        headers["If-Range"] = version.read_text(encoding="ascii")
    return headers


def _start(response: http.client.HTTPResponse, file: RemoteFile, have: int) -> int:
    """Return the byte that an answer begins at: where we are if it is a part, or the file's beginning."""
    if response.status == http.client.OK:
        return 0
    if response.status != http.client.PARTIAL_CONTENT:
        raise ServiceError(
            f"{shown(file.url)} is not there yet (status {response.status}): it is being fetched from an archive. Try "
            "again in an hour."
        )
    stated = _RANGE.match(response.headers.get("Content-Range", ""))
    if stated is None or int(stated[1]) != have:
        raise ServiceError("The server answers with another part of the file than was asked for; try again later.")
    return have


def _note_version(part: Path, response: http.client.HTTPResponse) -> None:
    """Remember which version of the file is being received; without one, an interrupted download begins anew."""
    etag = response.headers.get("ETag", "")
    version = etag if etag.startswith('"') else response.headers.get("Last-Modified", "")
    if version and version.isascii() and version.isprintable():
        _version_file(part).write_text(version, encoding="ascii")
    else:
        _version_file(part).unlink(missing_ok=True)


def _write(response: http.client.HTTPResponse, file: RemoteFile, stream: BinaryIO, progress: Progress) -> Iterator[int]:
    """Write what comes, and yield after each piece how many bytes have come."""
    received = 0
    while chunk := _read(response, file.url, progress):
        try:
            stream.write(chunk)
            stream.flush()
        except OSError as error:
            raise _not_writable(file.target, error) from error
        received += len(chunk)
        yield received


def _opened(part: Path, start: int) -> BinaryIO:
    try:
        return part.open("ab" if start else "wb")
    except OSError as error:
        raise _not_writable(part, error) from error


def _read(response: http.client.HTTPResponse, url: str, progress: Progress) -> bytes:
    try:
        return awaited(lambda: response.read(_CHUNK), progress)
    except (OSError, http.client.HTTPException) as error:
        raise interrupted(error, url) from None


def _publish(part: Path, target: Path) -> None:
    try:
        os.replace(part, target)
        _version_file(part).unlink(missing_ok=True)
    except OSError as error:
        raise _not_writable(target, error) from error


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _version_file(part).unlink(missing_ok=True)


def _version_file(part: Path) -> Path:
    return Path(f"{part}.version")


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _not_writable(folder, error) from error


def _not_writable(path: Path, error: OSError) -> OutputError:
    return OutputError(
        f"{path} cannot be written ({error.strerror}). Check the folder and the free space on that disk; what has "
        "arrived is kept, and the next download goes on from there."
    )
