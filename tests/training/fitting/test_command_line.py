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
