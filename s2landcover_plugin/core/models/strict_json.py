# SPDX-License-Identifier: GPL-2.0-or-later
"""JSON from strangers: one object, no key twice, no NaN, nothing nested without end."""

from __future__ import annotations

import json
from typing import Any

from ..errors import ContractError

_LONGEST = 1 << 20  # characters; a contract has a few thousand


def parse_object(text: str) -> dict[str, Any]:
    """Return the object that a contract's text describes.

    Raises:
        ContractError: if it is not valid JSON, not an object, of impossible length, or names a key twice.
    """
    if len(text) > _LONGEST:
        raise ContractError("The model's contract cannot be read", [f"it has {len(text)} characters."])
    try:
        document = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except RecursionError as error:
        raise ContractError("The model's contract cannot be read", ["it is nested too deep."]) from error
    except ValueError as error:
        if isinstance(error, ContractError):
            raise
        raise ContractError("The model's contract is not valid JSON", [f"{error}."]) from error
    if not isinstance(document, dict):
        raise ContractError("The model's contract cannot be read", ["it is not a JSON object."])
    return document


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        raise ContractError("The model's contract is ambiguous", [f"it has the key '{key}' twice." for key in twice])
    return found


def _no_constant(name: str) -> float:
    raise ContractError("The model's contract is not valid JSON", [f"it contains {name}."])
