# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import pytest

from s2landcover_plugin.core.models.provenance import Facts, Table, as_text, provenance_parts
from s2landcover_plugin.core.pages.text import UNDEFINED


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, UNDEFINED),
        ("", UNDEFINED),
        (True, "yes"),
        (12345, "12\u202f345"),
        (0.123456, "0.1235"),
        ([1, "a", None], f"1, a, {UNDEFINED}"),
    ],
)
def test_values_are_written_as_people_do(value, text):
    assert as_text(value) == text


def test_objects_that_are_alike_become_a_table():
    document = {
        "date": "2026-01-01",
        "figures": {"test": {"water": {"f1": 0.5, "pixels": 3}, "built_up": {"f1": None}}},
    }
    assert list(provenance_parts(document, "Provenance")) == [
        Facts("Provenance", (("date", "2026-01-01"),)),
        Table(
            "Provenance, figures, test",
            ("f1", "pixels"),
            (("water", ("0.5", "3")), ("built_up", (UNDEFINED, UNDEFINED))),
        ),
    ]


def test_what_is_nested_without_end_ends():
    document: dict = {"a": 1}
    for _ in range(30):
        document = {"a": 1, "b": document}
    parts = list(provenance_parts(document))
    assert parts[-1].rows == (("…", "nested too deep to show"),)
    assert len(parts) < 15
