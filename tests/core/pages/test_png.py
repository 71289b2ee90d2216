# SPDX-License-Identifier: GPL-2.0-or-later
import base64
import struct
import zlib

import numpy as np
import pytest

from s2landcover_plugin.core.errors import InputError
from s2landcover_plugin.core.pages.png import picture, png_bytes
from tests.html_page import Page


def chunks(data):
    """Return the chunks of a PNG file by kind, after checking their sums."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    found, place = {}, 8
    while place < len(data):
        length, kind = struct.unpack(">I4s", data[place : place + 8])
        content = data[place + 8 : place + 8 + length]
        assert zlib.crc32(kind + content) == struct.unpack(">I", data[place + 8 + length : place + 12 + length])[0]
        found[kind] = content
        place += 12 + length
    return found


@pytest.mark.parametrize(("channels", "colour"), [(1, 0), (3, 2)])
def test_pixels_come_back(channels, colour):
    pixels = np.random.default_rng(0).integers(0, 256, (3, 5, channels), dtype=np.uint8)
    parts = chunks(png_bytes(pixels))
    assert list(parts) == [b"IHDR", b"IDAT", b"IEND"]
    assert struct.unpack(">IIBBBBB", parts[b"IHDR"]) == (5, 3, 8, colour, 0, 0, 0)
    lines = np.frombuffer(zlib.decompress(parts[b"IDAT"]), np.uint8).reshape(3, 1 + 5 * channels)
    assert not lines[:, 0].any()
    np.testing.assert_array_equal(lines[:, 1:].reshape(pixels.shape), pixels)


@pytest.mark.parametrize(
    "pixels",
    [np.zeros((2, 2), np.uint8), np.zeros((2, 2, 2), np.uint8), np.zeros((2, 2, 3)), np.zeros((0, 2, 1), np.uint8)],
)
def test_other_arrays_are_refused(pixels):
    with pytest.raises(InputError, match=r"needs \(rows, cols, 1 or 3\) uint8 numbers"):
        png_bytes(pixels)


def test_a_page_holds_its_pictures():
    pixels = np.zeros((2, 2, 1), np.uint8)
    attributes = dict(Page(picture(pixels, '"><script>')).attributes)
    kind, data = attributes["src"].split(",")
    assert kind == "data:image/png;base64" and base64.b64decode(data) == png_bytes(pixels)
    assert attributes["alt"] == '"><script>'
