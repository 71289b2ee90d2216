# SPDX-License-Identifier: GPL-2.0-or-later
"""Going on only with what was begun: long commands write down what they were asked for, beside their results."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from s2landcover_plugin.core.outputs import write_text

_DATASET = "dataset.json"


def is_same_request(path: Path, request: Mapping[str, Any]) -> bool:
    """Return whether a file holds this request; it is written where there is none.

    Raises:
        OutputError: if the file cannot be written.
    """
    text = json.dumps(request, indent=1, default=str)
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, text)
    return path.read_text(encoding="utf-8") == text


def content_of(argument: str) -> str:
    """Return an argument, with what tells the content from another if it names a file or a dataset folder."""
    path = Path(argument)
    inside = path / _DATASET if path.is_dir() else path
    if not inside.is_file():
        return argument
    return f"{path.name} {hashlib.sha256(inside.read_bytes()).hexdigest()[:16]}"
