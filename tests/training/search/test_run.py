# SPDX-License-Identifier: GPL-2.0-or-later
"""A search on this machine: trials, a table, the best setting; and one that was killed goes on."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from s2landcover_plugin.core.errors import InputError
from training.cli import main
from training.search.plan import Range, SearchPlan
from training.search.run import BEST, TABLE, SearchRequest, Trial, best_config, search, to_csv

from ..tiles import quick_options

FIGURES = {"mean_iou": 0.5, "accuracy": 0.75, "mean_f1": 0.6, "score": 0.625, "validation_loss": 1.0}
EPOCHS = 3


def options_of_fit(dataset: Path) -> list[str]:
    """Return what all trials have, but for the logger, which is the trial's own."""
    options = quick_options(dataset)
    at = options.index("--trainer.logger.init_args.save_dir")
    return ["--data.folder", str(dataset), *options[:at], *options[at + 4 :], "--pictures.tiles", "0"]


def test_killed_search_goes_on(dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(
        "experiments:\n- {model.optimiser.learning_rate: 0.02}\n- {model.optimiser.learning_rate: 1.0e-9}\n"
    )
    output = tmp_path / "search"
    arguments = ["tune", "--search", str(plan), "--output", str(output), "--concurrent", "1"]
    arguments += [*options_of_fit(dataset), "--trainer.max_epochs", str(EPOCHS)]
    command = [sys.executable, "-m", "training", *arguments]
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 300
    while not list(output.rglob("run/version_0/curves.csv")):
        assert process.poll() is None
        assert time.monotonic() < end, "no trial has started"
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (output / TABLE).exists()
    assert main(arguments) == 0
    rows = list(csv.DictReader((output / TABLE).open()))
    assert [row["model.optimiser.learning_rate"] for row in rows] == ["0.02", "1e-09"]
    assert [int(row["epochs"]) for row in rows] == [EPOCHS, EPOCHS]
    assert float(rows[0]["mean_iou"]) > float(rows[1]["mean_iou"])
    assert yaml.safe_load((output / BEST).read_text()) == {"model": {"optimiser": {"learning_rate": 0.02}}}
    assert str(output / BEST) in capsys.readouterr().out


def test_another_search_does_not_go_on_with_these_trials(tmp_path: Path) -> None:
    (tmp_path / "search.json").write_text("another")
    plan = SearchPlan({"model.loss.dice": Range("grid", (0.0, 1.0))})
    with pytest.raises(InputError, match="holds a search with another plan"):
        search(SearchRequest(plan, tmp_path, ()))


def test_table_has_every_option_and_figure() -> None:
    trials = [Trial({"a": 1}, FIGURES, 3), Trial({"b": "x"}, {}, 0, "ValueError: no")]
    lines = to_csv(trials).splitlines()
    assert lines[0] == "a,b,mean_iou,accuracy,mean_f1,score,validation_loss,epochs,error"
    assert lines[1:] == ["1,,0.5,0.75,0.6,0.625,1.0,3,", ",x,,,,,,0,ValueError: no"]


def test_best_setting_is_a_configuration() -> None:
    trial = Trial({"model.network.skips": 2, "model.loss.dice": 0.5, "data.batch_size": 4}, FIGURES, 3)
    text = best_config(trial, SearchPlan({}, ({},)))
    assert text.startswith("# mean_iou 0.5000 on the validation tiles, after 3 epochs\n")
    assert yaml.safe_load(text) == {
        "model": {"network": {"skips": 2}, "loss": {"dice": 0.5}},
        "data": {"batch_size": 4},
    }
