# SPDX-License-Identifier: GPL-2.0-or-later
"""Tiles as tensors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from s2landcover_plugin.core.errors import RasterError
from s2landcover_plugin.core.tiling.dataset import DatasetInfo
from training.data.tiles import TileDataset

from ..tiles import BANDS, SIZE, labels_of, make_dataset, write_raster


def test_sample_holds_reflectance_and_positions_in_the_legend(dataset: Path) -> None:
    info = DatasetInfo.read(dataset)
    sample = TileDataset(dataset, info, info.split("test"))[0]
    truth = labels_of(9)[0]
    assert sample.place == "test-9"
    water = torch.from_numpy(truth == 1)
    assert torch.allclose(sample.image[:, water].mean(dim=1), torch.tensor([0.05, 0.04, 0.03, 0.01]))
    expected = np.select([truth == 1, truth == 4, truth == 7], [1, 2, 3], 0)
    np.testing.assert_array_equal(sample.labels.numpy(), expected)
    np.testing.assert_array_equal(sample.probabilities.sum(dim=0).numpy(), expected > 0)


def test_nodata_pixels_have_no_label(dataset: Path, tmp_path: Path) -> None:
    info = make_dataset(tmp_path / "tiles", ("train",))
    image = np.full((4, SIZE, SIZE), 1000, dtype=np.uint16)
    image[2, :, :20] = 0
    write_raster(tmp_path / "tiles" / "images" / "tile-0.tif", image, BANDS, nodata=0, scale=0.0001)
    sample = TileDataset(tmp_path / "tiles", info, info.tiles)[0]
    assert not sample.labels[:, :20].any()
    assert not sample.probabilities[:, :, :20].any()
    assert (sample.labels[:, 20:] > 0).sum() == (labels_of(0)[0, :, 20:] > 0).sum()


def test_dataset_without_soft_labels_gives_none(tmp_path: Path) -> None:
    info = make_dataset(tmp_path / "tiles", ("train",), soft=False)
    assert TileDataset(tmp_path / "tiles", info, info.tiles)[0].probabilities.shape == (0, 32, 32)


@pytest.mark.parametrize(("tiles", "kept"), [(0, 0), (1, 1), (5, 2)])
def test_tiles_are_kept_as_far_as_there_is_room(tiles: int, kept: int, tmp_path: Path) -> None:
    info = make_dataset(tmp_path / "tiles", ("train", "train"))
    one = SIZE * SIZE * (4 * 2 + 1 + 1 + 3)
    data = TileDataset(tmp_path / "tiles", info, info.tiles, tiles * one)
    first = [data[index] for index in range(2)]
    for path in (tmp_path / "tiles").rglob("*.tif"):
        path.unlink()
    for index in range(2):
        if index < kept:
            assert torch.equal(data[index].image, first[index].image)
            assert torch.equal(data[index].labels, first[index].labels)
            assert torch.equal(data[index].probabilities, first[index].probabilities)
        else:
            with pytest.raises(RasterError, match="There is no file"):
                data[index]
