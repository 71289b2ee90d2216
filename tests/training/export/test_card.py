# SPDX-License-Identifier: GPL-2.0-or-later
"""The model card tells what the run's folder knows."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import yaml

from s2landcover_plugin.core.pages.text import UNDEFINED
from training.cli import main
from training.export.run_record import read_run

from ..byte_tiles import ATTRIBUTION

PLACE = {"pixels": 900, "overall_accuracy": 0.9126, "mean_iou": 0.75, "macro_f1": 0.8, "kappa": None}
CLASSES = {
    "Water": {"reference_pixels": 500, "precision": 0.9, "recall": 0.8, "f1": 0.85, "iou": 0.74},
    "Trees": {"reference_pixels": 400, "precision": 0.5, "recall": 0.4, "f1": 0.44, "iou": 0.29},
}
FIGURES = {"test": {"all": PLACE, "places": {"north|west": PLACE}, "classes": CLASSES}}


def write_test(folder: Path, checkpoint: Path, dataset: str, figures: object, age: int) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "config.yaml").write_text(yaml.safe_dump({"ckpt_path": str(checkpoint), "data": {"folder": dataset}}))
    (folder / "figures.json").write_text(json.dumps(figures))
    os.utime(folder / "figures.json", (1_700_000_000 - age, 1_700_000_000 - age))


@pytest.fixture
def tested(byte_checkpoint: Path, tmp_path: Path) -> Path:
    """A copy of the checkpoint's run, and tests beside it: an older one, the latest, and two that are not its own.

    These are of another run, and on tiles from elsewhere.
    """
    run = tmp_path / "runs" / "version_0"
    (run / "checkpoints").mkdir(parents=True)
    checkpoint = run / "checkpoints" / "best.ckpt"
    checkpoint.write_bytes(byte_checkpoint.read_bytes())
    config = (byte_checkpoint.parent.parent / "config.yaml").read_text()
    (run / "config.yaml").write_text(config)
    dataset = yaml.safe_load(config)["data"]["folder"]
    write_test(run.with_name("version_1"), checkpoint, dataset, {}, 20)
    write_test(run.with_name("version_2"), checkpoint, dataset, FIGURES, 10)
    write_test(run.with_name("version_3"), tmp_path / "other.ckpt", dataset, {"test": {}}, 0)
    write_test(run.with_name("version_4"), checkpoint, str(tmp_path / "elsewhere"), {"test": {}}, 0)
    return checkpoint


def test_run_is_found_from_the_checkpoint(tested: Path) -> None:
    run = read_run(tested)
    assert run.figures == FIGURES
    assert run.attribution == ATTRIBUTION
    assert run.option("trainer", "max_epochs") == 12
    assert run.data_text() == "8 tile(s) of 32 x 32 pixels at 0.5 m, from 8 place(s) in 1 image(s)"


def test_checkpoint_without_a_run_is_no_error(tmp_path: Path) -> None:
    run = read_run(tmp_path / "checkpoints" / "best.ckpt")
    assert (run.config, run.dataset, run.figures, run.attribution) == ({}, None, {}, "")


def test_card_tells_it(tested: Path, tmp_path: Path) -> None:
    options = ("--license", "CC-BY-4.0", "--data-license", "CC0-1.0", "--description", "Blue, green, yellow.")
    assert main(["export", "--checkpoint", str(tested), "--output", str(tmp_path / "photo.onnx"), *options]) == 0
    card = (tmp_path / "photo.md").read_text(encoding="utf-8")
    for line in (
        "# photo, version 1.0",
        "Blue, green, yellow.",
        "| weights' licence | CC-BY-4.0 |",
        "Licence of the data: CC0-1.0.",
        f"**Credit.** {ATTRIBUTION}",
        "| 7 | Sand | #FFFF00 | Bright: dunes, [beaches], {all} |",
        "| train | 8 | 8 |",
        "    width: 8",
        "  max_epochs: 12",
        f"| north\\|west | 900 | 0.913 | 0.750 | 0.800 | {UNDEFINED} |",
        "| Trees | 400 | 0.500 | 0.400 | 0.440 | 0.290 |",
    ):
        assert line in card.splitlines()
    assert "- **Trees**: less than half" in card
    assert "**Water" not in card


def test_model_needs_somebody_to_credit(checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "m.onnx"
    assert main(["export", "--checkpoint", str(checkpoint), "--output", str(output), "--license", "CC0-1.0"]) == 1
    assert "give it with --attribution" in capsys.readouterr().err
