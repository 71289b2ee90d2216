# SPDX-License-Identifier: GPL-2.0-or-later
"""Counts survive their file."""

from __future__ import annotations

from pathlib import Path

import pytest

from s2landcover_plugin.core.errors import InputError
from training.evaluation.record import COUNTS_FILE, FOREST, NETWORK, EvaluationRecord

from .records import GOOD, POOR, place_of, record_of, two_places


def test_reading_gives_what_was_written(tmp_path: Path) -> None:
    written = two_places()
    written.write(tmp_path / COUNTS_FILE)
    read = EvaluationRecord.read(tmp_path)
    assert (read.legend, read.model) == (written.legend, written.model)
    assert read.contenders == (NETWORK, FOREST)
    assert [place.place for place in read.places] == ["<here>", "there"]
    assert (read.stack("test", FOREST) == [POOR, GOOD]).all()


def test_splits_stay_apart() -> None:
    record = record_of(place_of("validation", "x", POOR), place_of("test", "x", GOOD), place_of("test", "y", GOOD))
    assert record.splits == ("validation", "test")
    assert record.contenders == (NETWORK,)
    assert record.matrix("test").counts.tolist() == [[16, 0, 0], [4, 20, 0], [0, 0, 0]]
    assert record.tiles("test") == {"x-tile", "y-tile"}


@pytest.mark.parametrize(
    ("text", "message"), [(None, "has no counts.json"), ("{", "not a file of counts"), ("{}", "not a file of counts")]
)
def test_other_folders_are_refused(text: str | None, message: str, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / COUNTS_FILE).write_text(text)
    with pytest.raises(InputError, match=message):
        EvaluationRecord.read(tmp_path)
