# SPDX-License-Identifier: GPL-2.0-or-later
"""Progress of a long run on a terminal."""

from __future__ import annotations

import sys


class TerminalProgress:
    """A `core.progress.Progress` that writes to stderr, one line for each percent; Ctrl+C interrupts as always."""

    def __init__(self) -> None:
        self._percent = -1

    def fraction(self, value: float) -> None:
        """Show the share done when it has grown by a percent."""
        percent = int(100 * value)
        if percent > self._percent:
            self._percent = percent
            print(f"\r{percent:3d} %", end="\n" if percent >= 100 else "", file=sys.stderr, flush=True)

    def info(self, message: str) -> None:
        """Print."""
        print(message, file=sys.stderr)

    def warning(self, message: str) -> None:
        """Print, marked as a warning."""
        print(f"warning: {message}", file=sys.stderr)

    def check(self) -> None:
        """Never cancel: an interrupt raises by itself."""
