# SPDX-License-Identifier: GPL-2.0-or-later
"""What the commands are tried on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.scenes import random_stored, write_scene

SIDE = 128


@pytest.fixture
def inputs(tmp_path: Path) -> tuple[list[str], str, str]:
    """Two images of one place, labels and a mask for both."""
    images = [write_scene(tmp_path / f"T33UUB_2020070{day}.tif", random_stored(SIDE, SIDE, seed=day)) for day in (1, 2)]
    values = np.random.default_rng(3).choice(np.array([0, 1, 4], np.uint8), (1, SIDE, SIDE))
    labels = write_scene(tmp_path / "labels.tif", values, ("c",), scale=1.0, categories={1: "water", 4: "crops"})
    classes = np.full((1, SIDE, SIDE), 4, np.uint8)
    classes[:, :16, :32] = 9
    return images, labels, write_scene(tmp_path / "SCL.tif", classes, ("SCL",), scale=1.0)
