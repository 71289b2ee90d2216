# SPDX-License-Identifier: GPL-2.0-or-later
"""Pictures inside pages, as PNG, without an imaging library."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .text import escape

_COLOUR_TYPES = {1: 0, 3: 2}
"""PNG's code by number of channels: grey, or red, green and blue."""


def png_bytes(pixels: NDArray[np.uint8]) -> bytes:
    """Return an image as a PNG file (https://www.w3.org/TR/png/).

    Args:
        pixels: shape (rows, cols, channels), with 1 channel (grey) or 3 (red, green, blue).

    Raises:
        InputError: if the array is of another shape or type.
    """
    if pixels.ndim != 3 or pixels.shape[2] not in _COLOUR_TYPES or not pixels.size or pixels.dtype != np.uint8:
        raise InputError(f"A picture needs (rows, cols, 1 or 3) uint8 numbers; got {pixels.shape} {pixels.dtype}.")
    rows, cols, channels = pixels.shape
    header = struct.pack(">IIBBBBB", cols, rows, 8, _COLOUR_TYPES[channels], 0, 0, 0)
    # Every row starts with the number of its filter; 0 is none.
    lines = np.zeros((rows, 1 + cols * channels), dtype=np.uint8)
    lines[:, 1:] = pixels.reshape(rows, cols * channels)
    body = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(lines.tobytes(), 9)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def picture(pixels: NDArray[np.uint8], description: str) -> str:
    """Return an image as HTML that holds it (shape as for `png_bytes`); pixels stay square and sharp when enlarged.

    Args:
        pixels: the image.
        description: plain text for those who cannot see it.
    """
    data = base64.b64encode(png_bytes(pixels)).decode("ascii")
    return f'<img src="data:image/png;base64,{data}" alt="{escape(description)}">'


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
