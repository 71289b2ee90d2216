# SPDX-License-Identifier: GPL-2.0-or-later
"""Datasets that cannot be trained on are named before training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from s2landcover_plugin.core.datasets.files import file_problems
from s2landcover_plugin.core.errors import DatasetError
from s2landcover_plugin.core.tiling.dataset import DatasetInfo
from training.data.checks import check_dataset

from ..tiles import BANDS, SIZE, make_dataset, write_raster

NOISE = np.random.default_rng(0).integers(1, 60000, (4, SIZE, SIZE)).astype(np.uint16)


def remove(path: Path) -> None:
    path.unlink()


def truncate(path: Path) -> None:
    write_raster(path, NOISE, BANDS)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])


def shrink(path: Path) -> None:
    write_raster(path, NOISE[:, :16], BANDS)


def drop_band(path: Path) -> None:
    write_raster(path, NOISE[:3], BANDS[:3])


def swap_bands(path: Path) -> None:
    write_raster(path, NOISE, BANDS[::-1])


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (remove, "There is no file"),
        (truncate, ""),
        (shrink, "32 x 16 pixels; expected 32 x 32"),
        (drop_band, "3 band(s); expected 4"),
        (swap_bands, "bands B08, B04, B03, B02; expected B02, B03, B04, B08"),
    ],
)
def test_each_kind_of_damage_is_found(damage: Callable[[Path], None], message: str, tmp_path: Path) -> None:
    info = make_dataset(tmp_path / "tiles", ("train", "validation"))
    assert list(file_problems(tmp_path / "tiles", info)) == []
    damage(tmp_path / "tiles" / "images" / "tile-1.tif")
    (found,) = file_problems(tmp_path / "tiles", info)
    assert found.startswith("images/tile-1.tif: ")
    assert message in found


def test_soft_labels_are_checked_too(tmp_path: Path) -> None:
    info = make_dataset(tmp_path / "tiles", ("train", "validation"))
    remove(tmp_path / "tiles" / "probabilities" / "tile-0.tif")
    assert [line.split(":")[0] for line in file_problems(tmp_path / "tiles", info)] == ["probabilities/tile-0.tif"]


def test_message_lists_ten_and_counts_the_rest(tmp_path: Path) -> None:
    info = make_dataset(tmp_path / "tiles", ("train",) * 11 + ("validation",), soft=False)
    for number in range(12):
        remove(tmp_path / "tiles" / "images" / f"tile-{number}.tif")
    with pytest.raises(DatasetError, match=r"12 file\(s\)") as caught:
        check_dataset(tmp_path / "tiles", info)
    lines = str(caught.value).splitlines()
    assert len(lines) == 12
    assert lines[-1] == "  and 2 more"


@pytest.mark.parametrize("split", ["train", "validation"])
def test_missing_split_is_an_error(split: str, dataset: Path) -> None:
    info = DatasetInfo.read(dataset)
    left = replace(info, tiles=tuple(tile for tile in info.tiles if tile.split != split))
    with pytest.raises(DatasetError, match=f"no tile in the split '{split}'"):
        check_dataset(dataset, left, ("train", "validation"))
    check_dataset(dataset, left)


def test_missing_labels_are_an_error(dataset: Path) -> None:
    with pytest.raises(DatasetError, match="no labels"):
        check_dataset(dataset, replace(DatasetInfo.read(dataset), legend=None))
