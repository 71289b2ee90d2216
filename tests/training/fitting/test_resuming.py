# SPDX-License-Identifier: GPL-2.0-or-later
"""A run that was killed goes on as if it never had been."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import torch

from training.cli import main

from ..tiles import quick_options

EPOCHS = 4


def arguments(dataset: Path, folder: Path) -> list[str]:
    """Return a run with augmentation, moving average and several batches an epoch."""
    options = quick_options(folder)
    at = options.index("--trainer.callbacks")
    del options[at : at + 2]
    own = ["--data.batch_size", "2", "--trainer.max_epochs", str(EPOCHS), "--pictures.tiles", "0"]
    return ["fit", "--data.folder", str(dataset), *options, *own]


def weights(folder: Path) -> dict[str, torch.Tensor]:
    (path,) = [path for path in folder.rglob("last*.ckpt") if _epoch(path) == EPOCHS - 1]
    state: dict[str, torch.Tensor] = torch.load(path, weights_only=True)["state_dict"]
    return state


def _epoch(path: Path) -> int:
    return int(torch.load(path, weights_only=True)["epoch"])


def test_killed_run_resumes_exactly(dataset: Path, tmp_path: Path) -> None:
    assert main(arguments(dataset, tmp_path / "whole")) == 0
    killed = tmp_path / "killed"
    # The first checkpoint is there before the kill, the last epoch is not over.
    slow = ["--trainer.callbacks+", "tests.training.fitting.slowness.Slowness"]
    command = [sys.executable, "-m", "training", *arguments(dataset, killed), *slow]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, env={**os.environ, "OMP_NUM_THREADS": "1"})
    while not list(killed.rglob("last.ckpt")):
        assert process.poll() is None, process.stderr.read().decode()
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    (last,) = killed.rglob("last.ckpt")
    assert _epoch(last) < EPOCHS - 1
    resumed = tmp_path / "resumed"
    assert main([*arguments(dataset, resumed), "--ckpt_path", str(last)]) == 0
    expected, found = weights(tmp_path / "whole"), weights(resumed)
    assert expected.keys() == found.keys()
    assert all(torch.equal(expected[name], found[name]) for name in expected)
