# SPDX-License-Identifier: GPL-2.0-or-later
"""Two processes share the work of one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import torch

from training.fitting.curves import TABLE

from ..tiles import quick_options

DEVICES = ["--trainer.devices", "2", "--trainer.strategy", "ddp", "--trainer.deterministic", "true"]


def test_two_processes_share_an_epoch(dataset: Path, tmp_path: Path) -> None:
    own = ["--data.batch_size", "2", "--trainer.max_epochs", "6", "--trainer.accumulate_grad_batches", "2"]
    command = [sys.executable, "-m", "training", "fit", "--data.folder", str(dataset), *quick_options(tmp_path), *own]
    done = subprocess.run(
        [*command, *DEVICES], env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "run" / "version_0"
    last = torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)
    # Eight tiles in batches of two are four batches: two a process, and one step in the end.
    assert last["global_step"] == 6
    rows = (folder / TABLE).read_text().splitlines()
    assert len(rows) == 1 + 6
    losses = [float(row.split(",")[1]) for row in rows[1:]]
    assert losses[-1] < losses[0]
    assert not (tmp_path / "run" / "version_1").exists(), "each process has written a run of its own"
