# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a model comes from: data, date, commit, held-out figures."""

from __future__ import annotations

import datetime
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def provenance(data: str, data_license: str, figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return the provenance block of a contract.

    Args:
        data: what the model was trained on.
        data_license: licence of that data.
        figures: what `test` wrote; may be empty.
    """
    return {
        "data": data,
        "data_license": data_license,
        "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        "commit": _commit(),
        "figures": figures,
    }


def _commit() -> str:
    """Return the commit of the code that exports; empty outside a repository."""
    try:
        command = ["git", "rev-parse", "HEAD"]
        done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()
