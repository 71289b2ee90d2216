# SPDX-License-Identifier: GPL-2.0-or-later
"""Counting by tile, on one device and on several."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from torch import distributed

from training.evaluation import counts
from training.evaluation.counts import TileCounts, by_place, count_pairs, from_all_devices


def tile(split: str, place: str, number: int) -> TileCounts:
    return TileCounts(split, place, {"network": np.full((2, 2), number)})


def test_unlabelled_pixels_do_not_count() -> None:
    found, truth = np.array([[1, 2, 2, 3]]), np.array([[1, 1, 2, 0]])
    assert count_pairs(found, truth, 3).tolist() == [[1, 0, 0], [1, 1, 0], [0, 0, 0]]


def test_tiles_add_up_by_split_and_place() -> None:
    tiles = {"b": tile("test", "x", 1), "a": tile("test", "x", 2), "c": tile("validation", "x", 4)}
    first, second = by_place(tiles)
    assert (first.split, first.place, first.tiles) == ("test", "x", ("a", "b"))
    assert first.counts["network"].tolist() == [[3, 3], [3, 3]]
    assert (second.split, second.tiles) == ("validation", ("c",))


@pytest.fixture
def process_group(tmp_path: Path) -> Iterator[None]:
    distributed.init_process_group("gloo", init_method=f"file://{tmp_path}/store", rank=0, world_size=1)
    yield
    distributed.destroy_process_group()


def test_counts_of_a_process_group_are_gathered(process_group: None) -> None:
    assert from_all_devices({"a": tile("test", "x", 1)})["a"].counts["network"].tolist() == [[1, 1], [1, 1]]


def test_tile_that_two_devices_saw_counts_once(process_group: None, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = {"a": tile("test", "x", 1), "b": tile("test", "x", 2)}, {"c": tile("test", "x", 4), "a": shown_again()}

    def gather(parts: list[object], _: object) -> None:
        parts[:] = shown

    monkeypatch.setattr(counts.distributed, "all_gather_object", gather)
    (place,) = by_place(from_all_devices(shown[0]))
    assert place.tiles == ("a", "b", "c")
    assert place.counts["network"][0, 0] == 1 + 2 + 4


def shown_again() -> TileCounts:
    return tile("test", "x", 1)
