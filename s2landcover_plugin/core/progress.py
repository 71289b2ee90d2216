# SPDX-License-Identifier: GPL-2.0-or-later
"""How long-running functions report and are cancelled, without knowing who listens."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """A listener of a long run. Implemented by the QGIS adapters, by `training` and by tests."""

    def fraction(self, value: float) -> None:
        """Say that `value` (0 to 1) of the work is done."""

    def info(self, message: str) -> None:
        """Tell the user something worth knowing."""

    def warning(self, message: str) -> None:
        """Tell the user something that may make the result other than expected."""

    def check(self) -> None:
        """Raise `Cancelled` if the user has asked to stop."""


class SilentProgress:
    """A listener that hears nothing and never cancels."""

    def fraction(self, value: float) -> None:
        """Ignore."""

    def info(self, message: str) -> None:
        """Ignore."""

    def warning(self, message: str) -> None:
        """Ignore."""

    def check(self) -> None:
        """Never cancel."""


class ProgressPart:
    """A stretch of another listener's progress, from `start` to `stop` (0 to 1), for a step of a longer run."""

    def __init__(self, parent: Progress, start: float, stop: float) -> None:
        self._parent = parent
        self._start = start
        self._span = stop - start

    def fraction(self, value: float) -> None:
        """Report `value` (0 to 1) of this part to the parent."""
        self._parent.fraction(self._start + self._span * value)

    def info(self, message: str) -> None:
        """Pass on."""
        self._parent.info(message)

    def warning(self, message: str) -> None:
        """Pass on."""
        self._parent.warning(message)

    def check(self) -> None:
        """Pass on."""
        self._parent.check()


class SaidOnce(ProgressPart):
    """Another listener that hears no message twice, for runs over many files that have the same to say of each."""

    def __init__(self, parent: Progress) -> None:
        super().__init__(parent, 0.0, 1.0)
        self._said: set[str] = set()

    def info(self, message: str) -> None:
        """Pass on if it is new."""
        if message not in self._said:
            self._said.add(message)
            super().info(message)

    def warning(self, message: str) -> None:
        """Pass on if it is new."""
        if message not in self._said:
            self._said.add(message)
            super().warning(message)
