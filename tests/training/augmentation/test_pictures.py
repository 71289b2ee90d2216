# SPDX-License-Identifier: GPL-2.0-or-later
"""The picture of what augmentation does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from training.augmentation.options import AugmentationOptions
from training.augmentation.pictures import AugmentationPicture, write_picture
from training.cli import main

from ..tiles import make_dataset


def test_a_row_for_each_change(dataset: Path, tmp_path: Path) -> None:
    heights = []
    for number, options in enumerate((AugmentationOptions(), AugmentationOptions(haze=0.2, crop_sizes=(16,)))):
        path = tmp_path / f"{number}.png"
        write_picture(AugmentationPicture(dataset, options, path, tiles=2))
        picture = imread(path)
        heights.append(picture.shape[0])
    # As they are, turn, illumination, band gain, all together; and two more.
    assert heights == [5 * 115, 7 * 115]


def test_seed(dataset: Path, tmp_path: Path) -> None:
    pictures = []
    for number, seed in enumerate((1, 1, 2)):
        path = tmp_path / f"{number}.png"
        write_picture(AugmentationPicture(dataset, AugmentationOptions(haze=0.5), path, tiles=1, seed=seed))
        pictures.append(imread(path))
    assert np.array_equal(pictures[0], pictures[1]) and not np.array_equal(pictures[0], pictures[2])


def test_command(dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "picture.png"
    arguments = [
        "augmentation",
        str(dataset),
        "--output",
        str(path),
        "--tiles",
        "1",
        "--data.augmentation.noise",
        "0.1",
    ]
    assert main(arguments) == 0
    assert path.read_bytes().startswith(b"\x89PNG") and capsys.readouterr().out.strip() == str(path)
    assert main(["augmentation", str(dataset), "--output", str(path), "--data.augmentation.fog", "1"]) == 1
    assert "fog" in capsys.readouterr().err


def test_nothing_to_show(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_dataset(tmp_path / "tiles", ("validation",))
    assert main(["augmentation", str(tmp_path / "tiles"), "--output", str(tmp_path / "picture.png")]) == 1
    assert "there is nothing to show" in capsys.readouterr().err
    assert not (tmp_path / "picture.png").exists()
