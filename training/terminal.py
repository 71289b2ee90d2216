# SPDX-License-Identifier: GPL-2.0-or-later
"""Progress and messages of a long run on a terminal, or in a log."""

from __future__ import annotations

import sys

_LOG_STEP = 10  # per cent between two lines of a log
_SHARE = "{:3d} %"


def say(text: str) -> None:
    """Print a line to stderr; on a terminal, in place of the share done that may stand there."""
    if sys.stderr.isatty():
        text = f"\r{text:<{len(_SHARE.format(0))}}"
    print(text, file=sys.stderr, flush=True)


class TerminalProgress:
    """A `core.progress.Progress` that writes to stderr; Ctrl+C interrupts as always.

    On a terminal the share done changes in place; in a log it has a line every ten per cent.
    """

    def __init__(self) -> None:
        self._percent = -1

    def fraction(self, value: float) -> None:
        """Show the share done when it has grown enough."""
        step = 1 if sys.stderr.isatty() else _LOG_STEP
        percent = int(100 * value) // step * step
        if percent <= self._percent:
            return
        self._percent = percent
        if step > 1 or percent >= 100:
            say(_SHARE.format(percent))
        else:
            print(f"\r{_SHARE.format(percent)}", end="", file=sys.stderr, flush=True)

    def info(self, message: str) -> None:
        """Print."""
        say(message)

    def warning(self, message: str) -> None:
        """Print, marked as a warning."""
        say(f"warning: {message}")

    def check(self) -> None:
        """Never cancel: an interrupt raises by itself."""
