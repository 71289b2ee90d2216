# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest

from s2landcover_plugin.core.catalogue.patience import Passing, Patience, Tries, asked_wait, awaited, pause, persist
from s2landcover_plugin.core.errors import Cancelled, ServiceError
from tests.listeners import Recorder

QUICK = Patience(attempts=3, first_wait=0.001, longest_wait=5.0)


@pytest.mark.parametrize(
    ("header", "seconds"), [("5", 5.0), (" 0 ", 0.0), (None, None), ("", None), ("soon", None), ("-3", None)]
)
def test_a_wait_is_asked_for_in_seconds(header, seconds):
    assert asked_wait(header) == seconds


def test_a_wait_may_be_a_date():
    moment = datetime.now(timezone.utc) + timedelta(seconds=90)
    assert asked_wait(format_datetime(moment, usegmt=True)) == pytest.approx(90, abs=2)
    assert asked_wait("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
    assert asked_wait("Wed, 99 Oct 2015 07:28:00 GMT") is None


def test_pauses_double_and_end():
    progress = Recorder()
    tries = Tries(Patience(attempts=4, first_wait=0.02), progress)
    begin = time.monotonic()
    for _ in range(3):
        tries.failed(Passing("No answer."))
    assert time.monotonic() - begin >= 0.14
    with pytest.raises(ServiceError, match=r"No answer\. It was tried 4 times"):
        tries.failed(Passing("No answer."))


def test_something_that_works_in_the_end_is_returned():
    answers = iter([Passing("a"), Passing("b"), 5])

    def action():
        answer = next(answers)
        if isinstance(answer, Passing):
            raise answer
        return answer

    assert persist(action, QUICK, Recorder()) == 5


def test_other_errors_are_not_waited_for():
    with pytest.raises(KeyError):
        awaited(lambda: {}["x"], Recorder())


def test_a_call_that_hangs_does_not_keep_a_user_who_cancels():
    begin = time.monotonic()
    with pytest.raises(Cancelled):
        awaited(lambda: time.sleep(30), Recorder(cancel_after=1))
    with pytest.raises(Cancelled):
        pause(30, Recorder(cancel_after=2))
    assert time.monotonic() - begin < 10.0
