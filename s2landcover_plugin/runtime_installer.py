# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the algorithm `installruntime` in the background of the desktop, and outlives the window that started it."""

from __future__ import annotations

from qgis.core import QgsApplication, QgsProcessingAlgRunnerTask, QgsProcessingContext, QgsProcessingFeedback
from qgis.PyQt.QtCore import QObject, pyqtSignal


class LineFeedback(QgsProcessingFeedback):
    """Passes every line on, from whatever thread it comes."""

    line = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__(False)

    def pushInfo(self, info: str | None) -> None:
        """Pass on."""
        self.line.emit(info or "")

    def pushWarning(self, warning: str | None) -> None:
        """Pass on."""
        self.line.emit(warning or "")

    def reportError(self, error: str | None, fatalError: bool = False) -> None:
        """Pass on."""
        self.line.emit(error or "")


class RuntimeInstaller(QObject):
    """One installation at a time, as a task of QGIS."""

    line = pyqtSignal(str)
    """Something for the log."""
    finished = pyqtSignal(bool)
    """The end, and whether it went well."""

    def __init__(self) -> None:
        super().__init__()
        self._task: QgsProcessingAlgRunnerTask | None = None

    def is_running(self) -> bool:
        """Return whether an installation is under way."""
        return self._task is not None

    def start(self, runtime: str, wheels: str) -> None:
        """Install in the background.

        Args:
            runtime: what models are to run on, an option of the algorithm.
            wheels: a folder of wheel files; empty for the package index.
        """
        algorithm = QgsApplication.processingRegistry().createAlgorithmById("s2landcover:installruntime")
        parameters = {algorithm.RUNTIME: runtime, algorithm.WHEELS: wheels}
        context, feedback = QgsProcessingContext(), LineFeedback()
        fine, problem = algorithm.checkParameterValues(parameters, context)
        if not fine:
            self.line.emit(problem)
            self.finished.emit(False)
            return
        feedback.line.connect(self.line)
        task = QgsProcessingAlgRunnerTask(algorithm, parameters, context, feedback)
        task.executed.connect(self._end)
        # A task does not own these; this way they live as long as it does, even if the plugin is unloaded meanwhile.
        task.kept = context, feedback
        self._task = task
        QgsApplication.taskManager().addTask(task)

    def cancel(self) -> None:
        """Stop; what was installed before stays."""
        if self._task is not None:
            self._task.cancel()

    def _end(self, went_well: bool) -> None:
        self._task = None
        self.finished.emit(went_well)
