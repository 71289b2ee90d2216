# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a model comes from: data, date, commit, held-out figures."""

from __future__ import annotations

import datetime
import json
import subprocess
from pathlib import Path
from typing import Any

from s2landcover_plugin.core.errors import InputError


def provenance(data: str, data_license: str, figures: Path | None) -> dict[str, Any]:
    """Return the provenance block of a contract.

    Args:
        data: what the model was trained on.
        data_license: licence of that data.
        figures: JSON file that `test` wrote, or None.

    Raises:
        InputError: if the file of figures cannot be read.
    """
    return {
        "data": data,
        "data_license": data_license,
        "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        "commit": _commit(),
        "figures": _read(figures) if figures else {},
    }


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is not a file of figures that 'test' writes ({error}).") from error


def _commit() -> str:
    """Return the commit of the code that exports; empty outside a repository."""
    try:
        command = ["git", "rev-parse", "HEAD"]
        done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()
