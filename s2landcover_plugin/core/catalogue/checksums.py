# SPDX-License-Identifier: GPL-2.0-or-later
"""How a file can be told to be the right one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_BLOCK = 1 << 20
# https://github.com/multiformats/multicodec: code, length of the digest, then the digest, in hexadecimal digits.
_MULTIHASHES = {"d50110": "md5", "1114": "sha1", "1220": "sha256", "1340": "sha512"}
_DIGITS = {"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}


@dataclass(frozen=True)
class Fingerprint:
    """What somebody says about a file.

    Attributes:
        size: bytes; None if unknown.
        algorithm: of the checksum, as hashlib calls it; empty if there is none.
        digest: the checksum, hexadecimal.
    """

    size: int | None = None
    algorithm: str = ""
    digest: str = ""

    def fits(self, path: Path, check: Callable[[], None]) -> bool:
        """Whether a file is as it says, as far as it says anything.

        Args:
            path: the file.
            check: called again and again; may raise to give up.
        """
        if self.size is not None and path.stat().st_size != self.size:
            return False
        return not self.algorithm or _digest(path, self.algorithm, check) == self.digest


def fingerprint(size: object, multihash: object) -> Fingerprint:
    """Return what STAC's file extension says: `file:size` and `file:checksum`; what makes no sense counts as unsaid."""
    bytes_ = size if isinstance(size, int) and not isinstance(size, bool) and size > 0 else None
    text = multihash.lower() if isinstance(multihash, str) else ""
    for prefix, algorithm in _MULTIHASHES.items():
        digest = text[len(prefix) :]
        if text.startswith(prefix) and is_digest(algorithm, digest):
            return Fingerprint(bytes_, algorithm, digest)
    return Fingerprint(bytes_)


def is_digest(algorithm: str, text: str) -> bool:
    """Whether a text can be a checksum of that kind, in hexadecimal digits."""
    return len(text) == _DIGITS.get(algorithm) and all(digit in "0123456789abcdef" for digit in text)


def _digest(path: Path, algorithm: str, check: Callable[[], None]) -> str:
    # MD5 is what the services state; it is no proof against malice, which https is for.
    digest = hashlib.new(algorithm, usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            check()
            digest.update(block)
    return digest.hexdigest()
