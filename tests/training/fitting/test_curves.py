# SPDX-License-Identifier: GPL-2.0-or-later
"""Learning curves as table and picture."""

from __future__ import annotations

from pathlib import Path

from training.cli import main
from training.fitting.curves import PICTURE, TABLE, draw, to_csv

from ..tiles import quick_options

EPOCHS = [{"epoch": 0, "loss": 1.5, "accuracy": 0.25}, {"epoch": 1, "loss": 1.0, "accuracy": 0.5, "mean_iou": 0.3}]


def test_table_has_a_row_an_epoch_and_leaves_gaps_empty() -> None:
    assert to_csv(EPOCHS) == "epoch,loss,accuracy,mean_iou\n0,1.5,0.25,\n1,1.0,0.5,0.3\n"


def test_picture_shows_every_known_figure() -> None:
    losses, figures = draw(EPOCHS).axes
    assert [line.get_label() for line in losses.lines] == ["training"]
    assert [line.get_label() for line in figures.lines] == ["accuracy", "mean IoU"]
    assert list(losses.lines[0].get_xdata()) == [1, 2]
    assert list(figures.lines[1].get_ydata()) == [0.3]


def test_a_run_leaves_them(checkpoint: Path) -> None:
    folder = checkpoint.parents[1]
    rows = (folder / TABLE).read_text().splitlines()
    assert len(rows) == 1 + 12
    assert rows[0] == "epoch,loss,validation_loss,accuracy,mean_iou,mean_f1"
    assert (folder / PICTURE).read_bytes().startswith(b"\x89PNG")


def test_epochs_without_validation_have_no_figures_of_it(dataset: Path, tmp_path: Path) -> None:
    rare = ["--trainer.max_epochs", "3", "--trainer.check_val_every_n_epoch", "2"]
    assert main(["fit", "--data.folder", str(dataset), *quick_options(tmp_path), *rare]) == 0
    (table,) = tmp_path.rglob(TABLE)
    _, *rows = (line.split(",") for line in table.read_text().splitlines())
    assert [row[2] == "" for row in rows] == [True, False, True]
