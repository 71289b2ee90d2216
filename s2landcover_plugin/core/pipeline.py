# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading ahead, writing behind and waiting, with errors that reach the caller and a user who can cancel."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from types import TracebackType
from typing import Any, TypeVar

T = TypeVar("T")

_PATIENCE = 0.2  # seconds between two looks at whether the user has cancelled


def read_ahead(items: Iterator[T], check: Callable[[], None]) -> Generator[T, None, None]:
    """Yield the items, making the next one in a thread while the caller works on the present one.

    At most two items are alive at a time. Close the iterator (`contextlib.closing`) to be sure that the thread has
    stopped.

    Args:
        items: makes the items; runs in the thread, never concurrently with itself.
        check: called in the caller's thread while it waits; may raise to give up.
    """
    with ThreadPoolExecutor(max_workers=1) as pool:
        coming = pool.submit(next, items, None)
        while (item := wait_for(coming, check)) is not None:
            coming = pool.submit(next, items, None)
            yield item
            del item


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
