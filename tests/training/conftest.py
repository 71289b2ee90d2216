# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of the training tests."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from training.cli import main

from .tiles import make_dataset, quick_options

# Tiny tensors gain nothing from threads, and lose much where other programs keep the cores busy.
torch.set_num_threads(1)


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset folder of eight training, two validation and two test tiles."""
    folder = tmp_path_factory.mktemp("data") / "tiles"
    make_dataset(folder, ("train",) * 8 + ("validation", "test") * 2)
    return folder


@pytest.fixture(scope="session")
def checkpoint(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint of a short `fit` through the command line."""
    folder = tmp_path_factory.mktemp("fit")
    assert main(["fit", "--data.folder", str(dataset), *quick_options(folder), "--trainer.max_epochs", "12"]) == 0
    (path,) = folder.rglob("best.ckpt")
    return path
