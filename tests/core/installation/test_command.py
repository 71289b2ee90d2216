# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import sys
import time

import pytest

from s2landcover_plugin.core.errors import Cancelled
from s2landcover_plugin.core.installation.command import run
from s2landcover_plugin.core.progress import SilentProgress
from tests.listeners import Recorder


def python(code):
    return [sys.executable, "-c", code]


def test_lines_of_both_streams_are_heard_and_returned(tmp_path):
    listener = Recorder()
    code = "import os, sys; print('ä', os.environ['WORD'], flush=True); sys.exit(os.getcwd())"
    finished = run(python(code), {"WORD": "hello"}, tmp_path, listener)
    assert finished.code == 1
    assert finished.lines == ("ä hello", str(tmp_path))
    assert listener.infos == list(finished.lines)


def test_cancelling_ends_the_program(tmp_path):
    code = "import time, pathlib; print('started', flush=True); time.sleep(30); pathlib.Path('late').write_text('')"
    begin = time.monotonic()
    with pytest.raises(Cancelled):
        run(python(code), {}, tmp_path, Recorder(cancel_after=3))
    assert time.monotonic() - begin < 20
    assert list(tmp_path.iterdir()) == []


def test_a_program_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        run([str(tmp_path / "nothing")], {}, tmp_path, SilentProgress())
