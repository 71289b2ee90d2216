# SPDX-License-Identifier: GPL-2.0-or-later
"""Listeners of long runs, for tests."""

from __future__ import annotations

from s2landcover_plugin.core.errors import Cancelled


class Recorder:
    """Remembers what it hears, and cancels after a number of checks if told to."""

    def __init__(self, cancel_after: int | None = None) -> None:
        self.infos: list[str] = []
        self.warnings: list[str] = []
        self.fractions: list[float] = []
        self.checks = 0
        self._cancel_after = cancel_after

    def fraction(self, value: float) -> None:
        self.fractions.append(value)

    def info(self, message: str) -> None:
        self.infos.append(message)

    def warning(self, message: str) -> None:
        self.warnings.append(message)

    def check(self) -> None:
        self.checks += 1
        if self._cancel_after is not None and self.checks > self._cancel_after:
            raise Cancelled
