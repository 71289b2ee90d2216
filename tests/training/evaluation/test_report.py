# SPDX-License-Identifier: GPL-2.0-or-later
"""The page of a test."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.evaluation.report import html_page

from .records import GOOD, POOR, place_of, record_of, two_places

FOLDER = Path("runs") / "version_1"


def test_page_has_both_contenders_and_is_escaped() -> None:
    page = html_page(two_places(), FOLDER)
    assert "&lt;here&gt;" in page
    assert "<here>" not in page
    assert "runs/version_1" in page
    assert "confusion matrix, network" in page
    assert "confusion matrix, random forest" in page
    assert "means over the 2 of 3 classes" in page
    assert "(without Sand)" in page
    assert "http:" not in page
    assert "https:" not in page


def test_worst_place_comes_first() -> None:
    page = html_page(two_places(), FOLDER)
    table = page[page.index("place by place") :]
    assert table.index('<th scope="row">there') < table.index('<th scope="row">&lt;here')


def test_page_without_a_forest() -> None:
    page = html_page(record_of(place_of("validation", "x", POOR), place_of("test", "x", GOOD)), FOLDER)
    assert "confusion matrix, random forest" not in page
    assert "Validation tiles: class by class" in page
    assert "Test tiles: class by class" in page
    assert "chosen by the validation tiles" in page


@pytest.mark.parametrize("number", [9, 12])
def test_intervals_are_told_where_there_are_places_enough(number: int) -> None:
    page = html_page(record_of(*(place_of("test", f"p{index}", GOOD, POOR) for index in range(number))), FOLDER)
    assert ("95 % over places" in page) == (number >= 10)
    assert ("macro IoU less the random" in page) == (number >= 10)
