# SPDX-License-Identifier: GPL-2.0-or-later
"""Checksums, so that a report says exactly which files it speaks of."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ..progress import Progress

_PIECE = 1 << 22


def sha256(path: str, progress: Progress) -> str | None:
    """Return the SHA-256 of a file as hexadecimal digits, or None if `path` is not a plain file.

    Raises:
        Cancelled: if the user asks to stop.
    """
    if not Path(path).is_file():
        return None
    digest = hashlib.sha256()
    with Path(path).open("rb") as file:
        while piece := file.read(_PIECE):
            progress.check()
            digest.update(piece)
    return digest.hexdigest()
