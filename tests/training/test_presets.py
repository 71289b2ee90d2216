# SPDX-License-Identifier: GPL-2.0-or-later
"""Every preset trains through the command line: on tiles made in code, and on a little real data where it is there."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from training.cli import main

CONFIGS = Path(__file__).parents[2] / "training" / "configs"
DATA = Path(__file__).parents[2] / ".." / "shared" / "data"
PRESETS = ("thessaly", "catalonia", "dubai", "achaia", "scl", "hls-worldcover", "hls-dynamic-world")

# What would take minutes here: the network stays what it is, but for the width of the decoder.
QUICK = {
    "model.network.weights": "none",
    "model.network.width": "4",
    "data.batch_size": "2",
    "data.workers": "0",
    "trainer.accelerator": "cpu",
    "trainer.max_epochs": "1",
    "trainer.limit_train_batches": "2",
    "trainer.limit_val_batches": "1",
    "trainer.enable_progress_bar": "false",
    "trainer.enable_model_summary": "false",
    "pictures.tiles": "1",
}


def train(preset: str, dataset: Path, folder: Path) -> dict[str, object]:
    """Fit a preset for two steps and return its checkpoint."""
    options = [part for name, value in QUICK.items() for part in (f"--{name}", value)]
    logger = ["--trainer.logger", "CSVLogger", "--trainer.logger.save_dir", str(folder)]
    config = ["--config", str(CONFIGS / f"{preset}.yaml")]
    assert main(["fit", *config, "--data.folder", str(dataset), *options, *logger]) == 0
    (path,) = folder.rglob("last.ckpt")
    content: dict[str, object] = torch.load(path, weights_only=True)
    return content


@pytest.mark.parametrize("preset", PRESETS)
def test_preset_trains(preset: str, dataset: Path, tmp_path: Path) -> None:
    assert train(preset, dataset, tmp_path)["global_step"] == 2


def prepared(folder: Path, arguments: list[str]) -> Path:
    """Return a dataset folder of tiles of 64 pixels."""
    common = ["--folder", str(folder), "--tile-size", "64", "--edges", "drop", "--validation", "40", "--test", "0"]
    assert main(["prepare", *common, *arguments, "--unchecked"]) == 0
    return folder


def existing(pattern: str, count: int) -> list[str]:
    """Return some real files, or skip the test."""
    found = sorted(str(path) for path in DATA.glob(pattern))[:count]
    if not found:
        pytest.skip(f"there is no {pattern} in the optional folder shared/data")
    return found


@pytest.mark.parametrize("preset", ["thessaly", "catalonia", "achaia", "hls-worldcover"])
def test_preset_trains_on_real_chips(preset: str, tmp_path: Path) -> None:
    images = existing("hls_worldcover/images/*.tif", 3)
    labels = [path.replace("images", "labels") for path in images]
    chips = ["--images", *images, "--labels", *labels, "--gsd", "30", "--bands", "B01 B02 B03 B04 B8A B11 B12 -"]
    dataset = prepared(tmp_path / "tiles", [*chips, "--class-table", "worldcover", "--split", "random"])
    assert train(preset, dataset, tmp_path / "run")["global_step"] == 2


def test_dubai_trains_on_a_real_photograph(tmp_path: Path) -> None:
    (image,) = existing("dubai_aerial/Tile 1/images/*.jpg", 1)
    mask = image.replace("images", "masks").replace(".jpg", ".png")
    photographs = ["--images", image, "--labels", mask, "--values", "stored", "--gsd", "1"]
    dataset = prepared(tmp_path / "tiles", [*photographs, "--class-table", "dubai-aerial", "--split", "random"])
    assert train("dubai", dataset, tmp_path / "run")["global_step"] == 2
