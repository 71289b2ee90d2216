# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: N802  (Processing names these methods)
"""What a run said."""

from __future__ import annotations

from qgis.core import QgsProcessingFeedback


class Log(QgsProcessingFeedback):
    """Feedback that remembers, and may cancel as soon as there is progress."""

    def __init__(self, cancel_at: float | None = None) -> None:
        super().__init__(False)
        self.lines: list[str] = []
        self._cancel_at = cancel_at
        self.progressChanged.connect(self._look)

    def pushInfo(self, info):
        self.lines.append(info)

    def pushWarning(self, warning):
        self.lines.append(f"warning: {warning}")

    def pushDebugInfo(self, info):
        self.lines.append(f"debug: {info}")

    def _look(self, percent):
        if self._cancel_at is not None and percent >= self._cancel_at:
            self.cancel()
