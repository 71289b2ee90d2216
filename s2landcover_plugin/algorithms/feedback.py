# SPDX-License-Identifier: GPL-2.0-or-later
"""Between Processing's feedback and what `core` reports: progress one way, errors the other."""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Iterator

from qgis.core import QgsProcessingException, QgsProcessingFeedback

from ..core.errors import Cancelled, LandCoverError


class ProcessingProgress:
    """A `core.progress.Progress` that reports to a Processing run."""

    def __init__(self, feedback: QgsProcessingFeedback) -> None:
        self._feedback = feedback

    def fraction(self, value: float) -> None:
        """Move the progress bar to `value` (0 to 1)."""
        self._feedback.setProgress(100.0 * value)

    def info(self, message: str) -> None:
        """Write a line to the log."""
        self._feedback.pushInfo(message)

    def warning(self, message: str) -> None:
        """Write a highlighted line to the log."""
        self._feedback.pushWarning(message)

    def check(self) -> None:
        """Raise `Cancelled` if the user has pressed Cancel."""
        if self._feedback.isCanceled():
            raise Cancelled


@contextlib.contextmanager
def shown_to_user(feedback: QgsProcessingFeedback) -> Iterator[None]:
    """Turn every error of a run into the one kind that Processing shows as a sentence.

    Raises:
        QgsProcessingException: with the message of an error that was raised on purpose; for any other, with one
            sentence that asks for a report, its details being in the log.
    """
    try:
        yield
    except QgsProcessingException:
        raise
    except LandCoverError as error:
        raise QgsProcessingException(one_line(error)) from error
    except MemoryError as error:
        raise QgsProcessingException(
            "There is not enough memory for this. Close other programs, choose a smaller window, or cut the raster."
        ) from error
    except Exception as error:
        for frame in traceback.extract_tb(error.__traceback__):
            feedback.pushDebugInfo(f"{frame.filename}, line {frame.lineno}, in {frame.name}")
        raise QgsProcessingException(
            f"Something went wrong that should not have ({type(error).__name__}: {one_line(error)}). "
            "Please report it with this log."
        ) from error


def one_line(error: Exception) -> str:
    """Return an error's message without line breaks, which the libraries underneath sometimes put in theirs."""
    return " ".join(str(error).splitlines()).strip()
