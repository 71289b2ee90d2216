# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import pytest

from s2landcover_plugin.core.errors import ContractError
from s2landcover_plugin.core.models.strict_json import parse_object


def test_an_object_is_read():
    assert parse_object('{"a": [1, {"b": null}]}') == {"a": [1, {"b": None}]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not valid JSON"),
        ("[]", "not a JSON object"),
        ('{"a": 1, "b": {"c": 1, "c": 2}}', "key 'c' twice"),
        ('{"a": NaN}', "contains NaN"),
        ('{"a": -Infinity}', "contains -Infinity"),
        ('{"a": ' * 200_000, "nested too deep|not valid JSON|characters"),
        ("[" * 100_000, "nested too deep"),
        ('{"a": "' + "x" * (1 << 20) + '"}', "characters"),
    ],
    ids=["empty", "list", "twice", "nan", "infinity", "deep", "deep list", "long"],
)
def test_what_no_contract_looks_like_is_refused(text, message):
    with pytest.raises(ContractError, match=message):
        parse_object(text)
