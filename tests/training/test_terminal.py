# SPDX-License-Identifier: GPL-2.0-or-later
"""Progress on a terminal and in a log."""

from __future__ import annotations

import sys

import pytest

from training.terminal import TerminalProgress, say


def _work() -> None:
    progress = TerminalProgress()
    for step in range(101):
        progress.fraction(step / 100)
        if step == 55:
            progress.info("Half of it is done.")
    progress.warning("It was much.")
    say("error: no.")


def test_a_log_has_a_line_every_ten_per_cent(capsys: pytest.CaptureFixture[str]) -> None:
    _work()
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if "%" in line] == [f"{percent:3d} %" for percent in range(0, 101, 10)]
    assert lines[6] == "Half of it is done." and lines[-2:] == ["warning: It was much.", "error: no."]


def test_a_message_takes_the_place_of_the_share_done(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    _work()
    text = capsys.readouterr().err
    assert "\r 55 %\rHalf of it is done.\n\r 56 %" in text
    assert text.endswith("\r100 %\n\rwarning: It was much.\n\rerror: no.\n")


def test_a_short_message_leaves_nothing_of_the_share(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    say("No")
    assert capsys.readouterr().err == "\rNo   \n"
