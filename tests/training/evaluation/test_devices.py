# SPDX-License-Identifier: GPL-2.0-or-later
"""Two processes that test an odd number of tiles count each once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from s2landcover_plugin.core.raster import open_raster
from training.evaluation.record import EvaluationRecord

from ..tiles import make_dataset, quick_options

DEVICES = ["--trainer.devices", "2", "--trainer.strategy", "ddp", "--data.batch_size", "1"]


def test_tile_that_fills_up_a_batch_counts_once(checkpoint: Path, tmp_path: Path) -> None:
    folder = tmp_path / "tiles"
    make_dataset(folder, ("train", "train", "validation", "test", "test"))
    options = [*quick_options(tmp_path), *DEVICES, "--baseline.pixels", "40", "--baseline.trees", "2"]
    command = [sys.executable, "-m", "training", "test", "--data.folder", str(folder), "--ckpt_path", str(checkpoint)]
    done = subprocess.run(
        [*command, *options], env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    record = EvaluationRecord.read(tmp_path / "run" / "version_0")
    assert record.tiles("validation") | record.tiles("test") == {"tile-2", "tile-3", "tile-4"}
    assert sum(record.matrix(split).pixels for split in record.splits) == sum(map(labelled_pixels, held_out(folder)))
    assert done.stdout.count("validation, all") == 1, "both processes have printed"


def held_out(folder: Path) -> list[Path]:
    return [folder / "labels" / f"tile-{number}.tif" for number in (2, 3, 4)]


def labelled_pixels(path: Path) -> int:
    with open_raster(str(path)) as reader:
        return int((reader.read() > 0).sum())
