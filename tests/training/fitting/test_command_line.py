# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest

from training.cli import main

from ..tiles import quick_options


def test_help_begins_with_the_packages_own_options(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["fit", "--help"])
    text = capsys.readouterr().out
    assert stopped.value.code == 0
    places = [text.index(f"\n  --{name} ") for name in ("data.folder FOLDER", "model.loss.dice", "trainer.max_epochs")]
    assert places == sorted(places)
    # They would override `--model.optimiser`.
    assert "--optimizer" not in text and "--lr_scheduler" not in text


def test_fit_says_where_the_result_is(dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = [*quick_options(tmp_path), "--trainer.max_epochs", "1", "--pictures.tiles", "0"]
    assert main(["fit", "--data.folder", str(dataset), *options]) == 0
    path = tmp_path / "run" / "version_0" / "checkpoints" / "best.ckpt"
    assert path.is_file() and f"The best checkpoint is {path}." in capsys.readouterr().out


def test_a_run_without_a_validation_tells_of_its_last_checkpoint(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--data.folder", str(dataset), *quick_options(tmp_path)]
    own = ["--trainer.max_epochs", "2", "--trainer.check_val_every_n_epoch", "5", "--trainer.num_sanity_val_steps", "0"]
    assert main(["fit", *options, *own]) == 0
    (last,) = tmp_path.rglob("*.ckpt")
    assert last.name == "last.ckpt"
    assert "last.ckpt" in capsys.readouterr().out
