# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading ahead, writing behind and waiting, with errors that reach the caller and a user who can cancel."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from types import TracebackType
from typing import Any, TypeVar

T = TypeVar("T")

_PATIENCE = 0.2  # seconds between two looks at whether the user has cancelled


class ReadAhead(Iterator[T]):
    """Yields items, making the next ones in a thread while the caller works on the present one.

    The thread starts at once. Close it (`contextlib.closing`) to be sure that the thread has stopped.

    Args:
        items: makes the items; runs in the thread, never concurrently with itself.
        check: called in the caller's thread while it waits; may raise to give up.
        ahead: how many items are made ahead; at most one more is alive at a time.
    """

    def __init__(self, items: Iterator[T], check: Callable[[], None], ahead: int = 1) -> None:
        self._items, self._check = items, check
        self._pool = ThreadPoolExecutor(max_workers=1)
        self._coming = deque(self._pool.submit(next, items, None) for _ in range(ahead))

    def __next__(self) -> T:
        if not self._coming:
            raise StopIteration
        item = wait_for(self._coming.popleft(), self._check)
        if item is None:
            self.close()
            raise StopIteration
        self._coming.append(self._pool.submit(next, self._items, None))
        return item

    def close(self) -> None:
        """Wait for the item that is being made, and stop."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._coming.clear()
        self._items = iter(())  # lets go of what a generator holds


def read_ahead(items: Iterator[T], check: Callable[[], None], ahead: int = 1) -> ReadAhead[T]:
    """Return the items, made ahead in a thread; see `ReadAhead`."""
    return ReadAhead(items, check, ahead)


def wait_for(future: Future[T], check: Callable[[], None]) -> T:
    """Return what a call in a thread returns, looking in between whether the user has cancelled.

    Args:
        future: the call.
        check: called again and again; may raise to give up.

    Raises:
        Exception: whatever the call, or `check`, raises.
    """
    while True:
        try:
            return future.result(timeout=_PATIENCE)
        except FutureTimeoutError:
            if future.done():
                raise
            check()


class WriteBehind:
    """Runs calls one after the other in a thread; at most one waits. Use it as a context manager."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1)
        self._last: Future[None] | None = None

    def submit(self, call: Callable[..., None], *args: Any) -> None:
        """Run a call in the thread as soon as the one before is done.

        Raises:
            Exception: whatever the call before raised.
        """
        self.finish()
        self._last = self._pool.submit(call, *args)

    def finish(self) -> None:
        """Wait for the last call.

        Raises:
            Exception: whatever it raised.
        """
        last, self._last = self._last, None
        if last is not None:
            last.result()

    def __enter__(self) -> WriteBehind:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self.finish()
        finally:
            self._pool.shutdown(wait=True)
