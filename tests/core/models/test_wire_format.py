# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import io

import pytest

from s2landcover_plugin.core.models.wire_format import fields, read_numbers, read_text

# Field 1: the number 300. Field 2: "hi". Field 3: four bytes. Field 4: the numbers 1 and 300, packed.
MESSAGE = b"\x08\xac\x02" + b"\x12\x02hi" + b"\x1d\x00\x00\x80\x3f" + b"\x22\x03\x01\xac\x02"


def test_fields_are_read_in_turn():
    file = io.BytesIO(MESSAGE)
    number, text, fixed, packed = fields(file, 0, len(MESSAGE))
    assert (number.number, number.value, number.size) == (1, 300, 0)
    assert (text.number, read_text(file, text)) == (2, "hi")
    assert (fixed.number, fixed.size) == (3, 4)
    assert read_numbers(file, packed) == [1, 300]
    assert read_numbers(file, number) == [300]


def test_reading_a_field_does_not_disturb_the_walk():
    file = io.BytesIO(MESSAGE)
    walked = []
    for field in fields(file, 0, len(MESSAGE)):
        walked.append(field.number)
        file.seek(0)
    assert walked == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "content", [b"\x08", b"\x08\xff", b"\x12\x05hi", b"\x0b\x00", b"\x00\x00", b"\x08" + b"\xff" * 11]
)
def test_what_is_no_message_is_an_error(content):
    with pytest.raises((ValueError, EOFError)):
        list(fields(io.BytesIO(content), 0, len(content)))
