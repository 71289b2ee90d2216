# SPDX-License-Identifier: GPL-2.0-or-later
"""Every fold is held out once, and nothing is done twice."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from s2landcover_plugin.core.errors import DatasetError, InputError, LandCoverError
from s2landcover_plugin.core.progress import SilentProgress
from training.evaluation.crossvalidation import CrossValidation, CrossValidationRequest, crossvalidate, run_as_process
from training.evaluation.crossvalidation_report import document, html_page, to_csv, to_text, write_crossvalidation
from training.evaluation.record import COUNTS_FILE, EvaluationRecord

from ..tiles import make_dataset
from .records import GOOD, POOR, place_of, record_of


class Runs:
    """Stands for `fit` and `test`: remembers what it was asked for, and leaves the files that they leave."""

    def __init__(self, place: str = "place {fold}", fails_in: tuple[str, str] = ("", "")) -> None:
        self.calls: list[tuple[str, dict[str, str]]] = []
        self._place = place
        self._fails_in = fails_in

    def __call__(self, arguments: list[str]) -> None:
        command, rest = arguments[0], arguments[1:]
        options = dict(zip(rest[::2], rest[1::2]))
        self.calls.append((command, options))
        logger = "--trainer.logger.init_args."
        folder = Path(*(options[logger + part] for part in ("save_dir", "name", "version")))
        (folder / "checkpoints").mkdir(parents=True, exist_ok=True)
        fold = options["--data.fold"]
        if command == "fit":
            (folder / "checkpoints" / "last.ckpt").touch()
        if (command, fold) == self._fails_in:
            raise LandCoverError("killed")
        if command == "test":
            place = self._place.format(fold=fold)
            counts = (GOOD, POOR) if fold == "1" else (POOR, POOR)
            held_out = place_of("validation", place, *counts, tiles=(f"tile-{fold}",))
            record_of(held_out, place_of("test", "kept back", GOOD, POOR)).write(folder / COUNTS_FILE)

    @property
    def commands(self) -> list[str]:
        return [f"{command} {options['--data.fold']}" for command, options in self.calls]


@pytest.fixture
def request_(tmp_path: Path) -> CrossValidationRequest:
    info = make_dataset(tmp_path / "tiles", ("train", "train", "test"), soft=False)
    folds = (1, 2, None)
    replace(info, tiles=tuple(replace(tile, fold=fold) for tile, fold in zip(info.tiles, folds))).write(
        tmp_path / "tiles"
    )
    options = ("--model.network.width", "8", "--data.fold", "7")
    return CrossValidationRequest(tmp_path / "results", tmp_path / "tiles", options)


def run_all(request: CrossValidationRequest, runs: Runs) -> CrossValidation:
    return crossvalidate(request, runs, SilentProgress())


def test_each_fold_is_fitted_and_tested_with_the_options_of_fit(request_: CrossValidationRequest) -> None:
    runs = Runs()
    result = run_all(request_, runs)
    assert runs.commands == ["fit 1", "test 1", "fit 2", "test 2"]
    assert all(options["--model.network.width"] == "8" for _, options in runs.calls)
    assert "--ckpt_path" not in runs.calls[0][1]
    assert runs.calls[1][1]["--ckpt_path"] == str(request_.output / "fold-1" / "fit" / "checkpoints" / "last.ckpt")
    assert [item.fold for item in result.folds] == [1, 2]


def test_best_checkpoint_is_tested_when_asked_for(request_: CrossValidationRequest) -> None:
    runs = Runs()
    result = run_all(replace(request_, checkpoint="best"), runs)
    assert runs.calls[1][1]["--ckpt_path"].endswith("best.ckpt")
    assert "chosen by the held-out fold itself" in html_page(result)


@pytest.mark.parametrize(
    ("fails_in", "left"), [(("fit", "2"), ["fit 2", "test 2"]), (("test", "2"), ["test 2"]), (("", ""), [])]
)
def test_interrupted_call_goes_on(fails_in: tuple[str, str], left: list[str], request_: CrossValidationRequest) -> None:
    if fails_in[0]:
        with pytest.raises(LandCoverError, match="killed"):
            run_all(request_, Runs(fails_in=fails_in))
    else:
        run_all(request_, Runs())
    again = Runs()
    assert len(run_all(request_, again).folds) == 2
    assert again.commands == left
    if fails_in == ("fit", "2"):
        last = request_.output / "fold-2" / "fit" / "checkpoints" / "last.ckpt"
        assert again.calls[0][1]["--ckpt_path"] == str(last)


def test_results_of_other_options_are_not_mixed(request_: CrossValidationRequest) -> None:
    run_all(request_, Runs())
    for other in (replace(request_, options=()), replace(request_, checkpoint="best")):
        with pytest.raises(InputError, match="with other options"):
            run_all(other, Runs())
    with (request_.dataset / "dataset.json").open("a") as file:
        file.write("\n")
    with pytest.raises(InputError, match="another dataset"):
        run_all(request_, Runs())


def test_dataset_without_folds_is_refused(tmp_path: Path) -> None:
    make_dataset(tmp_path / "tiles", ("train", "validation"), soft=False)
    with pytest.raises(DatasetError, match="has 0 folds"):
        run_all(CrossValidationRequest(tmp_path / "results", tmp_path / "tiles", ()), Runs())


def test_figures_of_folds_and_pooled(request_: CrossValidationRequest) -> None:
    result = run_all(request_, Runs())
    found = document(result)
    # Accuracies of 0.9 and 0.45.
    assert found["mean"]["overall_accuracy"]["mean"] == pytest.approx(0.675)
    assert found["mean"]["overall_accuracy"]["deviation"] == pytest.approx(0.45 / 2**0.5)
    assert found["baseline_mean"]["overall_accuracy"] == {"mean": 0.45, "deviation": 0}
    assert found["pooled"]["confusion"] == [[12, 5, 0], [8, 15, 0], [0, 0, 0]]
    assert result.pooled.splits == ("validation",)
    rows = list(csv.DictReader(io.StringIO(to_csv(result))))
    assert [(row["fold"], row["method"], row["tiles"]) for row in rows] == [
        ("1", "network", "1"),
        ("1", "forest", "1"),
        ("2", "network", "1"),
        ("2", "forest", "1"),
        ("pooled", "network", "2"),
        ("pooled", "forest", "2"),
    ]
    assert "0.675 ± 0.318" in to_text(result)


def test_files_are_written_and_can_be_compared(request_: CrossValidationRequest) -> None:
    result = run_all(request_, Runs())
    write_crossvalidation(result)
    assert {"report.html", "crossvalidation.json", "crossvalidation.csv"} <= {
        path.name for path in request_.output.iterdir()
    }
    assert json.loads((request_.output / "crossvalidation.json").read_text())["checkpoint"] == "last"
    assert EvaluationRecord.read(request_.output).tiles("validation") == {"tile-1", "tile-2"}
    page = html_page(result)
    assert "which no tile has chosen" in page
    assert "in more than one fold" not in page


def test_place_in_several_folds_is_told_and_counted_once(request_: CrossValidationRequest) -> None:
    result = run_all(request_, Runs(place="the same"))
    assert "Places in more than one fold: 1." in html_page(result)
    (place,) = result.pooled.places
    assert place.tiles == ("tile-1", "tile-2")


def test_failed_process_stops_with_an_error() -> None:
    with pytest.raises(LandCoverError, match=r"'compare' has failed \(exit code 1\)"):
        run_as_process(["compare", "no-such-folder"])
