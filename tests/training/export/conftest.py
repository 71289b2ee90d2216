# SPDX-License-Identifier: GPL-2.0-or-later
"""A model of bytes, trained through the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.cli import main

from ..byte_tiles import make_byte_dataset
from ..tiles import quick_options


@pytest.fixture(scope="session")
def byte_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint of a short `fit` on photographs."""
    folder = tmp_path_factory.mktemp("bytes")
    make_byte_dataset(folder / "tiles", ("train",) * 8 + ("validation", "test") * 2)
    options = quick_options(folder)
    assert main(["fit", "--data.folder", str(folder / "tiles"), *options, "--trainer.max_epochs", "12"]) == 0
    (path,) = folder.rglob("best.ckpt")
    return path
