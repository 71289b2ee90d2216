# SPDX-License-Identifier: GPL-2.0-or-later
"""The chain through the command line: fit, test, export; and what a user sees when it cannot work."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from s2landcover_plugin.core.legend import Legend
from s2landcover_plugin.core.models.bundled import read_contract
from s2landcover_plugin.core.models.probabilities import softmax
from training.cli import main
from training.evaluation.record import EvaluationRecord

from .tiles import BANDS, LEGEND, SPECTRA, make_dataset, quick_options

EXPORT = ("--name", "tiny", "--version", "0.1", "--license", "CC0-1.0", "--attribution", "Nobody")


def test_checkpoint_holds_plain_values_only(checkpoint: Path) -> None:
    content = torch.load(checkpoint, weights_only=True)
    assert content["hyper_parameters"]["bands"] == list(BANDS)
    assert Legend.from_json(json.loads(content["hyper_parameters"]["classes"])) == LEGEND


def test_fit_learns_and_test_reports_by_split_and_place(
    dataset: Path, checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forest = ("--baseline.pixels", "300", "--baseline.trees", "4")
    options = [*quick_options(tmp_path), *forest]
    assert main(["test", "--data.folder", str(dataset), "--ckpt_path", str(checkpoint), *options]) == 0
    folder = tmp_path / "run" / "version_0"
    figures = json.loads((folder / "figures.json").read_text())
    assert set(figures) == {"validation", "test"}
    assert set(figures["test"]["places"]) == {"test-9", "test-11"}
    assert set(figures["test"]["classes"]) == {"Water", "Trees", "Sand"}
    assert figures["test"]["all"]["overall_accuracy"] > 0.8
    assert "test-11" in capsys.readouterr().out
    # The surfaces differ in every pixel, so that the forest makes no mistake.
    assert figures["test"]["baseline"]["all"]["overall_accuracy"] == 1
    assert figures["test"]["baseline"]["all"]["pixels"] == figures["test"]["all"]["pixels"]
    record = EvaluationRecord.read(folder)
    assert record.model.epochs == torch.load(checkpoint, weights_only=True)["epoch"] + 1
    assert record.model.loss == "0.3 cross_entropy + 1 soft"
    assert "light U-Net, width 8" in (folder / "report.html").read_text()


def test_a_dataset_of_test_tiles_alone_is_tested(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    info = make_dataset(tmp_path / "elsewhere", ("test", "test"), soft=False)
    replace(info, statistics={}, class_pixels={}).write(tmp_path / "elsewhere")
    options = ["--data.folder", str(tmp_path / "elsewhere"), *quick_options(tmp_path)]
    assert main(["test", "--ckpt_path", str(checkpoint), *options]) == 0
    assert "no random forest" in capsys.readouterr().err
    figures = json.loads((tmp_path / "run" / "version_0" / "figures.json").read_text())
    assert list(figures) == ["test"]
    assert figures["test"]["all"]["overall_accuracy"] > 0.8
    assert main(["fit", *options]) == 1
    assert "no tile in the split 'train'" in capsys.readouterr().err


def test_exported_file_maps_spectra_to_their_classes(checkpoint: Path, tmp_path: Path) -> None:
    output = tmp_path / "sub folder" / "modèle.onnx"
    assert main(["export", "--checkpoint", str(checkpoint), "--output", str(output), *EXPORT]) == 0
    session = onnxruntime.InferenceSession(str(output), providers=["CPUExecutionProvider"])
    for position, value in enumerate(LEGEND.values):
        image = np.full((1, 4, 40, 24), 1e-4, np.float32) * np.reshape(SPECTRA[value], (1, 4, 1, 1)).astype(np.float32)
        (scores,) = session.run(None, {"image": image})
        assert scores.shape == (1, 3, 40, 24)
        assert softmax(scores)[0, position].mean() > 0.5


def test_exported_contract_is_complete(checkpoint: Path, tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    figures.write_text('{"test": {"all": {"overall_accuracy": 0.9}}}')
    options = (
        "--levels",
        "L2A",
        "--data",
        "tiles made in code",
        "--data-license",
        "CC0-1.0",
        "--figures",
        str(figures),
    )
    output = tmp_path / "model.onnx"
    assert main(["export", "--checkpoint", str(checkpoint), "--output", str(output), *EXPORT, *options]) == 0
    contract = read_contract(output)
    assert (contract.name, contract.bands, contract.levels) == ("tiny", BANDS, ("L2A",))
    assert contract.legend == LEGEND
    assert (contract.size_multiple, contract.tile_size, contract.activation) == (8, 32, "logits")
    assert contract.provenance["data_license"] == "CC0-1.0"
    assert contract.provenance["figures"]["test"]["all"]["overall_accuracy"] == 0.9


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    assert all(name in text for name in ("fit", "test", "export", "distil", "python -m training COMMAND --help"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fit", "--data.folder", "{tmp}/none"], "is no dataset: it has no dataset.json"),
        (["export", "--checkpoint", "{tmp}/none.ckpt", "--output", "{tmp}/m.onnx", *EXPORT], "There is no checkpoint"),
        (["export", "--checkpoint", "{tmp}/text.ckpt", "--output", "{tmp}/m.onnx", *EXPORT], "is not a checkpoint"),
        (["distil", "--scenes", "{tmp}", "--teacher", "{tmp}/t.onnx", "--output", "{tmp}/d"], "cannot be run"),
    ],
)
def test_errors_are_one_line_and_exit_code_1(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.ckpt").write_text("no checkpoint")
    assert main([part.format(tmp=tmp_path) for part in arguments]) == 1
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert message in errors[0]
    assert not (tmp_path / "m.onnx").exists()


def test_damaged_dataset_stops_before_training(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_dataset(tmp_path / "tiles", ("train", "train", "validation"))
    (tmp_path / "tiles" / "labels" / "tile-1.tif").unlink()
    assert main(["fit", "--data.folder", str(tmp_path / "tiles"), *quick_options(tmp_path)]) == 1
    assert "labels/tile-1.tif" in capsys.readouterr().err
    assert not list(tmp_path.rglob("*.ckpt"))
