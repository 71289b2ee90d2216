# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

from dataclasses import replace

import pytest

from s2landcover_plugin.core.errors import DatasetError, InputError
from s2landcover_plugin.core.sharpening.network import load_sharpener
from tests.training.sharpening.products import write_product
from training.cli import main
from training.sharpening import export
from training.sharpening.evaluation import SceneFigures, ratio, to_text
from training.sharpening.train import SharpenerRequest, train_sharpener


@pytest.fixture
def scenes(tmp_path):
    for seed, name in enumerate(("taught", "unseen")):
        write_product(tmp_path / "scenes" / name, 48, seed)
    return tmp_path / "scenes"


def request(scenes, output, **options):
    stated = {"name": "tiny", "version": "0.1", "license": "CC0-1.0", "attribution": "nobody"}
    small = {"steps": 60, "batch_size": 4, "crop": 16, "blurs": 2, "width": 8, "blocks": 1, "threads": 1}
    return SharpenerRequest((scenes,), output, **stated, **{**small, **options})


def test_it_learns_from_one_scene_what_helps_on_another(scenes, tmp_path):
    figures = train_sharpener(request(scenes, tmp_path / "net.onnx", hold_out=("unseen",)))
    assert {each.scene for each in figures} == {"unseen"} and len(figures) == 5
    assert ratio(figures) < 0.97
    assert max(each.consistency for each in figures) < 2
    contract = load_sharpener(str(tmp_path / "net.onnx")).contract
    assert contract.bands == ("B05", "B06", "B07", "B8A", "B11", "B12") and contract.context == 8
    assert contract.provenance["data"] == "Sentinel-2 scenes: taught"
    assert contract.provenance["figures"]["rmse_over_regression"] == pytest.approx(ratio(figures))


def test_the_command(scenes, tmp_path, capsys):
    output = tmp_path / "net.onnx"
    options = ["--scenes", str(scenes), "--output", str(output), "--hold-out", "un*", "--steps", "20", "--crop", "16"]
    stated = ["--name", "tiny", "--version", "0.1", "--license", "CC0-1.0", "--attribution", "nobody"]
    small = ["--width", "4", "--blocks", "0", "--blurs", "1", "--batch-size", "2", "--threads", "1"]
    assert main(["sharpener", *options, *stated, *small]) == 0
    printed = capsys.readouterr().out
    assert "unseen" in printed and "mean over scenes and blurs" in printed and str(output) in printed


def test_what_cannot_be_held_out_is_named(scenes, tmp_path):
    wanted = request(scenes, tmp_path / "net.onnx", hold_out=("other",))
    with pytest.raises(DatasetError, match="'other'; there are taught, unseen"):
        train_sharpener(wanted)
    with pytest.raises(DatasetError, match="nothing to learn from"):
        train_sharpener(replace(wanted, hold_out=("*",)))


@pytest.mark.parametrize("option", [{"steps": 5}, {"crop": 4}, {"mixed": 1.5}, {"width": 0}])
def test_impossible_options_are_refused(scenes, tmp_path, option):
    with pytest.raises(InputError, match=f"'{next(iter(option))}'"):
        request(scenes, tmp_path / "net.onnx", **option)


def test_a_file_that_says_something_else_is_not_written(scenes, tmp_path, monkeypatch):
    monkeypatch.setattr(export, "TOLERANCE", -1.0)
    with pytest.raises(export.ModelError, match="differ by"):
        train_sharpener(request(scenes, tmp_path / "net.onnx", steps=20))
    assert not (tmp_path / "net.onnx").exists()


def test_the_table():
    figures = [SceneFigures("a", 0.0, 50.0, 40.0, 0.1), SceneFigures("a", 0.5, 40.0, 36.0, 0.2)]
    assert ratio(figures) == pytest.approx(0.85)
    lines = to_text(figures).splitlines()
    assert lines[1].split() == ["a", "box", "50.0", "40.0", "0.800", "0.10"]
    assert lines[-1].endswith("0.850")
