# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import contextlib
import threading
import time

import pytest

from s2landcover_plugin.core.errors import Cancelled
from s2landcover_plugin.core.pipeline import WriteBehind, read_ahead


def nothing() -> None:
    pass


def test_items_come_in_order_and_one_ahead():
    made = []

    def items():
        for number in range(4):
            made.append(number)
            yield number

    seen = []
    with contextlib.closing(read_ahead(items(), nothing)) as ahead:
        for number in ahead:
            time.sleep(0.02)
            seen.append((number, len(made)))
    assert seen == [(0, 2), (1, 3), (2, 4), (3, 4)]


def test_several_items_are_made_ahead_from_the_start():
    made = threading.Event()

    def items():
        yield from range(3)
        made.set()

    with contextlib.closing(read_ahead(items(), nothing, ahead=4)) as ahead:
        assert made.wait(10)  # before anybody asks for one
        assert list(ahead) == [0, 1, 2]
        assert list(ahead) == []


def test_closing_stops_the_thread_and_lets_go_of_the_items():
    made, closed = [], []

    def items():
        try:
            for number in range(100):
                made.append(number)
                time.sleep(0.01)
                yield number
        finally:
            closed.append(True)

    with contextlib.closing(read_ahead(items(), nothing, ahead=3)) as ahead:
        assert next(ahead) == 0
    count = len(made)
    assert count < 6
    time.sleep(0.05)
    assert (len(made), closed) == (count, [True])


def test_an_error_in_the_reading_thread_reaches_the_caller():
    def items():
        yield 1
        raise OSError("damaged")

    ahead = read_ahead(items(), nothing)
    assert next(ahead) == 1
    with pytest.raises(OSError, match="damaged"):
        next(ahead)


def test_a_timeout_of_the_reader_itself_is_an_error_not_a_wait():
    def items():
        raise TimeoutError("network")
        yield 1

    with pytest.raises(TimeoutError, match="network"):
        next(read_ahead(items(), nothing))


def test_waiting_can_be_cancelled():
    release = threading.Event()

    def items():
        release.wait(10)
        yield 1

    def cancel():
        release.set()
        raise Cancelled

    with pytest.raises(Cancelled):
        next(read_ahead(items(), cancel))


def test_writes_happen_in_order_and_all_of_them():
    written = []

    def write(number):
        time.sleep(0.01)
        written.append(number)

    with WriteBehind() as background:
        for number in range(5):
            background.submit(write, number)
    assert written == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("more", [0, 1])
def test_a_failed_write_reaches_the_caller(more):
    def fail():
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"), WriteBehind() as background:
        background.submit(fail)
        for _ in range(more):
            background.submit(nothing)


def test_the_callers_own_error_is_not_hidden_by_a_failed_write():
    def fail():
        raise OSError("disk full")

    with pytest.raises(KeyError), WriteBehind() as background:
        background.submit(fail)
        raise KeyError
