# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import pytest
from qgis.core import QgsProcessingException

from s2landcover_plugin.algorithms.feedback import ProcessingProgress, shown_to_user
from s2landcover_plugin.core.errors import Cancelled, InputError
from tests.algorithms.log import Log


def shown(error):
    log = Log()
    with pytest.raises(QgsProcessingException) as raised, shown_to_user(log):
        raise error
    return str(raised.value), log.lines


def test_errors_raised_on_purpose_are_shown_as_they_are():
    assert shown(InputError("No band B04.\nAdd it.")) == ("No band B04. Add it.", [])
    assert shown(Cancelled()) == ("Cancelled. No output was written.", [])
    assert shown(QgsProcessingException("As it is")) == ("As it is", [])


def test_other_errors_ask_for_a_report_and_leave_their_place_in_the_log():
    message, lines = shown(KeyError("B99"))
    assert message == ("Something went wrong that should not have (KeyError: 'B99'). Please report it with this log.")
    assert any(__file__ in line and "in shown" in line for line in lines)
    assert "memory" in shown(MemoryError())[0]


def test_progress_reaches_processing():
    log = Log()
    progress = ProcessingProgress(log)
    progress.fraction(0.25)
    progress.info("hello")
    progress.warning("careful")
    progress.check()
    assert log.progress() == 25.0
    assert log.lines == ["hello", "warning: careful"]
    log.cancel()
    with pytest.raises(Cancelled):
        progress.check()
