# SPDX-License-Identifier: GPL-2.0-or-later
"""What a process of its own took: memory, which is measured truly only there."""

from __future__ import annotations

from pathlib import Path


def peak_megabytes() -> float:
    """Return the most memory that this process had (Linux); getrusage would count its parent's before the start."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024
