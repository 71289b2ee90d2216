# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests side by side."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from s2landcover_plugin.core.errors import InputError
from s2landcover_plugin.core.legend import Legend
from training.cli import main
from training.evaluation.comparison import compare, to_text
from training.evaluation.comparison_report import html_page
from training.evaluation.record import COUNTS_FILE, EvaluationRecord, PlaceCounts

from ..tiles import LEGEND
from .records import GOOD, POOR, place_of, record_of

OTHER = [[8, 2, 0], [2, 8, 0], [0, 0, 0]]


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Path]:
    def make(name: str, *places: PlaceCounts, **changes: object) -> Path:
        folder = tmp_path / "runs" / name
        folder.mkdir(parents=True)
        record: EvaluationRecord = replace(record_of(*places, network=f"<{name}>"), **changes)
        record.write(folder / COUNTS_FILE)
        return folder

    return make


def test_best_run_comes_first_and_alike_forests_once(run: Callable[..., Path]) -> None:
    comparison = compare(
        [run("poor", place_of("test", "x", POOR, OTHER)), run("good", place_of("test", "x", GOOD, OTHER))]
    )
    assert [row.name for row in comparison.rows] == ["runs/good", "random forest of runs/poor", "runs/poor"]
    assert comparison.warnings == ()
    best, *others = comparison.rows
    assert comparison.is_best(best, "test", "mean_iou")
    assert not any(comparison.is_best(row, "test", "mean_iou") for row in others)
    text = to_text(comparison)
    assert "0.900*" in text
    assert "0.800 " in text


def test_test_tiles_rank_where_all_have_them(run: Callable[..., Path]) -> None:
    first = run("first", place_of("validation", "v", GOOD), place_of("test", "t", POOR))
    second = run("second", place_of("validation", "v", POOR), place_of("test", "t", GOOD))
    third = run("third", place_of("validation", "v", GOOD))
    assert compare([first, second]).rows[0].name == "runs/second"
    with_third = compare([first, second, third])
    assert with_third.ranked == "validation"
    assert with_third.rows[-1].name == "runs/second"
    assert with_third.rows[1].value("test", "mean_iou") is None


def test_runs_that_do_not_compare_are_told_of(run: Callable[..., Path]) -> None:
    standard = run("standard", place_of("test", "x", GOOD))
    tiles = run("tiles", place_of("test", "y", GOOD))
    labels = run("labels", place_of("test", "x", [[8, 0, 0], [1, 10, 0], [0, 0, 0]]))
    legend = Legend((*LEGEND.classes[:2], replace(LEGEND.classes[2], name="Rock")))
    classes = run("classes", place_of("test", "x", GOOD), legend=legend)
    comparison = compare([labels, tiles, standard, classes])
    assert [row.name for row in comparison.rows] == ["runs/labels", "runs/tiles", "runs/standard", "runs/classes"]
    assert comparison.ranked is None
    assert not any(comparison.is_best(row, "test", "mean_iou") for row in comparison.rows)
    assert compare([standard, tiles, labels, classes]).warnings == (
        "runs/tiles was tested on other test tiles than runs/standard; their figures do not compare.",
        "runs/labels was tested against other test labels than runs/standard; their figures do not compare.",
        "runs/classes has other classes than runs/standard; their figures do not compare.",
    )


def test_other_validation_tiles_leave_the_ranking_by_test_tiles(run: Callable[..., Path]) -> None:
    poor = run("poor", place_of("validation", "v", GOOD), place_of("test", "t", POOR))
    good = run("good", place_of("validation", "w", POOR), place_of("test", "t", GOOD))
    comparison = compare([poor, good])
    assert comparison.ranked == "test"
    assert [row.name for row in comparison.rows] == ["runs/good", "runs/poor"]
    assert comparison.is_best(comparison.rows[0], "test", "mean_iou")
    assert not comparison.is_best(comparison.rows[1], "validation", "mean_iou")
    assert len(comparison.warnings) == 1


def test_runs_without_a_common_split_or_given_twice_are_refused(run: Callable[..., Path]) -> None:
    first, second = run("first", place_of("validation", "v", GOOD)), run("second", place_of("test", "t", GOOD))
    with pytest.raises(InputError, match="no split in common"):
        compare([first, second])
    with pytest.raises(InputError, match="given twice"):
        compare([first, first])


def test_command_writes_table_and_page(
    run: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [str(run("poor", place_of("test", "x", POOR))), str(run("good", place_of("test", "y", GOOD)))]
    outputs = ["--table", str(tmp_path / "t.csv"), "--page", str(tmp_path / "p.html")]
    assert main(["compare", *runs, *outputs]) == 0
    first, second = csv.DictReader((tmp_path / "t.csv").open())
    assert first["run"] == "runs/poor"
    assert (second["run"], second["test_overall_accuracy"], second["parameters"]) == ("runs/good", "0.9", "1234")
    page = (tmp_path / "p.html").read_text()
    assert "&lt;good&gt;" in page
    assert "What does not compare" in page
    assert "warning: runs/good was tested on other test tiles" in capsys.readouterr().err


def test_page_marks_the_best(run: Callable[..., Path]) -> None:
    page = html_page(compare([run("good", place_of("test", "x", GOOD)), run("poor", place_of("test", "x", POOR))]))
    assert "<b>90.0" in page
    assert "<b>45.0" not in page
    assert "do not compare" not in page
