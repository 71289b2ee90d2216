# SPDX-License-Identifier: GPL-2.0-or-later
"""Options of `fit`, in files and as arguments."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

DEFAULT_CONFIG = Path(__file__).parent / "configs" / "default.yaml"
"""The package's own options, which hold where nothing else is said."""


def as_arguments(values: Mapping[str, Any]) -> list[str]:
    """Return options by name as a command line; what is neither text nor path is JSON, which is YAML, too."""
    return [part for name, value in values.items() for part in (f"--{name}", _text(value))]


def _text(value: Any) -> str:
    return str(value) if isinstance(value, (str, Path)) else json.dumps(value)
