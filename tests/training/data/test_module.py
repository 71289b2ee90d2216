# SPDX-License-Identifier: GPL-2.0-or-later
"""Batches of a dataset."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

from training.data.module import TileData

from ..tiles import make_dataset


def test_test_batches_are_validation_and_test_tiles(dataset: Path) -> None:
    data = TileData(dataset, batch_size=4)
    (batch,) = data.test_dataloader()
    assert list(batch.split) == ["validation", "validation", "test", "test"]
    assert batch.image.shape == (4, 4, 32, 32)
    assert batch.probabilities.shape == (4, 3, 32, 32)


def test_each_held_out_tile_is_on_one_of_several_devices(tmp_path: Path) -> None:
    make_dataset(tmp_path, ("train", *("validation",) * 5))
    found: list[str] = []
    for rank in range(2):
        data = TileData(tmp_path, batch_size=2)
        data.trainer = SimpleNamespace(world_size=2, global_rank=rank)  # type: ignore[assignment]
        found += [name for batch in data.val_dataloader() for name in batch.id]
    assert sorted(found) == [f"tile-{number}" for number in range(1, 6)]


def test_tiles_with_rare_classes_are_shown_again_in_training_only(tmp_path: Path) -> None:
    info = make_dataset(tmp_path, ("train", "train", "validation", "test"))
    tiles = [replace(tile, repeat=3 if tile.id in ("tile-1", "tile-3") else 1) for tile in info.tiles]
    replace(info, tiles=tuple(tiles)).write(tmp_path)
    data = TileData(tmp_path, batch_size=1)
    assert len(data.train_dataloader()) == 4
    assert len(data.test_dataloader()) == 2


def test_any_fold_validates(tmp_path: Path) -> None:
    info = make_dataset(tmp_path, ("train",) * 6)
    tiles = tuple(replace(tile, fold=1 + number % 3) for number, tile in enumerate(info.tiles))
    replace(info, tiles=tiles).write(tmp_path)
    data = TileData(tmp_path, batch_size=1, fold=2)
    assert [tile.id for tile in data.info.split("validation")] == ["tile-1", "tile-4"]
    assert (len(data.val_dataloader()), len(data.train_dataloader())) == (2, 4)
