# SPDX-License-Identifier: GPL-2.0-or-later
"""Options of a command as the fields of a request."""

from __future__ import annotations

import argparse
from typing import Any

_NOT_FIELDS = ("run", "command", "takes_any")


def request_values(options: argparse.Namespace) -> dict[str, Any]:
    """Return the options by name, without what the command line needs for itself."""
    return {name: value for name, value in vars(options).items() if name not in _NOT_FIELDS}
