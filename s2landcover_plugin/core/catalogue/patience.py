# SPDX-License-Identifier: GPL-2.0-or-later
"""Waiting for others: how long, how often, and always ready to be cancelled."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TypeVar

from ..errors import ServiceError
from ..pipeline import wait_for
from ..progress import Progress

T = TypeVar("T")

_GLANCE = 0.2  # seconds between two looks at whether the user has cancelled


@dataclass(frozen=True)
class Patience:
    """How long to wait.

    Attributes:
        timeout: seconds without a sign of life after which a connection counts as dropped.
        attempts: how often the same thing is tried.
        first_wait: seconds before the second try; doubled for each further one.
        longest_wait: seconds that a pause lasts at most; a service that asks for more is not waited for.
    """

    timeout: float = 60.0
    attempts: int = 5
    first_wait: float = 1.0
    longest_wait: float = 120.0


class Passing(Exception):
    """Something that may be over when it is tried again.

    Attributes:
        wait: seconds that the service asked to wait; None if it did not say.
    """

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class Tries:
    """Counts failures in a row, pauses after each, and gives up after too many."""

    def __init__(self, patience: Patience, progress: Progress) -> None:
        self._patience = patience
        self._progress = progress
        self._failures = 0

    def reset(self) -> None:
        """Begin to count again, as something went well."""
        self._failures = 0

    def failed(self, problem: Passing) -> None:
        """Pause before the next try.

        Raises:
            ServiceError: if there is to be none.
            Cancelled: if the user asked to stop.
        """
        self._failures += 1
        wait = self._patience.first_wait * 2 ** (self._failures - 1) if problem.wait is None else problem.wait
        if self._failures >= self._patience.attempts:
            raise ServiceError(f"{problem} It was tried {self._failures} times; try again later.") from None
        if problem.wait is not None and wait > self._patience.longest_wait:
            raise ServiceError(f"{problem} It asks to wait {wait:.0f} seconds; try again then.") from None
        wait = min(wait, self._patience.longest_wait)
        self._progress.warning(f"{problem} Trying again in {wait:.0f} s.")
        pause(wait, self._progress)


def persist(action: Callable[[], T], patience: Patience, progress: Progress) -> T:
    """Return what a call returns, tried again as long as that is reasonable.

    Raises:
        ServiceError: if it keeps failing.
        Cancelled: if the user asked to stop.
    """
    tries = Tries(patience, progress)
    while True:
        try:
            return action()
        except Passing as problem:
            tries.failed(problem)


def awaited(call: Callable[[], T], progress: Progress) -> T:
    """Return what a call returns that waits for the network; a user who cancels does not wait with it.

    The call goes on in a thread of its own then, until it ends by itself or with the program.
    """
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return wait_for(future, progress.check)


def pause(seconds: float, progress: Progress) -> None:
    """Wait, unless the user cancels."""
    end = time.monotonic() + seconds
    progress.check()
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, _GLANCE))
        progress.check()


def asked_wait(header: str | None) -> float | None:
    """Return the seconds that a `Retry-After` header (RFC 9110, 10.2.3) asks for; None if it asks for nothing."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        when = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError):
        return None
    aware = when if when.tzinfo else when.replace(tzinfo=timezone.utc)
    return max(0.0, (aware - datetime.now(timezone.utc)).total_seconds())
